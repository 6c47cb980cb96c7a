"""The workers: as many as are wanted, whatever happens to one of them."""

import asyncio
import logging
import signal
import socket
import time
from collections.abc import Coroutine
from typing import Any

from router.core.totals import Totals, lasting, merged
from router.serve.hand import Hand
from router.serve.options import Options

READY_S = 30.0
"""What a worker may take from its start until it serves."""
STEADY_S = 10.0
"""A worker that lived as long did not die of its start."""
LONGEST_PAUSE_S = 5.0
SLACK_S = 3.0
"""What a worker may take longer than the grace time, until it is killed."""

log = logging.getLogger("router")


def pause_s(deaths: int) -> float:
    """How long to wait before the next worker, after so many quick deaths in a row."""
    return 0.0 if deaths == 0 else min(LONGEST_PAUSE_S, 0.1 * 2.0 ** min(deaths, 10))


class Crew:
    """`hands` are the workers that live, `retired` what those that have gone had counted.

    `hash` is of the configuration that a worker took last: the next one begins with that.
    `has_begun` is set once all have been there.
    """

    def __init__(self, door: socket.socket, options: Options) -> None:
        self.wanted = options.workers
        self.hands: list[Hand] = []
        self.retired: list[Totals] = []
        self.restarts = {"died": 0, "rolled": 0}
        self.hash = ""
        self.has_begun = False
        self.stopping = asyncio.Event()
        self._content: str | None = None
        self._door = door
        self._options = options
        self._quick_deaths = 0
        self._hiring = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def ready(self) -> list[Hand]:
        """Those who take connections."""
        return [hand for hand in self.hands if hand.is_ready]

    @property
    def staying(self) -> list[Hand]:
        """Those who were not told to go."""
        return [hand for hand in self.hands if not hand.is_dismissed]

    async def first(self) -> Hand:
        """Start the first worker, which shows whether any can serve: it says itself why not."""
        async with self._hiring:
            return await self._hire()

    async def begin(self, first: Hand) -> bool:
        """Start the others once *first* serves; whether it does."""
        await first.settled.wait()
        if not first.is_ready:
            return False
        await asyncio.gather(*(self._fill() for _ in range(1, self.wanted)))
        await asyncio.gather(*(hand.settled.wait() for hand in self.hands))
        self.has_begun = True
        return True

    async def replace(self) -> str | None:
        """Replace each worker by a new one; None, or why some are still the old ones."""
        old = self.staying
        for number, hand in enumerate(old, 1):
            async with self._hiring:
                if self.stopping.is_set():
                    return "the router is being stopped"
                if hand.is_gone:
                    continue  # and replaced already
                new = await self._hire()
            await new.settled.wait()
            if self.stopping.is_set():
                return "the router is being stopped"
            if not new.is_ready:
                kept = len(old) - number + 1
                return f"the new worker did not become ready ({new.end}); {kept} old ones serve on"
            hand.dismiss(keep_idle=True)
            self.restarts["rolled"] += 1
            log.info("worker %d takes over from %d: %d of %d", new.pid, hand.pid, number, len(old))
        return None

    async def stop(self, grace_s: float) -> None:
        """Have all finish what they have and go; whoever takes too long is killed."""
        async with self._hiring:
            self.stopping.set()
        for hand in self.hands:
            hand.dismiss(keep_idle=False)
        try:
            async with asyncio.timeout(grace_s + SLACK_S):
                await self._all_gone()
        except TimeoutError:
            for hand in self.hands:
                log.warning("worker %d does not stop: killed", hand.pid)
                hand.send(signal.SIGKILL)
            await self._all_gone()

    def tell(self, word: str) -> None:
        """Say *word* to all."""
        for hand in self.hands:
            hand.tell(word)

    async def _all_gone(self) -> None:
        while self.hands:
            await asyncio.gather(*(hand.gone() for hand in self.hands))
            await asyncio.sleep(0)  # until each is off the list

    async def _hire(self) -> Hand:
        """Start one worker. Whoever calls has the lock, so that none is started too many."""
        begin = {"options": self._options.to_wire(), "in_force": self._content}
        hand = await Hand.start(self._door, begin, self._take, self._spread)
        self.hands.append(hand)
        self._spawn(self._see_to(hand))
        return hand

    def _spread(self, speaker: Hand, news: Any) -> None:
        """Have the others hear what one of them has seen."""
        for hand in self.hands:
            if hand is not speaker:
                hand.hear(news)

    def _take(self, digest: str, content: str) -> None:
        self.hash, self._content = digest, content

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _see_to(self, hand: Hand) -> None:
        """Follow *hand* through its life, and replace it should it die."""
        try:
            async with asyncio.timeout(READY_S):
                await hand.settled.wait()
        except TimeoutError:
            log.warning("worker %d is not ready after %g s: killed", hand.pid, READY_S)
            hand.send(signal.SIGKILL)
        began_well = hand.is_ready
        await hand.gone()
        self.hands.remove(hand)
        self.retired = merged([self.retired, lasting(hand.totals)])
        if hand.is_dismissed or self._content is None:  # none has served yet: no use to try again
            return
        log.error("worker %d ended (%s)", hand.pid, hand.end)
        steady = began_well and time.monotonic() - hand.began >= STEADY_S
        self._quick_deaths = 0 if steady else self._quick_deaths + 1
        await asyncio.sleep(pause_s(self._quick_deaths - 1))
        await self._fill(instead_of=hand)

    async def _fill(self, instead_of: Hand | None = None) -> None:
        """Start a worker where one lacks, however often that takes."""
        while True:
            async with self._hiring:
                if self.stopping.is_set() or len(self.staying) >= self.wanted:
                    return
                try:
                    hand = await self._hire()
                except OSError as error:
                    log.warning("no worker can be started: %s", error)
                else:
                    break
            await asyncio.sleep(LONGEST_PAUSE_S)
        if instead_of is not None:
            self.restarts["died"] += 1
            log.info("worker %d is started instead of %d", hand.pid, instead_of.pid)

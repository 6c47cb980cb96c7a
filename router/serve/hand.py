"""One worker as the supervisor sees it: its process, what it says, and how it is spoken to."""

import asyncio
import contextlib
import itertools
import signal
import socket
import time
from asyncio.subprocess import Process
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import Any

from router.core.totals import Totals, from_wire
from router.edge.channel import Channel, Message
from router.serve.starting import command

GATHER_S = 0.8
"""Within a second the admin port answers, also if a worker does not."""


class State(StrEnum):
    """Where a worker is in its life. One that is ready takes connections."""

    STARTING = "starting"
    READY = "ready"
    DRAINING = "draining"
    GONE = "gone"


Took = Callable[[str, str], None]
"""Told of a configuration that a worker took: its hash, and its text as it goes over the wire."""

Spread = Callable[["Hand", Any], None]
"""Told by a worker what the other workers are to hear."""


class Hand:
    """A worker. `totals` are the last that it told, `settled` is set once it is ready or gone."""

    def __init__(self, process: Process, channel: Channel, took: Took, spread: Spread) -> None:
        self.state = State.STARTING
        self.began = time.monotonic()
        self.totals: list[Totals] = []
        self.settled = asyncio.Event()
        self.is_dismissed = False
        self._process = process
        self._channel = channel
        self._took = took
        self._spread = spread
        self._numbers = itertools.count()
        self._asked: dict[int, asyncio.Future[Any]] = {}
        self._life = asyncio.create_task(self._live())

    @classmethod
    async def start(cls, door: socket.socket, begin: Message, took: Took, spread: Spread) -> "Hand":
        """Start a worker that takes connections from *door*, and tell it how to *begin*."""
        ours, theirs = socket.socketpair()
        with theirs:
            process = await asyncio.create_subprocess_exec(
                *command(door.fileno(), theirs.fileno()),
                pass_fds=(door.fileno(), theirs.fileno()),
                stdin=asyncio.subprocess.DEVNULL,
            )
        channel = await Channel.over(ours)
        channel.send({"do": "begin", **begin})
        return cls(process, channel, took, spread)

    @property
    def pid(self) -> int:
        """Its process."""
        return self._process.pid

    @property
    def is_ready(self) -> bool:
        """Whether it takes connections."""
        return self.state is State.READY

    @property
    def is_gone(self) -> bool:
        """Whether its process has ended."""
        return self.state is State.GONE

    @property
    def end(self) -> str:
        """How it ended, in words."""
        code = self._process.returncode
        if code is not None and code < 0:
            return f"killed by {signal.Signals(-code).name}"
        return f"exit code {code}"

    def tell(self, word: str, **also: Any) -> None:
        """Say what it is to do."""
        self._channel.send({"do": word, **also})

    def hear(self, news: Any) -> None:
        """Pass on what another worker has seen; one that reads nothing is spared it."""
        if self.state in (State.READY, State.DRAINING) and self._channel.is_read:
            self.tell("hear", news=news)

    def dismiss(self, *, keep_idle: bool) -> None:
        """Have it take no more connections, finish what it has, and end.

        With *keep_idle* clients that have nothing under way may ask once more.
        """
        self.is_dismissed = True
        if self.state is State.STARTING:
            self.send(signal.SIGTERM)  # it may not be listening to words yet
        else:
            self.tell("drain", keep_idle=keep_idle)
            self.state = State.DRAINING

    def send(self, number: signal.Signals) -> None:
        """Send it a signal."""
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(number)

    async def ask(self, question: str, *, within_s: float = GATHER_S, **also: Any) -> Any:
        """Its answer; None if it gives none in time."""
        if self.is_gone:
            return None
        number = next(self._numbers)
        answer = self._asked[number] = asyncio.get_running_loop().create_future()
        self._channel.send({"do": "answer", "number": number, "question": question, **also})
        try:
            async with asyncio.timeout(within_s):
                return await answer
        except TimeoutError:
            return None
        finally:
            del self._asked[number]

    async def gone(self) -> None:
        """Wait until its process has ended and all that it said has been heard."""
        await asyncio.shield(self._life)

    async def _live(self) -> None:
        await self._channel.listen(self._hear)
        await self._channel.close()  # it waits for that, as it may not be sure to be heard before
        await self._process.wait()
        self.state = State.GONE
        self.settled.set()
        for answer in self._asked.values():
            if not answer.done():
                answer.set_result(None)

    def _hear(self, message: Message) -> None:
        match message:
            case {"told": "totals", "totals": totals}:
                self.totals = from_wire(totals)
                if len(self.totals) < len(totals):
                    self._channel.pass_over("metrics of a kind that is not known here")
            case {"told": "took", "hash": str(digest), "content": str(content)}:
                self._took(digest, content)
            case {"told": "news", "news": news}:
                self._spread(self, news)
            case {"told": "ready"}:
                if self.state is State.STARTING and not self.is_dismissed:
                    self.state = State.READY
                self.settled.set()
            case {"told": "going"}:
                self.state = State.DRAINING
            case {"told": "answer", "number": number, "answer": answer}:
                asked = self._asked.get(number)
                if asked is not None and not asked.done():
                    asked.set_result(answer)


async def ask_all(hands: Sequence[Hand], question: str, **also: Any) -> Mapping[Hand, Any]:
    """The answers of those who gave one in time."""
    answers = await asyncio.gather(*(hand.ask(question, **also) for hand in hands))
    both = zip(hands, answers, strict=True)
    return {hand: answer for hand, answer in both if answer is not None}

"""Exchanges played no faster than they can be compared, until enough are or a bug is found."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import cycle
from typing import Any

import aiohttp

from dev.stack import Stack

ROUTE = "wod"
AT_ONCE = 8
ROOM = 16
"""Exchanges that may wait to be compared: a worker drops what is beyond 16."""
NOT_COMPARED = ("dropped", "unanswered")
"""What may come of an exchange on a machine that stood still: it is made up for by another."""
LOOK_S, PAUSE_S = 0.03, 0.01
STUCK_S = 60.0


class Stuck(Exception):
    """Nothing was compared for long; the message says what was."""


@dataclass
class Book:
    """What the router says of its comparisons."""

    verdicts: Counter[str] = field(default_factory=Counter)
    pairs: int = 0
    controls: int = 0
    paths: list[dict[str, Any]] = field(default_factory=list)

    @property
    def judged(self) -> int:
        """Sampled exchanges of which something came."""
        return self.verdicts.total()

    @property
    def is_found(self) -> bool:
        """Whether a mismatch is called so."""
        return any(path["mismatch"] for path in self.paths)


def told(stack: Stack) -> Book:
    """`/compare` of the admin port."""
    book = json.loads(stack.page("/compare"))[ROUTE]
    return Book(Counter(book["verdicts"]), book["pairs"], book["controls"], book["paths"])


@dataclass
class Play:
    """A play under way: what was sent, what came, and what the router has judged of it.

    *degraded* are answers of which coach said itself that it had not had the user's history.
    """

    stack: Stack
    people: Iterator[str]
    is_over: Callable[["Play"], bool]
    at_once: int = AT_ONCE
    room: int = ROOM
    sent: int = 0
    answers: Counter[str] = field(default_factory=Counter)
    degraded: int = 0
    book: Book = field(default_factory=Book)
    before: int = 0

    @property
    def judged(self) -> int:
        """Sampled exchanges of this play of which something came."""
        return self.book.judged - self.before

    @property
    def compared(self) -> int:
        """Exchanges that were, or are about to be."""
        verdicts = self.book.verdicts
        return self.sent - sum(verdicts[one] for one in NOT_COMPARED)

    @property
    def open(self) -> int:
        """Exchanges that are under way or not yet judged; what coach did not answer never is."""
        lost = self.answers.total() - self.answers["200 by coach"]
        return self.sent - lost - self.judged


async def played(
    stack: Stack, tokens: dict[str, str], is_over: Callable[[Play], bool], *, one_by_one: bool
) -> Play:
    """Play until *is_over*; *one_by_one*: look at the book after each exchange."""
    play = Play(stack, cycle(tokens), is_over)
    if one_by_one:
        play.at_once = play.room = 1
    play.book = told(stack)
    play.before = play.book.judged
    async with aiohttp.ClientSession() as session, watched(play):
        askers = (asking(play, session, tokens) for _ in range(play.at_once))
        await asyncio.gather(*askers)
        await until(play, lambda: play.open <= 0)
    return play


@asynccontextmanager
async def watched(play: Play) -> AsyncIterator[None]:
    """Keep the book up to date during the block."""
    task = asyncio.create_task(watch(play))
    try:
        yield
    finally:
        task.cancel()


async def watch(play: Play) -> None:
    """Look at the book again and again."""
    while True:
        play.book = await asyncio.to_thread(told, play.stack)
        await asyncio.sleep(LOOK_S)


async def asking(play: Play, session: aiohttp.ClientSession, tokens: dict[str, str]) -> None:
    """Ask as one user after the other, where there is room for it."""
    while not play.is_over(play):
        if play.open >= play.room:
            await until(play, lambda: play.open < play.room or play.is_over(play))
            continue
        play.sent += 1
        headers = {"Authorization": f"Bearer {tokens[next(play.people)]}"}
        async with session.get(f"{play.stack.url}/fitness/wod", headers=headers) as answer:
            await answer.read()
            play.degraded += "X-Coach-Degraded" in answer.headers
            play.answers[f"{answer.status} by {answer.headers.get('X-Served-By')}"] += 1


async def until(play: Play, is_so: Callable[[], bool]) -> None:
    """Wait until it is so; `Stuck` if it never comes to be.

    Looks are counted, not seconds: a machine that stood still has not been waited for.
    """
    for _ in range(round(STUCK_S / PAUSE_S)):
        if is_so():
            return
        await asyncio.sleep(PAUSE_S)
    raise Stuck(f"{play.sent} sent, {dict(play.answers)}, {dict(play.book.verdicts)}")

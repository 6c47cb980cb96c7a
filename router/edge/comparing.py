"""Answers compared with what the other upstream says, after the client has its own.

A few are asked at a time; what there is no room for is dropped and counted. No exchange waits for
any of it, and no upstream that lets clients wait is asked.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from functools import partial
from random import Random
from typing import Any

from router.core.comparing.book import Book, Verdict
from router.core.comparing.judging import Asked, Found, judge
from router.core.comparing.lateness import Lateness, lateness_by
from router.core.comparing.reading import Answer
from router.core.comparing.sampling import is_sampled
from router.core.deciding import Decision
from router.core.model import Cohort, Compare, Reason, Route, Snapshot, Upstream
from router.core.record import Record
from router.edge.metrics import Metrics
from router.edge.protections import Protections
from router.edge.upstream.attempt import Attempt, Wanted
from router.edge.upstream.pool import Pools
from router.edge.upstream.whole import whole_answer
from router.edge.upstream.wire import Connection

AT_ONCE = 2
"""So few that legacy, which is slow, is not doubled by it."""
QUEUE = 16
PATIENCE_S = 10.0
"""What has waited for longer is dropped: by now the user's data may be other data."""

NOT_TWICE = (b"\r\nif-", b"\r\nrange:", b"\r\nexpect:", b"\r\nupgrade:")
"""Fields by which a request is about what one upstream said before, or for it alone."""

log = logging.getLogger("router")

Key = tuple[str, Compare, str, str]
"""What a book is about: evidence by other rules, or on other upstreams, is none."""

Job = Callable[[], Awaitable[None]]


class Pair:
    """An exchange that is to be compared, from its commit on. Times are monotonic seconds."""

    __slots__ = (
        "answer",
        "asked",
        "candidate",
        "compare",
        "connection",
        "ended",
        "record",
        "route",
    )

    def __init__(
        self,
        route: Route,
        compare: Compare,
        candidate: Upstream,
        asked: Wanted,
        record: Record,
        connection: Connection,
    ) -> None:
        self.route = route
        self.compare = compare
        self.candidate = candidate
        self.asked = asked
        self.record = record
        self.connection: Connection | None = connection
        self.answer: Answer | None = None
        self.ended = 0.0

    @property
    def key(self) -> Key:
        """The book that it belongs into."""
        return key_of(self.route, self.compare, self.candidate)

    def take(self, now: float) -> bool:
        """Take the answer that the client got; whether there is one to compare."""
        connection, self.connection = self.connection, None
        self.ended = now
        if connection is None or not connection.complete or connection.head is None:
            return False
        head = connection.head
        self.answer = Answer(head.status, head.block, connection.copied)
        return True


class Comparing:
    """The comparisons of one worker, and its books on them."""

    def __init__(
        self,
        pools: Pools,
        metrics: Metrics,
        *,
        clock: Callable[[], float],
        wall: Callable[[], float],
        chance: Random,
        protections: Protections | None = None,
    ) -> None:
        self.protections = protections
        self._pools = pools
        self._metrics = metrics
        self._clock = clock
        self._wall = wall
        self._chance = chance
        self._books: dict[Key, Book] = {}
        self._waiting: deque[Job] = deque()
        self._tasks: set[asyncio.Task[None]] = set()

    def keep(self, snapshot: Snapshot) -> None:
        """Have a book for each route that compares; those of other rules are closed."""
        kept: dict[Key, Book] = {}
        for route in snapshot.routes:
            if route.compare is not None and route.candidate is not None:
                key = key_of(route, route.compare, route.candidate)
                book = self._books.get(key)
                kept[key] = book or Book(show_values=route.compare.show_values)
        self._books = kept

    def report(self) -> dict[str, Any]:
        """Every book by its route, as JSON has it."""
        return {route: book.report() for (route, *_), book in self._books.items()}

    def watch(
        self, route: Route, decision: Decision, record: Record, attempt: Attempt
    ) -> Pair | None:
        """Have the answer that *attempt* is about to give kept, if it is one to compare.

        Where no copy is wanted nothing is kept. What a fallback answered is known to differ, and
        an open breaker has its reasons not to ask the candidate: also for users of legacy's own.
        """
        compare, candidate, connection = route.compare, route.candidate, attempt.connection
        if compare is None or candidate is None or connection is None:
            return None
        strange = decision.cohort is Cohort.NONE or decision.reason is Reason.BREAKER
        if strange or record.rescue_of is not None or not is_comparable(attempt.wanted, connection):
            return None
        if not is_sampled(compare.sample, self._chance.random()):
            return None
        if attempt.wanted.upstream is not candidate and self._is_given_up(route):
            return None
        connection.copy(compare.max_body)
        return Pair(route, compare, candidate, attempt.wanted, record, connection)

    def ended(self, pair: Pair) -> None:
        """Have *pair* compared, now that the client has its answer, if there is room for it."""
        if pair.take(self._clock()) and not self._begin(partial(self._compare_pair, pair)):
            self._count(pair, Verdict.DROPPED)

    def late(self, route: Route, record: Record, legacy: Answer, candidate: Answer) -> None:
        """Have the *candidate*'s late answer compared with the one that *legacy* gave the client.

        It is a pair like any other, and nobody is asked for it.
        """
        began = self._wall() - (self._clock() - record.started)
        asked = Asked(legacy, candidate, None, began, self._wall())
        if not self._begin(partial(self._compare_late, route, record, asked)):
            self.count_late(route, Lateness.SLOW)

    def count_late(self, route: Route, lateness: Lateness) -> None:
        """Count what came of an attempt that was abandoned."""
        self._metrics.late(route.name, lateness)
        book = self._book_of(route)
        if book is not None:
            book.late[lateness] += 1

    async def close(self) -> None:
        """Give up what is under way."""
        self._waiting.clear()
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _begin(self, job: Job) -> bool:
        """Have *job* done as soon as there is room for it; False where too many wait."""
        if len(self._tasks) < AT_ONCE:
            task = asyncio.get_running_loop().create_task(self._work(job))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        elif len(self._waiting) < QUEUE:
            self._waiting.append(job)
        else:
            return False
        return True

    async def _work(self, job: Job) -> None:
        """Do *job*, and then whatever waits."""
        while True:
            try:
                await job()
            except Exception:
                log.exception("internal error: an answer could not be compared")
            if not self._waiting:
                return
            job = self._waiting.popleft()

    async def _compare_pair(self, pair: Pair) -> None:
        self._count(pair, await self._compare(pair))

    async def _compare_late(self, route: Route, record: Record, asked: Asked) -> None:
        assert route.compare is not None  # nothing was kept to compare otherwise
        found = await asyncio.to_thread(judge, asked, route.compare)
        verdict = entered(self._book_of(route), found, asked, record)
        self.count_late(route, lateness_by(verdict))

    async def _compare(self, pair: Pair) -> Verdict:
        """Ask, judge, and enter what was found."""
        late, other = self._clock() - pair.ended > PATIENCE_S, self._other(pair)
        if late or not self._pools[other].has_room(diverted=True):
            return Verdict.DROPPED
        if other is pair.candidate and self._is_given_up(pair.route):
            return Verdict.DROPPED  # while it waited
        asked = await self._asked(pair)
        found = await asyncio.to_thread(judge, asked, pair.compare)  # milliseconds, if it is large
        return entered(self._books.get(pair.key), found, asked, pair.record)

    async def _asked(self, pair: Pair) -> Asked:
        """All answers to the request: the client's, the other upstream's, legacy's second."""
        legacy = pair.route.legacy
        began = self._wall() - (self._clock() - pair.record.started)
        other = await self._ask(pair, self._other(pair))
        again = None
        if other is not None and is_sampled(pair.compare.control, self._chance.random()):
            again = await self._ask(pair, legacy)
        served_by_legacy = pair.asked.upstream.address == legacy.address
        old, new = (pair.answer, other) if served_by_legacy else (other, pair.answer)
        return Asked(old, new, again, began, self._wall())

    async def _ask(self, pair: Pair, upstream: Upstream) -> Answer | None:
        """The answer of *upstream* to the same bytes that the first one was sent."""
        due = self._clock() + pair.route.deadline_s
        wanted = Wanted(upstream, pair.asked.method, pair.asked.head, due, diverted=True)
        return await whole_answer(self._pools[upstream], wanted, pair.compare.max_body)

    def _is_given_up(self, route: Route) -> bool:
        """Whether the breaker keeps users from the candidate: then nothing is asked beside them."""
        guard = None if self.protections is None else self.protections.of(route.name)
        return guard is not None and not guard.protection.is_closed

    def _other(self, pair: Pair) -> Upstream:
        """The one that the client's answer is not from."""
        legacy = pair.route.legacy
        return pair.candidate if pair.asked.upstream.address == legacy.address else legacy

    def _book_of(self, route: Route) -> Book | None:
        if route.compare is None or route.candidate is None:
            return None
        return self._books.get(key_of(route, route.compare, route.candidate))

    def _count(self, pair: Pair, verdict: Verdict) -> None:
        self._metrics.compared(pair.route.name, verdict)
        book = self._books.get(pair.key)
        if book is not None:
            book.count(verdict)


def key_of(route: Route, compare: Compare, candidate: Upstream) -> Key:
    """The book that belongs to *route*, which compares."""
    return (route.name, compare, route.legacy.address, candidate.address)


def entered(book: Book | None, found: Found | Verdict, asked: Asked, record: Record) -> Verdict:
    """Enter what was *found* into *book*, which is None where the rules have changed meanwhile."""
    if not isinstance(found, Found):
        return found
    if book is None:
        return Verdict.DROPPED
    if found.control is not None:
        book.control(found.control)
    return book.pair(found.pair, {"at": asked.ended, "request_id": record.request_id})


def is_comparable(wanted: Wanted, connection: Connection) -> bool:
    """Whether the other upstream may be asked the same, and its answer says something.

    Only GET: it changes nothing (RFC 9110 9.2.1) and has an answer with a body.
    """
    head = connection.head
    if wanted.method != "GET" or head is None or head.status >= 500:
        return False
    if head.event_stream or connection.switched:
        return False
    asked = wanted.head.lower()
    return not any(begin in asked for begin in NOT_TWICE)

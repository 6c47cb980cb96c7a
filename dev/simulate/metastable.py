"""The metastable case: a slow legacy must not be buried by the rescue of a candidate that hangs.

Legacy has four slots of 2 s; 100 users think for 5 to 10 s between requests, so that together they
ask for six times what it can do. The candidate hangs for a minute and comes back.
"""

import heapq
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from random import Random

from dev.simulate.crew import Crew
from router.core.breaker import State
from router.core.model import Match, Route, Upstream
from router.core.protection import Protection, Way

SLOTS, SLOT_S = 4, 2.0
USERS, THINK_S = 100, (5.0, 10.0)
CANDIDATE_S = 0.05
HANGS_S, BACK_S, END_S = 60.0, 120.0, 200.0
QUEUE = 8
"""The router lets so many wait for legacy: the last of them has its answer within 6 s."""

LEGACY = Upstream("monolith", "monolith", 1)
ROUTE = Route("wod", (Match("/"),), LEGACY, LEGACY, Upstream("coach", "coach", 2), 100.0)


@dataclass
class Seen:
    """What came of it. Times are seconds from the beginning."""

    good: list[float] = field(default_factory=list)
    shed: list[float] = field(default_factory=list)
    late: list[float] = field(default_factory=list)
    waited: list[float] = field(default_factory=list)
    in_vain: list[float] = field(default_factory=list)
    closed: float = 0.0

    def during(self, times: list[float], begin: float, end: float) -> int:
        """How many of *times* are from *begin* to *end*."""
        return sum(begin <= time < end for time in times)

    @property
    def goodput(self) -> float:
        """Legacy's good answers while the candidate hung, as a share of what it can do."""
        begin = HANGS_S + ROUTE.timeout_s + SLOT_S  # the first that hung, rescued and answered
        return self.during(self.good, begin, BACK_S) / ((BACK_S - begin) * SLOTS / SLOT_S)

    @property
    def recovery_s(self) -> float:
        """From when the candidate was back to when all were sent there again and nobody failed."""
        bad = [time for time in (*self.shed, *self.late) if time >= BACK_S]
        return max([self.closed, *bad]) - BACK_S


class Legacy:
    """Four slots, and a queue: bounded, or as long as it gets.

    It works on for who has left, as servers do.
    """

    def __init__(self, world: "World", queue: int | None) -> None:
        self._world = world
        self._queue = queue
        self._waiting: deque[Callable[[], None]] = deque()
        self._busy = 0

    @property
    def has_room(self) -> bool:
        """Whether one more is taken."""
        return self._busy < SLOTS or self._queue is None or len(self._waiting) < self._queue

    def ask(self, answered: Callable[[], None]) -> bool:
        """Whether there is room; *answered* is called once it has been worked on."""
        if not self.has_room:
            return False
        self._waiting.append(answered)
        self._work()
        return True

    def _work(self) -> None:
        if self._busy < SLOTS and self._waiting:
            self._busy += 1
            self._world.after(SLOT_S, self._done, self._waiting.popleft())

    def _done(self, answered: Callable[[], None]) -> None:
        self._busy -= 1
        answered()
        self._work()


class World:
    """Users, the router's workers, legacy and a candidate that hangs."""

    def __init__(self, route: Route, workers: int, queue: int | None, seed: int) -> None:
        self.now = 0.0
        self.seen = Seen()
        self._chance = Random(seed)  # noqa: S311 - a simulation
        self._crew = Crew(route, workers, self._chance)
        self._legacy = Legacy(self, queue)
        self._events: list[tuple[float, int, Callable[..., None], tuple[object, ...]]] = []
        self._number = 0
        self._route = route

    def after(self, seconds: float, what: Callable[..., None], *arguments: object) -> None:
        """Have *what* called."""
        self._number += 1
        heapq.heappush(self._events, (self.now + seconds, self._number, what, arguments))

    def run(self) -> Seen:
        """Let it all happen."""
        for user in range(USERS):
            self.after(self._chance.uniform(0.0, THINK_S[1]), self._ask, user)
        while self._events:
            self.now, _, what, arguments = heapq.heappop(self._events)
            if self.now >= END_S:
                break
            self._crew.at(self.now)
            what(*arguments)
            if self._crew.states - {State.CLOSED}:
                self.seen.closed = self.now
        return self.seen

    def _think(self, user: int) -> None:
        self.after(self._chance.uniform(*THINK_S), self._ask, user)

    def _ask(self, user: int) -> None:
        worker = self._crew.any()
        way = worker.way(self.now, user / USERS, self._legacy.has_room)
        if way is Way.LEGACY:
            self._ask_legacy(user, self.now, lambda: None)
        elif HANGS_S <= self.now < BACK_S:
            self.after(self._route.timeout_s, self._timed_out, worker, user, self.now, way)
        else:
            self.after(CANDIDATE_S, self._answered, worker, user, self.now, way)

    def _answered(self, worker: Protection, user: int, began: float, way: Way) -> None:
        self._crew.judged(worker, began, way, user, failed=False)
        self.seen.good.append(self.now)
        self._think(user)

    def _timed_out(self, worker: Protection, user: int, began: float, way: Way) -> None:
        news = self._crew.judged(worker, began, way, user, failed=True)
        self.seen.waited.append(began)
        if way is Way.PROBE and not self._legacy.has_room:
            self.seen.in_vain.append(began)
        if worker.may_fall_back(self.now):
            self._ask_legacy(user, began, worker.fell_back)
            return
        if news is not None:
            spent = worker.spent(self.now, began, self._chance.random())
            self._crew.tell(worker, spent, self.now)
        self._refuse(user)

    def _ask_legacy(self, user: int, began: float, ended: Callable[[], None]) -> None:
        due = began + self._route.deadline_s
        over = [False]

        def finish(times: list[float]) -> None:
            if not over[0]:
                over[0] = True
                times.append(self.now)
                ended()
                self._think(user)

        if self._legacy.ask(lambda: finish(self.seen.good)):
            self.after(due - self.now, finish, self.seen.late)
        else:
            ended()
            self._refuse(user)

    def _refuse(self, user: int) -> None:
        self.seen.shed.append(self.now)
        self._think(user)


def play(
    *, workers: int = 4, queue: int | None = QUEUE, protected: bool = True, seed: int = 1
) -> Seen:
    """What is seen with that many workers, with or without a bound on who waits, or a breaker."""
    route = ROUTE if protected else replace(ROUTE, breaker=None, budget=None)
    return World(route, workers, queue, seed).run()

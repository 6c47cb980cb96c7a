"""The breakers and budgets of one worker, and how it tells and hears what workers have seen.

What is decided is decided in `core.protection`; here are clock, chance and the other workers.
"""

import logging
from collections.abc import Callable
from random import Random
from typing import Any

from router.core.bucketing import digest
from router.core.deciding import Decision, depth_of
from router.core.hearing import heard
from router.core.model import Cohort, Route, Snapshot, Upstream
from router.core.protection import News, Protection, Standing, Way

TELL_EVERY_S = 0.25
"""How often successes are told, if there are any. Failures and probes are told at once."""

log = logging.getLogger("router")

Tell = Callable[[list[list[Any]]], None]
"""Told what other workers are to hear, as JSON has it."""
HasRoom = Callable[[Upstream], bool]
"""Whether an upstream has room for what is diverted to it."""


class Guard:
    """What an exchange of a strangled route asks and tells. *began* is when the exchange did."""

    __slots__ = ("_chance", "_clock", "_has_room", "_tell", "key", "protection")

    def __init__(
        self,
        key: str,
        protection: Protection,
        clock: Callable[[], float],
        chance: Random,
        tell: Callable[[str, News], None] | None,
        has_room: HasRoom,
    ) -> None:
        self.key = key
        self.protection = protection
        self._clock = clock
        self._chance = chance
        self._tell = tell
        self._has_room = has_room

    def way(self, now: float, route: Route, decision: Decision) -> Way:
        """Where an exchange of the candidate's cohort goes."""
        protection = self.protection
        if protection.is_closed:
            return protection.way(now, 0.0)
        return protection.way(now, depth_of(route, decision), self._has_room(route.legacy))

    def succeeded(self, now: float, began: float, way: Way) -> None:
        """The candidate did its work."""
        news = self.protection.succeeded(now, began, way)
        if news is not None and self._tell is not None:
            self._tell(self.key, news)

    def did_well(self, began: float, way: Way) -> None:
        """It answered with an error that is none of those which count."""
        self.succeeded(self._clock(), began, way)

    def failed(self, began: float, way: Way, salt: str, unit: str | None) -> bool:
        """It failed; whether that is more than a repetition."""
        number = -1 if unit is None else digest(salt, unit)
        news = self.protection.failed(self._clock(), began, way, number, self._chance.random())
        if news is not None and self._tell is not None:
            self._tell(self.key, news)
        return news is not None

    def may_fall_back(self, began: float, counted: bool) -> bool:
        """Whether legacy may be asked instead; then `fell_back` is to follow."""
        now = self._clock()
        if self.protection.may_fall_back(now):
            return True
        if counted:
            news = self.protection.spent(now, began, self._chance.random())
            if news is not None and self._tell is not None:
                self._tell(self.key, news)
        return False

    def ended(self, began: float, way: Way, fell_back: bool) -> None:
        """The exchange is over: *way* is a probe if nobody knows what came of it."""
        self.protection.left(began, way)
        if fell_back:
            self.protection.fell_back()

    def hear(self, news: News) -> None:
        """Take what another worker has seen."""
        self.protection.hear(news, self._clock(), self._chance.random())


class Protections:
    """A guard for each strangled route. Breaker and budget live on over reloads.

    They do under the route's name and the candidate's address; rules that change are followed.
    """

    def __init__(self, workers: int, clock: Callable[[], float], chance: Random) -> None:
        self.tell: Tell | None = None
        self.has_room: HasRoom | None = None
        self._workers = workers
        self._clock = clock
        self._chance = chance
        self._guards: dict[str, Guard] = {}
        self._has_warned = False

    def of(self, route: str) -> Guard | None:
        """The guard of the route of that name; a plain one has none."""
        return self._guards.get(route)

    def keep(self, snapshot: Snapshot) -> None:
        """Have a guard for each strangled route of *snapshot*, and no other."""
        kept: dict[str, Guard] = {}
        for route in snapshot.routes:
            if route.candidate is not None:
                key = f"{route.name} {route.candidate.address}"
                guard = self._guards.get(route.name)
                if guard is None or guard.key != key:
                    guard = self._guard(key, route)
                guard.protection.follow(route)
                kept[route.name] = guard
        self._guards = kept

    def _guard(self, key: str, route: Route) -> Guard:
        tell = self._told if self._workers > 1 else None
        protection = Protection(route, self._workers)
        return Guard(key, protection, self._clock, self._chance, tell, self._may_be_rescued)

    def hear(self, said: Any) -> None:
        """Take what another worker has told, of routes that are here.

        One of another version may say more, or less: what cannot be read is passed over.
        """
        guards = {guard.key: guard for guard in self._guards.values()}
        for one in said if isinstance(said, list) else [said]:
            told = heard(one)
            if told is None:
                self._pass_over(one)
            elif told[0] in guards:
                guards[told[0]].hear(told[1])

    def _pass_over(self, one: Any) -> None:
        """Say once that there was something that cannot be read."""
        if not self._has_warned:
            self._has_warned = True
            told = "what another worker has seen cannot be read, and is passed over: %.100r"
            log.warning(told, one)

    def flush(self) -> None:
        """Tell the others of successes, if there were any."""
        untold = [(guard.key, guard.protection.untold()) for guard in self._guards.values()]
        said = [[key, *news] for key, news in untold if news is not None]
        if said and self.tell is not None:
            self.tell(said)

    def standings(self) -> list[tuple[str, Standing]]:
        """How each route stands now, by its name."""
        now = self._clock()
        return [(name, guard.protection.standing(now)) for name, guard in self._guards.items()]

    def words(self, route: Route, decision: Decision) -> str | None:
        """Why the breaker sends a user of the candidate's cohort to legacy; None if it does not."""
        guard = self._guards.get(route.name)
        if guard is None or decision.cohort is not Cohort.CANDIDATE:
            return None
        return guard.protection.words(self._clock(), depth_of(route, decision))

    def _may_be_rescued(self, legacy: Upstream) -> bool:
        return self.has_room is None or self.has_room(legacy)

    def _told(self, key: str, news: News) -> None:
        if self.tell is not None:
            self.tell([[key, *news]])

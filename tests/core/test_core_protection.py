"""Breaker and budget as a route has them, in one process and in four that hear of each other."""

import heapq
from random import Random

import pytest

from router.core.breaker import State
from router.core.model import BreakerRules, BudgetRules
from router.core.protection import News, Protection, Way
from tests.core.scenes import route

NOBODY = -1


def failing(protection: Protection, units: list[int], now: float = 0.0) -> list[bool]:
    """One failure a second, each of the next of *units*: whether it counted."""
    way = Way.CANDIDATE
    return [
        protection.failed(now + second, now + second, way, unit, 0.0) is not None
        for second, unit in enumerate(units)
    ]


def opened(now: float = 0.0) -> Protection:
    """One whose breaker has opened at *now*."""
    protection = Protection(route())
    failing(protection, [1, 2, 3, 4], now - 3.0)
    assert protection.breaker is not None
    assert protection.breaker.left_s(now) == 5.0
    return protection


def state(protection: Protection) -> State:
    """What state its breaker is in."""
    assert protection.breaker is not None
    return protection.breaker.state


def test_an_open_one_sends_to_legacy_what_is_no_probe() -> None:
    """And after five probes that succeed, everything to the candidate."""
    protection = opened()
    assert protection.way(4.9, 0.0) is Way.LEGACY
    assert protection.way(5.0, 0.9) is Way.LEGACY
    for second in range(5, 10):
        assert protection.way(second, 0.0) is Way.PROBE
        news = protection.succeeded(second + 0.1, second, Way.PROBE)
        assert news == News(second, 1, probe=True)
    assert protection.way(9.2, 0.9) is Way.CANDIDATE


def test_a_failing_probe_opens_it_again() -> None:
    """The others hear of it."""
    protection = opened()
    assert protection.way(5.0, 0.0) is Way.PROBE
    assert protection.failed(5.5, 5.0, Way.PROBE, 9, 0.0) == News(5.0, 0, 1, 9, probe=True)
    assert protection.way(15.4, 0.0) is Way.LEGACY
    assert protection.way(15.5, 0.0) is Way.PROBE


def test_a_client_that_leaves_makes_room_for_another_probe() -> None:
    """It is neither success nor failure."""
    protection = opened()
    for _ in range(4):
        assert protection.way(5.0, 0.0) is Way.PROBE
    assert protection.way(5.1, 0.0) is Way.LEGACY
    protection.left(5.0, Way.PROBE)
    assert protection.way(5.2, 0.0) is Way.PROBE
    assert state(protection) is State.HALF_OPEN


def test_what_began_before_the_last_transition_is_ignored() -> None:
    """Late failures of the outage do not open again what probes have closed."""
    protection = opened()
    assert protection.succeeded(1.0, -1.0, Way.CANDIDATE) is None
    assert protection.failed(1.0, -1.0, Way.CANDIDATE, 9, 0.0) is None
    protection.hear(News(-1.0, 0, 1, 10, probe=True), 6.0, 0.0)
    assert state(protection) is State.OPEN


def test_one_user_does_not_hold_it_open() -> None:
    """A poisonous request that probes is a failure once; then others get their turn to prove."""
    protection = opened()
    assert protection.way(5.0, 0.0) is Way.PROBE
    assert protection.failed(5.0, 5.0, Way.PROBE, 1, 0.0) is None  # it had its share in opening it
    assert state(protection) is State.HALF_OPEN
    assert protection.way(10.0, 0.2) is Way.PROBE  # no probe has said anything for an open time


@pytest.mark.parametrize("every_s", [0.01, 1.0, 60.0, 600.0])
@pytest.mark.parametrize("others", [0, 1, 5])
def test_one_users_poisonous_request_never_opens_it(every_s: float, others: int) -> None:
    """However often it comes, and how few others there are."""
    protection, now = Protection(route()), 0.0
    for _ in range(20_000):
        now += every_s
        protection.failed(now, now, Way.CANDIDATE, 7, 0.0)
        for _ in range(others):
            protection.succeeded(now, now, Way.CANDIDATE)
    assert state(protection) is State.CLOSED


def test_failures_without_a_unit_count_each() -> None:
    """Nobody can say whose they are."""
    protection = Protection(route())
    assert failing(protection, [NOBODY] * 4) == [True] * 4
    assert state(protection) is State.OPEN


def test_no_budget_opens_it_unless_one_user_spent_it() -> None:
    """Legacy is then asked once, and not the candidate first."""
    protection = Protection(route(budget=BudgetRules(min_per_s=0.1)))
    assert protection.may_fall_back(1.0, True, 0.0)
    assert not protection.may_fall_back(1.0, False, 0.0)
    assert state(protection) is State.CLOSED
    assert not protection.may_fall_back(1.0, True, 0.0)
    assert state(protection) is State.OPEN


def test_both_can_be_left_out() -> None:
    """A route may have neither."""
    protection = Protection(route(breaker=None, budget=None))
    assert failing(protection, list(range(100))) == [False] * 100
    assert protection.way(100.0, 0.9) is Way.CANDIDATE
    assert all(protection.may_fall_back(100.0, True, 0.0) for _ in range(1_000))
    assert protection.untold() is None


def test_successes_are_told_by_the_many() -> None:
    """Once, with when the first of them began."""
    protection = Protection(route(), workers=4)
    for began in (2.0, 1.5, 2.5):
        protection.succeeded(3.0, began, Way.CANDIDATE)
    assert protection.untold() == News(1.5, 3)
    assert protection.untold() is None


# Four workers.

RELAYED_S = 0.25


class Crew:
    """Workers whose news reach the others after *delay_s*; who gets a request is by chance."""

    def __init__(self, workers: int, delay_s: float = 0.005, **fields: object) -> None:
        self.now = 0.0
        self.chance = Random(11)
        self.workers = [Protection(route(percent=100.0, **fields), workers) for _ in range(workers)]
        self._delay_s = delay_s
        self._number = 0
        self._on_its_way: list[tuple[float, int, int, News]] = []
        self._tell_at = RELAYED_S

    def at(self, now: float) -> None:
        """Let time pass: what was told arrives."""
        while self._tell_at <= now:
            for speaker, worker in enumerate(self.workers):
                self.tell(speaker, worker.untold(), self._tell_at)
            self._tell_at += RELAYED_S
        self.now = now
        while self._on_its_way and self._on_its_way[0][0] <= now:
            at, _, speaker, news = heapq.heappop(self._on_its_way)
            for number, worker in enumerate(self.workers):
                if number != speaker:
                    worker.hear(news, at, self.chance.random())

    def tell(self, speaker: int, news: News | None, now: float) -> None:
        """Send *news* to the others."""
        if news is not None:
            self._number += 1
            heapq.heappush(self._on_its_way, (now + self._delay_s, self._number, speaker, news))

    def ask(self, unit: int, *, fails: bool) -> Way:
        """A request that takes no time, to any of the workers."""
        speaker = self.chance.randrange(len(self.workers))
        worker, now = self.workers[speaker], self.now
        way = worker.way(now, unit % 1_000 / 1_000)
        if way is not Way.LEGACY and fails:
            self.tell(speaker, worker.failed(now, now, way, unit, self.chance.random()), now)
        elif way is not Way.LEGACY:
            self.tell(speaker, worker.succeeded(now, now, way), now)
        return way

    @property
    def states(self) -> set[State]:
        """All states that a worker is in."""
        return {state(worker) for worker in self.workers}


@pytest.mark.parametrize("workers", [1, 4])
def test_four_failures_in_all_are_enough_at_one_a_minute(workers: int) -> None:
    """Whichever workers have them."""
    crew = Crew(workers)
    for minute in range(100):
        crew.at(minute * 60.0)
        assert crew.ask(minute, fails=False) is Way.CANDIDATE
    for minute in range(100, 104):
        crew.at(minute * 60.0)
        assert crew.ask(minute, fails=True) is Way.CANDIDATE
    crew.at(104 * 60.0 - 59.0)
    assert crew.states == {State.OPEN}


def test_half_a_per_cent_of_a_thousand_a_second_opens_none_of_four_in_an_hour() -> None:
    """Every 10 ms ten requests, 3,600,000 in all."""
    crew = Crew(4)
    unit = 0
    for step in range(360_000):
        now = step / 100.0
        crew.at(now)
        failures = sum(crew.chance.random() < 0.005 for _ in range(10))
        for number in range(10 - failures):
            crew.workers[number % 4].succeeded(now, now, Way.CANDIDATE)
        for _ in range(failures):
            unit += 1
            crew.ask(unit, fails=True)
    assert crew.states == {State.CLOSED}


def test_four_workers_open_and_close_together() -> None:
    """Within what it takes to hear of it; five probes in a row are enough in all."""
    crew, seconds = Crew(4), 0.0
    for unit in range(40):
        seconds += 0.1
        crew.at(seconds)
        crew.ask(unit, fails=True)
    assert crew.states == {State.OPEN}
    probes = 0
    while crew.states != {State.CLOSED}:
        seconds += 0.05
        crew.at(seconds)
        probes += crew.ask(crew.chance.randrange(1_000), fails=False) is Way.PROBE
        assert seconds < 30.0
    assert 5 <= probes <= 8


def test_one_users_poisonous_request_opens_none_of_four() -> None:
    """Though each of them sees it: they hear that it was counted."""
    crew = Crew(4)
    for minute in range(5_000):
        crew.at(minute * 60.0)
        crew.ask(7, fails=True)
        crew.ask(minute, fails=False)
    assert crew.states == {State.CLOSED}


def test_who_comes_later_begins_closed_and_learns() -> None:
    """A new worker has nothing against the candidate, and hears of what the others see."""
    crew = Crew(4)
    for unit in range(4):
        crew.at(float(unit))
        crew.ask(unit, fails=True)
    crew.at(4.0)
    crew.workers[0] = Protection(route(percent=100.0), 4)
    assert crew.workers[0].way(4.0, 0.5) is Way.CANDIDATE
    for number in range(4):
        news = News(4.0 + number, 0, 1, 100 + number, probe=True)
        crew.workers[0].hear(news, 4.0 + number, 0.0)
    assert state(crew.workers[0]) is State.OPEN


def test_rules_are_the_routes() -> None:
    """With 10 % tolerated it takes more than four failures."""
    protection = Protection(route(breaker=BreakerRules(tolerated=10.0, open_s=1.0)))
    failing(protection, list(range(6)))
    assert state(protection) is State.CLOSED
    failing(protection, [10], 10.0)
    assert state(protection) is State.OPEN
    assert protection.breaker is not None
    assert protection.breaker.left_s(10.0) == 1.0

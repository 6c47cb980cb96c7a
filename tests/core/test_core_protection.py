"""Breaker and budget as a route has them, in one process and in four that hear of each other."""

from random import Random

import pytest

from dev.simulate.crew import Crew
from dev.simulate.figures import failures_a_minute, opens_at, poisoned
from dev.simulate.metastable import play
from router.core.breaker import State
from router.core.hearing import heard
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


def test_without_room_for_a_rescue_one_probes_at_a_time() -> None:
    """Whoever else comes is not kept waiting for nothing; and the one can find that all is well."""
    protection = opened()
    assert protection.way(5.0, 0.0, has_room=False) is Way.PROBE
    assert protection.way(5.1, 0.0, has_room=False) is Way.LEGACY
    assert protection.way(5.2, 0.0, has_room=True) is Way.PROBE
    protection.left(5.0, Way.PROBE)
    assert protection.way(5.3, 0.0, has_room=False) is Way.LEGACY
    protection.left(5.2, Way.PROBE)
    for second in range(6, 11):
        assert protection.way(second, 0.0, has_room=False) is Way.PROBE
        protection.succeeded(second + 0.1, second, Way.PROBE)
    assert state(protection) is State.CLOSED


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


def test_no_budget_opens_it() -> None:
    """Legacy is then asked once, and not the candidate first; the others hear of it."""
    protection = Protection(route(budget=BudgetRules(min_per_s=0.1)))
    assert protection.may_fall_back(1.0)
    assert not protection.may_fall_back(1.0)
    assert state(protection) is State.CLOSED
    assert protection.spent(1.0, 0.5, 0.0) == News(0.5, 0, spent=True)
    assert state(protection) is State.OPEN
    assert protection.spent(1.1, 1.0, 0.0) is None  # it is no news


def test_no_budget_elsewhere_opens_it_too() -> None:
    """Unless what there was none for began before this one's last transition."""
    protection = Protection(route(), workers=4)
    protection.hear(News(0.5, 0, spent=True), 1.0, 0.0)
    assert state(protection) is State.OPEN
    assert protection.standing(1.0).state is State.OPEN
    protection = opened()
    for second in range(5, 10):
        protection.way(second, 0.0)
        protection.succeeded(second + 0.1, second, Way.PROBE)
    protection.hear(News(9.0, 0, spent=True), 9.2, 0.0)
    assert state(protection) is State.CLOSED
    protection.hear(News(9.1, 0, spent=True), 9.3, 0.0)
    assert state(protection) is State.OPEN


def test_both_can_be_left_out() -> None:
    """A route may have neither."""
    protection = Protection(route(breaker=None, budget=None))
    assert failing(protection, list(range(100))) == [False] * 100
    assert protection.way(100.0, 0.9) is Way.CANDIDATE
    assert all(protection.may_fall_back(100.0) for _ in range(1_000))
    assert protection.spent(100.0, 100.0, 0.0) is None
    assert protection.untold() is None


def test_successes_are_told_by_the_many() -> None:
    """Once, with when the first of them began."""
    protection = Protection(route(), workers=4)
    for began in (2.0, 1.5, 2.5):
        protection.succeeded(3.0, began, Way.CANDIDATE)
    assert protection.untold() == News(1.5, 3)
    assert protection.untold() is None


# Other versions.

TOLD = ["wod http://coach", 1.5, 2, 0, -1, False]
HEARD = [
    (TOLD, News(1.5, 2)),
    ([*TOLD, False], News(1.5, 2)),
    ([*TOLD, True], News(1.5, 2, spent=True)),
    ([*TOLD, True, "more", {"of": "it"}], News(1.5, 2, spent=True)),
    (["wod http://coach", 1.5, 0, 1, 2**64 - 1, True], News(1.5, 0, 1, 2**64 - 1, True)),
]


@pytest.mark.parametrize(("said", "news"), HEARD)
def test_what_is_known_is_heard(said: list[object], news: News) -> None:
    """Of an older version, which says less, and of a later one."""
    assert heard(said) == ("wod http://coach", news)


@pytest.mark.parametrize(
    "said",
    [
        None, "wod", 7, {}, [], ["wod"], TOLD[:5], [7, *TOLD[1:]], [["wod"], *TOLD[1:]],
        ["wod", "1.5", *TOLD[2:]], ["wod", None, *TOLD[2:]], ["wod", float("nan"), *TOLD[2:]],
        ["wod", float("inf"), *TOLD[2:]], ["wod", 1.5, -1, 0, -1, False],
        ["wod", 1.5, 0, 2, 7, False], ["wod", 1.5, 0, -1, 7, False], ["wod", 1.5, 0, 1, -2, False],
        ["wod", 1.5, 0, 1, 2**64, False], ["wod", 1.5, 0, 1, 7, None], ["wod", 1.5, 0, 1, 7, 1],
        ["wod", 1.5, {}, 0, -1, False], {"wod": 1.5},
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_no_news(said: object) -> None:
    """It never raises."""
    assert heard(said) is None


# Four workers.


def crew_of(workers: int) -> Crew:
    """Workers of a route that is the candidate's alone."""
    return Crew(route(percent=100.0), workers, Random(11))


@pytest.mark.parametrize("workers", [1, 4])
def test_four_failures_in_all_are_enough_at_one_a_minute(workers: int) -> None:
    """Whichever workers have them, after a hundred minutes in which all was well."""
    assert failures_a_minute(workers) == 4


def test_half_a_per_cent_of_a_thousand_a_second_opens_none_of_four_in_an_hour() -> None:
    """And a tenth opens all of them in less than a second."""
    assert opens_at(0.005, 3_600.0) is None
    assert (opens_at(0.1, 10.0) or 10.0) < 1.0


def test_four_workers_open_and_close_together() -> None:
    """Within what it takes to hear of it; five probes in a row are enough in all."""
    crew, seconds = crew_of(4), 0.0
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
    assert not poisoned(2_000)


@pytest.mark.parametrize("workers", [1, 4])
def test_a_slow_legacy_is_not_buried_by_rescues(workers: int) -> None:
    """The metastable case: it works at full capacity, hardly anybody waits in vain, and soon after
    the candidate is back all is as before.
    """
    seen, bare = play(workers=workers), play(workers=workers, protected=False)
    assert seen.goodput >= 0.95
    assert seen.recovery_s < 30.0
    assert len(seen.waited) < len(bare.waited) / 4


def test_who_comes_later_begins_closed_and_learns() -> None:
    """A new worker has nothing against the candidate, and hears of what the others see."""
    crew = crew_of(4)
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

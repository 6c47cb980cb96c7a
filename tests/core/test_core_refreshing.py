"""When a key set is fetched again, what it is worth meanwhile, and who may ask out of turn."""

import pytest

from router.core.refreshing import COOLDOWN_S, Refreshing, Standing, lifetime_of

DAY_S = 24 * 3600.0
NEW = Refreshing(DAY_S)

LIFETIMES = [
    ("", 600),
    ("public", 600),
    ("max-age=300", 300),
    ("public, max-age=300, must-revalidate", 300),
    ("MAX-AGE = 300", 300),
    ('max-age="300"', 300),
    ("max-age=0", 60),
    ("max-age=59", 60),
    ("max-age=86400", 3600),
    ("max-age=99999999999999999999", 600),
    ("max-age=-5", 600),
    ("max-age=nan", 600),
    ("s-maxage=300", 600),
    ("no-store", 60),
    ("no-cache, max-age=300", 60),
]


@pytest.mark.parametrize(("said", "lifetime_s"), LIFETIMES)
def test_a_lifetime_is_what_is_said_within_bounds(said: str, lifetime_s: float) -> None:
    """RFC 9111 5.2.2.1, from a minute to an hour; ten minutes where nothing usable is said."""
    assert lifetime_of(said) == lifetime_s


@pytest.mark.parametrize(
    ("age_s", "standing"),
    [
        (0, Standing.FRESH),
        (299, Standing.FRESH),
        (300, Standing.STALE),
        (300 + DAY_S - 1, Standing.STALE),
        (300 + DAY_S, Standing.NONE),
    ],
)
def test_a_set_is_fresh_then_stale_then_nothing(age_s: float, standing: Standing) -> None:
    """Failures in between change nothing of it."""
    state = NEW.succeeded(1000, 300)
    assert state.standing(1000 + age_s) is standing
    assert state.failed(1001).standing(1000 + age_s) is standing


def test_the_next_is_due_at_four_fifths_of_the_lifetime() -> None:
    """So that there is time to fail in."""
    assert NEW.due_s(5) == 0
    state = NEW.succeeded(1000, 300)
    assert [state.due_s(at) for at in (1000, 1239, 1240, 5000)] == [240, 1, 0, 0]


def test_failures_are_tried_again_at_growing_intervals() -> None:
    """Never more often than once a second, never more rarely than every 30 s."""
    state, pauses = NEW.succeeded(0, 300), []
    for _ in range(8):
        state = state.failed(1000)
        pauses.append(state.due_s(1000))
    assert pauses == [1, 2, 4, 8, 16, 30, 30, 30]
    assert state.succeeded(2000, 100).due_s(2000) == 80
    assert NEW.failed(10).due_s(10.25) == 0.75
    many = Refreshing(DAY_S, failures=10**6, tried_s=0.0)
    assert many.due_s(0) == 30


def test_unknown_names_have_one_fetch_in_thirty_seconds() -> None:
    """Whatever came of it, and however many fetches there are in turn."""
    assert NEW.may_ask(0)
    state = NEW.asked(100)
    assert COOLDOWN_S == 30
    assert [state.may_ask(at) for at in (100, 129.9, 130)] == [False, False, True]
    assert not state.failed(101).succeeded(102, 300).may_ask(129)

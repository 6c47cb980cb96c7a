"""Who was seen lately: nobody twice, not for ever, not without bound, and a fair sample of all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.core.recent import GENERATION_S, MOST, Lately, Recent, Recently

STEPS = st.lists(st.tuples(st.floats(0, GENERATION_S / 2), st.sampled_from("abcde")), max_size=40)


def noted(*units: str, at: float = 0.0, into: Recent | None = None) -> Recent:
    """A route that *units* asked for, one after the other."""
    recent = into or Recent(0.0)
    for unit in units:
        recent.note(unit, {"sub": unit}, at)
    return recent


def counts(lately: Lately) -> dict[str, int]:
    """Requests by unit."""
    return {unit: user.requests for unit, user in lately.users.items()}


def test_users_are_counted_once_with_their_requests() -> None:
    """Over both generations."""
    recent = noted("a", "b", "a")
    noted("a", "c", at=GENERATION_S + 1, into=recent)
    lately = recent.lately(GENERATION_S + 60)
    assert counts(lately) == {"a": 3, "b": 1, "c": 1}
    assert (lately.weight, lately.seconds) == (1, GENERATION_S + 60)
    assert lately.users["a"].claims == {"sub": "a"}


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (GENERATION_S - 1, {"a": 1}),
        (2 * GENERATION_S - 1, {"a": 1}),
        (2 * GENERATION_S, {}),
        (100 * GENERATION_S, {}),
    ],
)
def test_who_has_not_come_for_two_generations_is_forgotten(
    now: float, expected: dict[str, int]
) -> None:
    """Whether others came meanwhile or nobody."""
    assert counts(noted("a").lately(now)) == expected
    busy = noted("a")
    for moment in range(10, int(now), 100):
        noted("b", at=float(moment), into=busy)
    assert ("a" in busy.lately(now).users) == bool(expected)


def test_there_is_a_bound_and_each_stands_for_several() -> None:
    """Within a tenth of the truth, though a few ask a hundred times as often as all others."""
    recent = Recent(0.0)
    for number in range(10 * MOST):
        noted(f"user-{number}", at=1.0, into=recent)
        noted(f"user-{number % 10}", at=1.0, into=recent)
    lately = recent.lately(2.0)
    assert MOST / 4 < len(lately.users) <= MOST
    assert lately.weight in {16, 32}
    assert len(lately.users) * lately.weight == pytest.approx(10 * MOST, rel=0.1)


@given(STEPS)
def test_what_is_told_is_what_was_noted(steps: list[tuple[float, str]]) -> None:
    """No request is told that is older than two generations, and none younger than one is lost."""
    recent, now, noted_at = Recent(0.0), 0.0, []
    for pause, unit in steps:
        now += pause
        recent.note(unit, {}, now)
        noted_at.append((now, unit))
    told = counts(recent.lately(now))
    for unit in "abcde":
        times = [moment for moment, who in noted_at if who == unit]
        young = sum(now - moment < GENERATION_S for moment in times)
        old = sum(now - moment < 2 * GENERATION_S for moment in times)
        assert young <= told.get(unit, 0) <= old


def test_routes_are_kept_apart_and_forgotten_with_the_file() -> None:
    """By name."""
    recently = Recently()
    recently.note("wod", "a", {}, 0.0)
    recently.note("plan", "b", {}, 0.0)
    recently.keep(frozenset({"wod", "new"}))
    assert {name: counts(one) for name, one in recently.lately(1.0).items()} == {"wod": {"a": 1}}

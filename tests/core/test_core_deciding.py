"""Who goes where first, and the ladder that tells why: two tellings of one decision."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.core.deciding import Decision, decide, ladder
from router.core.matching import Matched
from router.core.model import Cohort, Pin, Reason, Route
from tests.core.scenes import COACH, MONOLITH, route

QA = Pin(Cohort.CANDIDATE, "role", frozenset({"qa"}))
CAREFUL = Pin(Cohort.LEGACY, "sub", frozenset({"user-1"}))
INSIDE, OUTSIDE = {"sub": "user-1"}, {"sub": "user-2"}  # buckets 7694 and 12780, percent 10
TO_COACH = Decision(COACH, Cohort.CANDIDATE, Reason.PERCENT)

DECIDED = [
    ({}, INSIDE, False, TO_COACH),
    ({}, OUTSIDE, False, Decision(MONOLITH, Cohort.LEGACY, Reason.PERCENT)),
    ({}, {"sub": 42}, False, Decision(MONOLITH, Cohort.LEGACY, Reason.PERCENT)),
    ({}, {}, False, Decision(MONOLITH, Cohort.LEGACY, Reason.NO_UNIT)),
    ({}, None, False, Decision(MONOLITH, Cohort.LEGACY, Reason.NO_UNIT)),
    ({"by": "tenant"}, INSIDE, False, Decision(MONOLITH, Cohort.LEGACY, Reason.NO_UNIT)),
    ({"percent": 0.0}, INSIDE, False, Decision(MONOLITH, Cohort.LEGACY, Reason.PERCENT)),
    ({"percent": 100.0}, OUTSIDE, False, TO_COACH),
    ({}, INSIDE, True, Decision(MONOLITH, Cohort.CANDIDATE, Reason.BREAKER)),
    ({}, OUTSIDE, True, Decision(MONOLITH, Cohort.LEGACY, Reason.PERCENT)),
    (
        {"percent": 0.0, "pins": (QA,)},
        {"sub": "x", "role": ["dev", "qa"]},
        False,
        Decision(COACH, Cohort.CANDIDATE, Reason.PIN),
    ),
    (
        {"percent": 100.0, "pins": (CAREFUL, QA)},
        {"sub": "user-1", "role": "qa"},
        False,
        Decision(MONOLITH, Cohort.LEGACY, Reason.PIN),
    ),
    ({"pins": (QA,)}, {"role": "qa"}, True, Decision(MONOLITH, Cohort.CANDIDATE, Reason.BREAKER)),
    ({"pins": (QA,)}, None, False, Decision(MONOLITH, Cohort.LEGACY, Reason.NO_UNIT)),
    (
        {"candidate": None, "upstream": COACH},
        INSIDE,
        True,
        Decision(COACH, Cohort.NONE, Reason.PLAIN),
    ),
]


@pytest.mark.parametrize(("fields", "claims", "is_open", "decision"), DECIDED)
def test_decisions(
    fields: dict[str, Any], claims: dict[str, Any] | None, is_open: bool, decision: Decision
) -> None:
    """First hit wins: pin, percentage, legacy; then an open breaker turns candidate to legacy."""
    matched = Matched(route(**fields), by_method=True)
    assert decide(matched, claims, breaker_open=is_open) == decision


def test_other_methods_are_legacys() -> None:
    """Whatever the user, and also where a finished route is served by its upstream."""
    for one in (route(percent=100.0), route(candidate=None, upstream=COACH)):
        decision = decide(Matched(one, by_method=False), INSIDE)
        assert decision == Decision(MONOLITH, Cohort.NONE, Reason.PLAIN)


def with_pins(pins: list[Pin]) -> tuple[Pin, ...]:
    """In the order of the configuration: legacy's first."""
    return tuple(sorted(pins, key=lambda pin: pin.cohort is not Cohort.LEGACY))


words = st.sampled_from(["a", "b", "user-1", "qa"])
pins = st.builds(
    Pin,
    st.sampled_from([Cohort.LEGACY, Cohort.CANDIDATE]),
    st.sampled_from(["sub", "role"]),
    st.frozensets(words, min_size=1),
)
routes = st.builds(
    lambda percent, pinned, by, plain: route(
        percent=percent, pins=with_pins(pinned), by=by, **({"candidate": None} if plain else {})
    ),
    st.integers(0, 100_000).map(lambda n: n / 1000),
    st.lists(pins, max_size=3),
    st.sampled_from(["sub", "tenant"]),
    st.booleans(),
)
users = st.none() | st.dictionaries(
    st.sampled_from(["sub", "role", "tenant"]), words | st.lists(words, max_size=2)
)


@given(routes, users, st.booleans())
def test_the_ladder_tells_the_decision(
    one: Route, claims: dict[str, Any] | None, by_method: bool
) -> None:
    """Exactly the last rung holds, and it names the decision's reason."""
    matched = Matched(one, by_method=by_method)
    decision, rungs = decide(matched, claims), list(ladder(matched, claims))
    assert [rung.holds for rung in rungs] == [False] * (len(rungs) - 1) + [True]
    held = rungs[-1].name
    match decision:
        case Decision(reason=Reason.PERCENT, cohort=Cohort.CANDIDATE):
            assert held == "percent"
        case Decision(reason=Reason.PERCENT | Reason.NO_UNIT):
            assert held == "legacy"
        case _:
            assert held == decision.reason


@given(routes, users)
def test_an_open_breaker_changes_the_upstream_and_never_the_cohort(
    one: Route, claims: dict[str, Any] | None
) -> None:
    """A migration is judged by cohort, so a breaker must not make a broken coach look well."""
    matched = Matched(one, by_method=True)
    shut, open_ = decide(matched, claims), decide(matched, claims, breaker_open=True)
    assert open_.cohort is shut.cohort
    if shut.cohort is Cohort.CANDIDATE:
        assert (open_.upstream, open_.reason) == (MONOLITH, Reason.BREAKER)
    else:
        assert open_ == shut

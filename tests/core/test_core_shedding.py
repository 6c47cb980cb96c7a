"""Who is told to come back later: what is diverted to legacy first."""

import pytest

from router.core.deciding import Decision, decide, is_diverted
from router.core.matching import Matched
from router.core.model import Cohort, Reason, Route, Upstream
from router.core.shedding import places_for_diverted, retry_after
from tests.core.scenes import COACH, MONOLITH, route

WOD = route(percent=100.0)
PLAIN = route(candidate=None)
USER = {"sub": "user-1"}


DECISIONS = [
    (WOD, Decision(COACH, Cohort.CANDIDATE, Reason.PERCENT), COACH, False),
    (WOD, Decision(COACH, Cohort.CANDIDATE, Reason.PIN), COACH, False),
    (WOD, Decision(COACH, Cohort.CANDIDATE, Reason.PERCENT), MONOLITH, True),
    (WOD, Decision(COACH, Cohort.CANDIDATE, Reason.PIN), MONOLITH, True),
    (WOD, Decision(MONOLITH, Cohort.CANDIDATE, Reason.BREAKER), MONOLITH, True),
    (WOD, Decision(MONOLITH, Cohort.LEGACY, Reason.PERCENT), MONOLITH, False),
    (WOD, Decision(MONOLITH, Cohort.LEGACY, Reason.PIN), MONOLITH, False),
    (WOD, Decision(MONOLITH, Cohort.LEGACY, Reason.NO_UNIT), MONOLITH, False),
    (PLAIN, Decision(MONOLITH, Cohort.NONE, Reason.PLAIN), MONOLITH, False),
    (PLAIN, Decision(COACH, Cohort.NONE, Reason.PLAIN), COACH, False),
]


@pytest.mark.parametrize(
    ("asked", "decision", "upstream", "diverted"), DECISIONS, ids=range(len(DECISIONS))
)
def test_diverted_is_what_legacy_does_for_the_candidate(
    asked: Route, decision: Decision, upstream: Upstream, diverted: bool
) -> None:
    """A rescue, and what an open breaker sends there; nobody else's request ever is."""
    assert is_diverted(decision, asked, upstream) is diverted


def test_an_open_breaker_diverts() -> None:
    """As `decide` has it: nothing else need be told."""
    decision = decide(Matched(WOD, by_method=True), USER, breaker_open=True)
    assert is_diverted(decision, WOD, decision.upstream)
    decision = decide(Matched(WOD, by_method=True), USER)
    assert not is_diverted(decision, WOD, decision.upstream)


@pytest.mark.parametrize(
    ("connections", "diverted"),
    [(1, 1), (2, 1), (4, 3), (10, 9), (19, 18), (20, 18), (100, 90), (1_000, 900)],
)
def test_the_last_places_are_for_native_traffic(connections: int, diverted: int) -> None:
    """A tenth, and one of several; of a single one nothing can be kept."""
    assert places_for_diverted(connections) == diverted
    assert Upstream("a", "a", 1, connections=connections).for_diverted == diverted


def test_diverted_traffic_comes_back_later() -> None:
    """Whole seconds, as RFC 9110 10.2.3 has them."""
    assert int(retry_after(diverted=False)) < int(retry_after(diverted=True))

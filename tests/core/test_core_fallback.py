"""What follows an attempt, over every way that one can end and every situation (FAULTS 5)."""

from itertools import product

import pytest

from router.core.fallback import (
    Again,
    Answer,
    FallBack,
    Situation,
    Why,
    after,
    counted_cause,
    failed_status,
    is_repeatable,
    may_hold,
)
from router.core.fates import Ending, Fate, fate_of, fate_of_refusal
from router.core.model import Cause, Reason, Route
from router.core.outcome import OUTCOME_LABELS, Fault, Outcome, Phase, cause_of, label_of
from tests.core.scenes import route

WOD = route()
SITUATION = Situation("GET", on_candidate=True, body_whole=True, left_s=8.0)

CAUSES = [
    (Outcome(Phase.CONNECT, Fault.REFUSED), Cause.CONNECT),
    (Outcome(Phase.CONNECT, Fault.TIMEOUT), Cause.CONNECT),
    (Outcome(Phase.CONNECT, Fault.BUSY), Cause.OVERLOAD),
    (Outcome(Phase.AWAIT, Fault.CLOSED), Cause.RESET),
    (Outcome(Phase.AWAIT, Fault.TIMEOUT), Cause.TIMEOUT),
    (Outcome(Phase.AWAIT, Fault.GARBAGE), Cause.PROTOCOL),
    (Outcome(Phase.HEAD, Fault.TIMEOUT), Cause.TIMEOUT),
    (Outcome(Phase.HEAD, Fault.CLOSED), Cause.RESET),
    (Outcome(Phase.HEAD, Fault.GARBAGE), Cause.PROTOCOL),
    (Outcome(Phase.BODY, Fault.CLOSED, 200), Cause.BODY),
    (Outcome(Phase.BODY, Fault.TIMEOUT, 200), Cause.BODY),
    (Outcome(Phase.BODY, Fault.GARBAGE, 200), Cause.BODY),
    (Outcome(Phase.ANSWER, status=500), Cause.STATUS_5XX),
    (Outcome(Phase.ANSWER, status=503), Cause.STATUS_5XX),
    (Outcome(Phase.ANSWER, status=503, retry_after=True), Cause.OVERLOAD),
    (Outcome(Phase.ANSWER, status=429, retry_after=True), Cause.OVERLOAD),
    (Outcome(Phase.ANSWER, status=500, retry_after=True), Cause.STATUS_5XX),
    (Outcome(Phase.ANSWER, status=429), None),
    *((Outcome(Phase.ANSWER, status=status), None) for status in (200, 301, 304, 400, 401, 404)),
]


@pytest.mark.parametrize(("outcome", "cause"), CAUSES, ids=repr)
def test_causes(outcome: Outcome, cause: Cause | None) -> None:
    """Every fault has one name, and a good answer none."""
    assert cause_of(outcome) is cause
    assert label_of(outcome) == (cause or "ok")
    assert label_of(outcome) in OUTCOME_LABELS


@pytest.mark.parametrize(("outcome", "cause"), CAUSES, ids=repr)
def test_each_failure_of_a_get_is_rescued(outcome: Outcome, cause: Cause | None) -> None:
    """With `fallback: all`, whatever breaks at the candidate; and nothing else is."""
    expected = Answer() if cause is None else FallBack(cause)
    assert after(WOD, outcome, SITUATION) == expected


def every_outcome() -> list[Outcome]:
    """All that an attempt can end in."""
    broken = [
        Outcome(phase, fault, 200 if phase is Phase.BODY else None, reused=reused)
        for phase, fault, reused in product(list(Phase)[:-1], Fault, (False, True))
    ]
    answered = [
        Outcome(Phase.ANSWER, status=status, retry_after=patience, reused=reused)
        for status, patience, reused in product(
            (200, 404, 429, 500, 503), (False, True), (False, True)
        )
    ]
    return broken + answered


ROUTES = [
    WOD,
    route(fallback=frozenset()),
    route(fallback=frozenset({Cause.TIMEOUT, Cause.STATUS_5XX})),
    route(fallback=frozenset({Cause.CONNECT}), fallback_statuses=frozenset({404, 503})),
    route(idempotent=frozenset({"POST"})),
]
SITUATIONS = [
    Situation(method, on_candidate, whole, left, stale, room)
    for method, on_candidate, whole, left, stale, room in product(
        ("GET", "HEAD", "OPTIONS", "POST", "PUT", "DELETE"),
        (True, False), (True, False), (5.0, 0.0, -1.0), (True, False), (True, False),
    )
]  # fmt: skip


@pytest.mark.parametrize("wod", ROUTES, ids=range(len(ROUTES)))
def test_the_rule_of_rescue_holds_everywhere(wod: Route) -> None:
    """The sentence of the README, told a second time over everything that can come together."""
    for outcome, now in product(every_outcome(), SITUATIONS):
        safe = now.method in {"GET", "HEAD", "OPTIONS"} or now.method in wod.idempotent
        nothing_sent = outcome.phase is Phase.CONNECT
        listed = counted_cause(wod, outcome) is not None
        stale = (
            outcome.reused
            and (outcome.phase, outcome.fault) == (Phase.AWAIT, Fault.CLOSED)
            and not now.was_stale
        )
        allowed = now.body_whole and now.left_s > 0
        what = after(wod, outcome, now)
        if stale and safe and allowed:
            assert what == Again(), (outcome, now)
        elif listed and now.on_candidate and (safe or nothing_sent) and allowed and now.has_room:
            assert isinstance(what, FallBack), (outcome, now)
        else:
            assert isinstance(what, Answer), (outcome, now)
            assert (what.why is not None) == (listed and now.on_candidate), (outcome, now)


def test_no_write_is_ever_repeated() -> None:
    """A POST that may have arrived is asked for once, unless the route declares it idempotent."""
    for outcome, now in product(every_outcome(), SITUATIONS):
        if now.method in {"POST", "PUT", "DELETE"} and outcome.phase is not Phase.CONNECT:
            assert isinstance(after(WOD, outcome, now), Answer)


def test_legacy_is_never_retried() -> None:
    """Only a kept connection that was gone already is asked again, on a fresh one."""
    for outcome, now in product(every_outcome(), SITUATIONS):
        if not now.on_candidate:
            what = after(WOD, outcome, now)
            assert what == (Again() if isinstance(what, Again) else Answer())
            assert isinstance(what, Answer) or outcome.is_stale


RESET, REFUSED = Outcome(Phase.AWAIT, Fault.CLOSED), Outcome(Phase.CONNECT, Fault.REFUSED)
STALE = Outcome(Phase.AWAIT, Fault.CLOSED, reused=True)

REFUSALS = [
    (RESET, Situation("POST", True, True, 8.0), Answer(Cause.RESET, Why.METHOD)),
    (STALE, Situation("POST", True, True, 8.0), Answer(Cause.RESET, Why.METHOD)),
    (REFUSED, Situation("POST", True, True, 8.0), FallBack(Cause.CONNECT)),
    (REFUSED, Situation("POST", True, False, 8.0), Answer(Cause.CONNECT, Why.BODY)),
    (RESET, Situation("GET", True, False, 8.0), Answer(Cause.RESET, Why.BODY)),
    (RESET, Situation("GET", True, True, 0.0), Answer(Cause.RESET, Why.DEADLINE)),
    (STALE, Situation("GET", True, True, 8.0), Again()),
    (STALE, Situation("GET", True, True, 8.0, was_stale=True), FallBack(Cause.RESET)),
    (STALE, Situation("GET", False, True, 8.0), Again()),
    (STALE, Situation("GET", False, True, 8.0, was_stale=True), Answer()),
    (RESET, Situation("GET", True, True, 8.0, has_room=False), Answer(Cause.RESET, Why.SHED)),
    (RESET, Situation("POST", True, True, 8.0, has_room=False), Answer(Cause.RESET, Why.METHOD)),
    (RESET, Situation("GET", True, True, 0.0, has_room=False), Answer(Cause.RESET, Why.DEADLINE)),
    (STALE, Situation("GET", True, True, 8.0, has_room=False), Again()),
]


@pytest.mark.parametrize(("outcome", "now", "what"), REFUSALS, ids=repr)
def test_why_not(outcome: Outcome, now: Situation, what: object) -> None:
    """A failure that has to stand says why."""
    assert after(WOD, outcome, now) == what


LISTED = [
    ({"fallback_statuses": frozenset({404}), "fallback": frozenset()}, 404, False, "404"),
    ({"fallback_statuses": frozenset({404}), "fallback": frozenset()}, 500, False, None),
    ({"fallback_statuses": frozenset({503})}, 503, True, "503"),
    ({"fallback": frozenset({Cause.STATUS_5XX})}, 503, True, Cause.STATUS_5XX),
    ({"fallback": frozenset({Cause.STATUS_5XX})}, 429, True, None),
    ({"fallback": frozenset({Cause.OVERLOAD})}, 503, True, Cause.OVERLOAD),
    ({"fallback": frozenset({Cause.OVERLOAD})}, 503, False, None),
    ({"fallback": frozenset({Cause.OVERLOAD})}, 429, True, Cause.OVERLOAD),
]


@pytest.mark.parametrize(("fields", "status", "patience", "cause"), LISTED)
def test_what_a_route_lists(
    fields: dict[str, object], status: int, patience: bool, cause: str | None
) -> None:
    """Single statuses count as themselves; a 503 that asks for patience is a 5xx all the same."""
    outcome = Outcome(Phase.ANSWER, status=status, retry_after=patience)
    assert counted_cause(route(**fields), outcome) == cause


def test_late_commit_is_for_what_could_be_rescued() -> None:
    """Holding an answer back has a price: only where a failure in mid-body can be repeated."""
    assert may_hold(WOD, "GET")
    assert not may_hold(WOD, "POST")
    assert may_hold(route(idempotent=frozenset({"POST"})), "POST")
    assert not may_hold(route(fallback=frozenset({Cause.CONNECT})), "GET")
    assert is_repeatable(WOD, "OPTIONS")
    assert not is_repeatable(WOD, "PUT")


def test_our_own_status_for_no_answer() -> None:
    """504 for silence, 503 for no room, 502 for all else."""
    expected = dict.fromkeys(Fault, 502) | {Fault.TIMEOUT: 504, Fault.BUSY: 503}
    for outcome in every_outcome():
        if outcome.fault is not None:
            assert failed_status(outcome) == expected[outcome.fault]
            assert failed_status(outcome, Why.METHOD) == expected[outcome.fault]
            assert failed_status(outcome, Why.BUDGET) == 503
            assert failed_status(outcome, Why.SHED) == 503


FATES = [
    (Reason.PERCENT, Ending(200), Fate.OK),
    (Reason.PLAIN, Ending(404), Fate.OK),
    (Reason.PLAIN, Ending(500), Fate.UPSTREAM_ERROR),
    (Reason.PLAIN, Ending(None), Fate.UPSTREAM_ERROR),
    (Reason.PERCENT, Ending(200, fell_back=True), Fate.RESCUED),
    (Reason.PERCENT, Ending(404, fell_back=True), Fate.RESCUED),
    (Reason.PERCENT, Ending(500, fell_back=True), Fate.FAIL_BOTH),
    (Reason.PERCENT, Ending(None, fell_back=True), Fate.FAIL_BOTH),
    (Reason.PERCENT, Ending(None, why=Why.METHOD), Fate.FAIL_NOT_ELIGIBLE),
    (Reason.PIN, Ending(503, why=Why.BODY), Fate.FAIL_NOT_ELIGIBLE),
    (Reason.PERCENT, Ending(None, why=Why.DEADLINE), Fate.FAIL_NOT_ELIGIBLE),
    (Reason.PERCENT, Ending(None, why=Why.BUDGET), Fate.FAIL_BUDGET),
    (Reason.PERCENT, Ending(None, why=Why.SHED), Fate.SHED),
    (Reason.PIN, Ending(500, why=Why.SHED), Fate.SHED),
    (Reason.PIN, Ending(404, why=Why.SHED), Fate.SHED),
    (Reason.PERCENT, Ending(None, fell_back=True, shed=True), Fate.SHED),
    (Reason.PLAIN, Ending(None, shed=True), Fate.SHED),
    (Reason.BREAKER, Ending(None, shed=True), Fate.SHED),
    (Reason.PERCENT, Ending(500, why=Why.SHED, broken=True), Fate.FAIL_AFTER_COMMIT),
    (Reason.BREAKER, Ending(200), Fate.BREAKER_DIRECT),
    (Reason.BREAKER, Ending(502), Fate.UPSTREAM_ERROR),
    (Reason.PERCENT, Ending(200, broken=True), Fate.FAIL_AFTER_COMMIT),
    (Reason.PERCENT, Ending(200, fell_back=True, broken=True), Fate.FAIL_AFTER_COMMIT),
]


@pytest.mark.parametrize(("reason", "ending", "fate"), FATES, ids=repr)
def test_fates(reason: Reason, ending: Ending, fate: Fate) -> None:
    """How each exchange is accounted for."""
    assert fate_of(reason, ending) is fate


def test_every_ending_has_one_fate() -> None:
    """Total over everything: nothing is counted twice or not at all."""
    for reason, answered, fell_back, why, broken in product(
        Reason, (None, 200, 404, 429, 500, 503), (False, True), (None, *Why), (False, True)
    ):
        assert fate_of(reason, Ending(answered, fell_back, why, broken)) in Fate


@pytest.mark.parametrize(
    ("status", "fate"),
    [
        (400, Fate.BAD_REQUEST),
        (401, Fate.AUTH_REFUSED),
        (403, Fate.AUTH_REFUSED),
        (405, Fate.BAD_REQUEST),
        (413, Fate.BAD_REQUEST),
        (431, Fate.BAD_REQUEST),
    ],
)
def test_fates_of_refusals(status: int, fate: Fate) -> None:
    """401 and 403 apart from the rest of our own 4xx."""
    assert fate_of_refusal(status) is fate

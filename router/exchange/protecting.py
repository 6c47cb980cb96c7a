"""Where an exchange meets breaker and budget, once its attempt at the candidate is over."""

from typing import Final

from router.core.deciding import Decision
from router.core.fallback import BODY, After, Answer, FallBack, Why
from router.core.model import Route
from router.core.outcome import Outcome
from router.core.protection import Way
from router.core.record import Record
from router.edge.protections import Guard

NO_BUDGET: Final = Why.BUDGET
CANDIDATE: Final = Way.CANDIDATE


def judged(
    verdict: After,
    outcome: Outcome,
    guard: Guard,
    way: Way,
    route: Route,
    decision: Decision,
    record: Record,
) -> After:
    """What follows the attempt: *verdict*, but for a fallback that there is no budget for.

    An error that `fallback` does not list is as good as an answer; no answer at all is neither
    success nor failure, then.
    """
    cause = verdict.cause if isinstance(verdict, Answer | FallBack) else None
    if cause is not None:
        counted = guard.failed(record.started, way, route.salt, decision.unit)
        if isinstance(verdict, FallBack) and not guard.may_fall_back(record.started, counted):
            return Answer(cause, NO_BUDGET)
    elif outcome.fault is None:
        guard.did_well(record.started, way)
    else:
        guard.ended(record.started, way, fell_back=False)
    return verdict


def broke_off(guard: Guard, route: Route, decision: Decision, record: Record) -> None:
    """An answer of the candidate's that had begun well was not whole; a tunnel never is."""
    if BODY in route.fallback and decision.upstream is route.candidate and record.status != 101:
        guard.failed(record.started, CANDIDATE, route.salt, decision.unit)

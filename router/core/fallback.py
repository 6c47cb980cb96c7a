"""What follows an attempt: the answer, the fallback, a fresh connection, or the end.

Read `after` as the sentence of the README: *the candidate's failure is answered by legacy if
its cause is in the route's `fallback`, nothing was sent or repeating is safe, the body is still
whole, time is left before the deadline, and legacy has room to spare.*
"""

from dataclasses import dataclass
from typing import Final, NamedTuple

from router.core.model import SAFE_METHODS, Cause, Route
from router.core.outcome import Fault, Outcome, Phase, cause_of
from router.core.words import Word


class Why(Word):
    """Why a counted failure was not rescued: label of `strangler_fallbacks_refused_total`."""

    METHOD = "method"
    BODY = "body"
    DEADLINE = "deadline"
    BUDGET = "budget"
    SHED = "shed"


SPARED: Final = frozenset({Why.BUDGET, Why.SHED})
"""The failure could be rescued, but legacy is to be spared: later it may go well."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Give the client what came; `cause` and `why` tell of a failure that had to stand."""

    cause: str | None = None
    why: Why | None = None


@dataclass(frozen=True, slots=True)
class FallBack:
    """Ask legacy instead, because of *cause*."""

    cause: str


@dataclass(frozen=True, slots=True)
class Again:
    """Ask the same upstream once more, on a fresh connection."""


After = Answer | FallBack | Again

AS_IT_CAME: Final = Answer()
"""What most attempts end in."""


class Situation(NamedTuple):
    """What `after` has to know beside the outcome itself.

    `on_candidate`: the attempt was the candidate's. `body_whole`: no byte of the request body
    was discarded. `left_s`: seconds before the deadline. `was_stale`: a fresh connection was
    already tried. `has_room`: legacy has a place for what is diverted to it.
    """

    method: str
    on_candidate: bool
    body_whole: bool
    left_s: float
    was_stale: bool = False
    has_room: bool = True


def goes_on(outcome: Outcome) -> bool:
    """Whether an answer goes to the client whatever the route says: no error of any kind."""
    return outcome.fault is None and (outcome.status or 0) < 400


def after(route: Route, outcome: Outcome, now: Situation) -> After:
    """What to do next; never called once the answer is committed."""
    if goes_on(outcome):
        return AS_IT_CAME
    repeatable = is_repeatable(route, now.method)
    if outcome.is_stale and not now.was_stale and repeatable and now.body_whole and now.left_s > 0:
        return Again()
    cause = counted_cause(route, outcome) if now.on_candidate else None
    if cause is None:
        return AS_IT_CAME
    why = refusal(outcome, now, repeatable=repeatable)
    return FallBack(cause) if why is None else Answer(cause, why)


def refusal(outcome: Outcome, now: Situation, *, repeatable: bool) -> Why | None:
    """Why this failure may not be rescued, or None if it may."""
    if outcome.phase is not Phase.CONNECT and not repeatable:
        return Why.METHOD
    if not now.body_whole:
        return Why.BODY
    if now.left_s <= 0:
        return Why.DEADLINE
    return None if now.has_room else Why.SHED


def counted_cause(route: Route, outcome: Outcome) -> str | None:
    """The cause under which the route's `fallback` lists this outcome, or None.

    A single status listed there (`[404]`) is its own cause, spelled as the number.
    """
    if outcome.status in route.fallback_statuses and outcome.phase is Phase.ANSWER:
        return str(outcome.status)
    cause = cause_of(outcome)
    if cause is Cause.OVERLOAD and outcome.status != 429 and cause not in route.fallback:
        cause = Cause.STATUS_5XX  # a 503 that asks for patience is a 5xx all the same
    return cause if cause in route.fallback else None


BODY: Final = Cause.BODY
"""Looked up at each request, and on 3.11 an enum's members cost a call."""


def is_repeatable(route: Route, method: str) -> bool:
    """Whether sending the request twice does no harm: safe, or declared idempotent."""
    return method in SAFE_METHODS or method in route.idempotent


def may_hold(route: Route, method: str) -> bool:
    """Whether to commit late: only where a failure in mid-body could still be rescued."""
    return BODY in route.fallback and is_repeatable(route, method)


def failed_status(outcome: Outcome, why: Why | None = None) -> int:
    """The status of our own answer where none came: 504 for silence, 503 for no room, else 502.

    What stands only because legacy is spared is worth another try: 503 as well.
    """
    if outcome.fault is Fault.BUSY or why in SPARED:
        return 503
    return 504 if outcome.fault is Fault.TIMEOUT else 502

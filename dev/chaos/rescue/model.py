"""What must come of an exchange: a model of the rules, from its plan and nothing else.

It shares no line with the router. One thing only is told from outside: whether an upstream saw the
request come on a connection that had carried another before, which nobody can order.
"""

from enum import StrEnum
from typing import NamedTuple

from dev.chaos.rescue.cohorts import is_candidates
from dev.chaos.rescue.scripts import BODILESS, status_of
from dev.chaos.rescue.table import (
    AT_ACCEPT,
    BAD_CHUNKS,
    BEFORE,
    CUTS,
    DIES_ONCE,
    FAILING,
    IN_BODY,
    IN_HEAD,
    PROTOCOL,
    UNCONNECTED,
)
from dev.chaos.rescue.words import KEPT, Cell, Framing, Leaves, Legacy, Plan

REPEATABLE = frozenset({"GET", "HEAD", "PUT"})
"""Safe, or declared idempotent by the route (PUT)."""


class Whose(StrEnum):
    """Whose answer the client has."""

    CANDIDATE = "candidate"
    LEGACY = "legacy"
    ROUTER = "router"
    NOBODY = "nobody"


class Reused(NamedTuple):
    """Whether the candidate, and legacy, first saw the request on a connection of another's."""

    candidate: bool = False
    legacy: bool = False


class Result(NamedTuple):
    """What comes of an exchange, predicted or observed.

    `status` is 0 where it says nothing: of an answer that is cut, or that nobody waits for.
    `candidate` and `legacy` are how often the request reached each.
    """

    fate: str
    status: int
    whose: Whose
    whole: bool
    candidate: int
    legacy: int


class Failure(NamedTuple):
    """How an attempt at the candidate failed before anything was committed.

    `status` is what the client is told where nobody else may be asked: the candidate's own if it
    `answered`. `unsent`: it never had the request. `dies`: its connection ended before a byte.
    """

    status: int
    answered: bool = False
    unsent: bool = False
    dies: bool = False


SOUND, CUT = "sound", "cut"
Symptom = Failure | str


def predicted(plan: Plan, *, reused: Reused) -> tuple[Result, ...]:
    """What may come of *plan*: one result, but where nobody can know whether a write was sent."""
    cell = plan.cell
    if not is_candidates(plan.user):
        return (from_legacy(plan, reused, direct=True),)
    if cell.leaves is not Leaves.NEVER:
        asked = 2 if reused.candidate and cell.leaves is Leaves.IN_FALLBACK else 1
        fallback = int(cell.leaves is Leaves.IN_FALLBACK)
        return (Result("client_gone", 0, Whose.NOBODY, False, asked, fallback),)
    if cell.lane in AT_ACCEPT:
        return at_accept(plan, reused)
    symptom = symptom_of(plan)
    if isinstance(symptom, Failure):
        return (failed(plan, symptom, reused),)
    if symptom == CUT:
        return (Result("fail_after_commit", 0, Whose.CANDIDATE, False, 1, 0),)
    return (Result("ok", int(status_of(cell)[0]), Whose.CANDIDATE, True, 1, 0),)


def symptom_of(plan: Plan) -> Symptom:
    """What is to be seen of the candidate's fault."""
    cell = plan.cell
    if cell.fault in UNCONNECTED:
        return Failure(502, unsent=True)
    if cell.fault in PROTOCOL:
        return Failure(502)
    if cell.fault in BAD_CHUNKS:
        return Failure(502)  # it is seen with the head, before that is committed
    if cell.fault in ("head dripped", "late answer"):
        return Failure(504)
    if cell.fault in FAILING:
        return Failure(int(cell.fault[:3]), answered=True)
    if cell.fault in DIES_ONCE or cell.where in (BEFORE, "while it reads", *IN_HEAD):
        return Failure(504 if cell.fault == "stalls" else 502, dies=is_death(cell))
    if cell.fault in CUTS and cell.where in IN_BODY:
        return CUT if is_committed(cell) else Failure(504 if cell.fault == "stalls" else 502)
    return SOUND


def is_death(cell: Cell) -> bool:
    """Whether the connection ends before a byte of the answer."""
    at_once = cell.where in (BEFORE, "while it reads") or cell.fault in DIES_ONCE
    return at_once and cell.fault != "stalls"


def is_committed(cell: Cell) -> bool:
    """Whether the client has a part of the answer by the time it breaks."""
    held = cell.method in REPEATABLE and cell.framing is not Framing.EVENTS
    return cell.large or not held


def failed(plan: Plan, failure: Failure, reused: Reused) -> Result:
    """What follows a failure: another connection, legacy, or the failure itself."""
    cell = plan.cell
    asked = int(not failure.unsent)
    if failure.dies and reused.candidate and may_repeat(cell):
        if cell.fault in DIES_ONCE:
            return Result("ok", 200, Whose.CANDIDATE, True, 2, 0)
        asked = 2  # nothing was answered on a kept connection: one fresh one before legacy
    if failure.unsent or may_repeat(cell):
        return from_legacy(plan, reused, direct=False, asked=asked)
    whose = Whose.CANDIDATE if failure.answered else Whose.ROUTER
    return Result("fail_not_eligible", failure.status, whose, True, asked, 0)


def from_legacy(plan: Plan, reused: Reused, *, direct: bool, asked: int = 0) -> Result:
    """What legacy makes of it, asked in the first place or instead of the candidate."""
    bad = "upstream_error" if direct else "fail_both"
    match plan.cell.legacy:
        case Legacy.SOUND:
            return Result("ok" if direct else "rescued", 200, Whose.LEGACY, True, asked, 1)
        case Legacy.FAILING:
            return Result(bad, 500, Whose.LEGACY, True, asked, 1)
        case Legacy.RESETTING:
            times = 2 if reused.legacy and may_repeat(plan.cell) else 1
            return Result(bad, 502, Whose.ROUTER, True, asked, times)
    return Result(bad, 504, Whose.ROUTER, True, asked, 1)


def at_accept(plan: Plan, reused: Reused) -> tuple[Result, ...]:
    """A server that hangs up at once: for a write nobody knows whether it was read."""
    rescued = from_legacy(plan, reused, direct=False)
    if plan.cell.method in REPEATABLE:
        return (rescued,)
    return (rescued, Result("fail_not_eligible", 502, Whose.ROUTER, True, 0, 0))


def may_repeat(cell: Cell) -> bool:
    """Whether the request, though it was sent, may be sent again, and can be."""
    return cell.method in REPEATABLE and cell.upload <= KEPT


def is_bodiless(plan: Plan, status: int) -> bool:
    """Whether an answer of that status has no body, whatever its fields say."""
    return plan.cell.method == "HEAD" or str(status) in BODILESS

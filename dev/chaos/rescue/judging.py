"""What was observed of an exchange, told from the ledgers alone, and whether it is as predicted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dev.chaos.rescue.clients import Got
from dev.chaos.rescue.cohorts import is_candidates
from dev.chaos.rescue.model import Result, Reused, Whose, is_bodiless, predicted
from dev.chaos.rescue.scripts import legacy_body, payload_of
from dev.chaos.rescue.upstreams import Ledger
from dev.chaos.rescue.words import Plan

NOT_WHOLE = "a truncated answer that looks whole"
TWICE = "a write that reached upstreams twice"
NOT_RESCUED = "an eligible exchange that was not rescued"
OTHER = "not as predicted"


@dataclass(frozen=True, slots=True)
class Answered:
    """What a client has in hand: all that is kept of its answer once its bytes were looked at."""

    status: int
    whose: Whose
    whole: bool
    left: bool
    note: str = ""


@dataclass(frozen=True, slots=True)
class Difference:
    """An exchange that came out otherwise."""

    plan: Plan
    kind: str
    expected: Sequence[Result]
    seen: Result
    note: str


@dataclass(frozen=True, slots=True)
class Ledgers:
    """Both upstreams' ledgers."""

    candidate: Ledger
    legacy: Ledger

    def reused(self, key: str) -> Reused:
        """On what kind of connection each saw the request first."""
        return Reused(self.candidate.is_on_reused(key), self.legacy.is_on_reused(key))


def looked_at(plan: Plan, got: Got) -> Answered:
    """Whose answer *got* is, and whether every byte of it is right."""
    whose = whose_is(got)
    if got.left:
        return Answered(0, Whose.NOBODY, False, True, got.error)
    if got.error.startswith("TimeoutError"):
        return Answered(got.status, Whose.NOBODY, False, False, "wrong: no answer")
    if not got.whole:
        broken = whose if got.status else Whose.CANDIDATE  # cut before a byte of it arrived
        starts = right_body(plan, whose, got.status).startswith(bytes(got.body))
        note = got.error if starts else f"wrong bytes: {bytes(got.body[:60])!r}"
        return Answered(0 if starts else got.status, broken, False, False, note)
    right = right_body(plan, whose, got.status)
    if whose is Whose.ROUTER or bytes(got.body) == right:
        return Answered(got.status, whose, True, False)
    note = NOT_WHOLE if right.startswith(bytes(got.body)) else f"wrong bytes: {got.body[:60]!r}"
    return Answered(got.status, Whose.NOBODY, True, False, note)


def whose_is(got: Got) -> Whose:
    """Whose answer it says it is."""
    who = got.one(b"X-From").partition(b" ")[0].decode()
    if who:
        return Whose(who)
    is_ours = got.one(b"Content-Type") == b"application/problem+json"
    return Whose.ROUTER if is_ours else Whose.NOBODY


def right_body(plan: Plan, whose: Whose, status: int) -> bytes:
    """What the body has to be."""
    if is_bodiless(plan, status):
        return b""
    if whose is Whose.LEGACY:
        return legacy_body(plan)
    if plan.cell.fault == "client leaves":
        return b"hello"
    return payload_of(plan.number, plan.cell, plan.size)


def observed(plan: Plan, answered: Answered, ledgers: Ledgers) -> Result:
    """The fate, told from what the client has and what the upstreams got."""
    candidate = len(ledgers.candidate.arrivals[plan.key])
    legacy = len(ledgers.legacy.arrivals[plan.key])
    fate = fate_seen(plan, answered, legacy)
    return Result(fate, answered.status, answered.whose, answered.whole, candidate, legacy)


def fate_seen(plan: Plan, answered: Answered, legacy: int) -> str:
    """The name of what the client lived through."""
    if answered.left:
        return "client_gone"
    if not answered.whole:
        return "fail_after_commit" if answered.status == 0 else "nonsense"
    is_good = answered.status < 429
    direct = not is_candidates(plan.user)
    match answered.whose:
        case Whose.CANDIDATE:
            return "fail_not_eligible" if is_failing(plan, answered.status) else "ok"
        case Whose.LEGACY if direct:
            return "ok" if is_good else "upstream_error"
        case Whose.LEGACY:
            return "rescued" if is_good else "fail_both"
        case Whose.ROUTER if not legacy:
            return "fail_not_eligible"
        case Whose.ROUTER:
            return "upstream_error" if direct else "fail_both"
    return "nonsense"


def is_failing(plan: Plan, status: int) -> bool:
    """Whether the candidate's own answer is a failure of it."""
    return status >= 500 or (status == 429 and plan.cell.fault == "429 overload")


def judged(plan: Plan, answered: Answered, ledgers: Ledgers) -> Difference | None:
    """The difference between what was predicted and what was observed, if there is one."""
    expected = predicted(plan, reused=ledgers.reused(plan.key))
    seen = observed(plan, answered, ledgers)
    if seen in expected and not answered.note.startswith("wrong"):
        return None
    return Difference(plan, kind_of(plan, expected, seen, answered), expected, seen, answered.note)


def kind_of(plan: Plan, expected: Sequence[Result], seen: Result, answered: Answered) -> str:
    """The worst that is to be said of it."""
    if answered.note == NOT_WHOLE:
        return NOT_WHOLE
    if plan.cell.method == "POST" and seen.candidate + seen.legacy > 1:
        return TWICE
    if any(one.fate == "rescued" for one in expected):
        return NOT_RESCUED
    return OTHER


def told_otherwise(fates: Mapping[str, str], ledgers: Ledgers, plans: Sequence[Plan]) -> list[str]:
    """Where the access log, by key, says something else than must have been."""
    wrong = []
    for plan in plans:
        results = predicted(plan, reused=ledgers.reused(plan.key))
        if fates.get(plan.key) not in {one.fate for one in results}:
            wrong.append(f"exchange {plan.number}: {fates.get(plan.key)}, not {results[0].fate}")
    return wrong

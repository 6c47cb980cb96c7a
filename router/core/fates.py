"""Fates: how an exchange ended, exactly one of a closed list. They sum to the requests."""

from typing import Final

from router.core.fallback import Why
from router.core.model import Reason
from router.core.words import Word


class Fate(Word):
    """The label `fate` of `strangler_requests_total`; docs/glossary.md says what each means."""

    OK = "ok"
    RESCUED = "rescued"
    BREAKER_DIRECT = "breaker_direct"
    UPSTREAM_ERROR = "upstream_error"
    FAIL_NOT_ELIGIBLE = "fail_not_eligible"
    FAIL_BUDGET = "fail_budget"
    FAIL_BOTH = "fail_both"
    FAIL_AFTER_COMMIT = "fail_after_commit"
    CLIENT_GONE = "client_gone"
    AUTH_REFUSED = "auth_refused"
    BAD_REQUEST = "bad_request"
    SHED = "shed"
    INTERNAL_ERROR = "internal_error"


# Looked up at each request, and on 3.11 an enum's members cost a call.
OK: Final = Fate.OK
BREAKER: Final = Reason.BREAKER


class Ending:
    """What is known when an answer has gone out whole, or could not.

    `answered`: the last upstream asked gave a status (None: our own 502 or 504). `fell_back`:
    legacy was asked because the candidate failed. `why`: a rescue was refused. `broken`: the
    answer broke off after its commit. `shed`: no upstream had room for it; `why` says it of a
    rescue that legacy had no room for, whatever the candidate had answered.
    """

    __slots__ = ("answered", "broken", "fell_back", "shed", "why")

    def __init__(
        self,
        answered: int | None,
        fell_back: bool = False,
        why: Why | None = None,
        broken: bool = False,
        shed: bool = False,
    ) -> None:
        self.answered = answered
        self.fell_back = fell_back
        self.why = why
        self.broken = broken
        self.shed = shed

    def __repr__(self) -> str:
        told = f"{self.answered}, {self.fell_back}, {self.why}, {self.broken}, {self.shed}"
        return f"Ending({told})"


def fate_of(reason: Reason, ending: Ending) -> Fate:
    """The fate of an exchange that was sent to an upstream."""
    if ending.broken:
        return Fate.FAIL_AFTER_COMMIT
    if ending.shed or ending.why is Why.SHED:
        return Fate.SHED
    failed = ending.answered is None or ending.answered >= 500
    if ending.fell_back:
        return Fate.FAIL_BOTH if failed else Fate.RESCUED
    if ending.why is not None:
        return Fate.FAIL_BUDGET if ending.why is Why.BUDGET else Fate.FAIL_NOT_ELIGIBLE
    if failed:
        return Fate.UPSTREAM_ERROR
    return Fate.BREAKER_DIRECT if reason is BREAKER else OK


def fate_of_refusal(status: int) -> Fate:
    """The fate of a request that we answered ourselves before any upstream was asked.

    503 is for tokens that nobody can judge, as no key could be had.
    """
    return Fate.AUTH_REFUSED if status in {401, 403, 503} else Fate.BAD_REQUEST

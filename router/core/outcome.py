"""How an attempt ended: phase, what broke, what was sent; and what that is called."""

from typing import NamedTuple

from router.core.model import Cause
from router.core.words import Word


class Phase(Word):
    """How far an attempt came."""

    CONNECT = "connect"  # no connection: nothing was sent
    AWAIT = "await"  # sent (a part of it at least), no byte of an answer yet
    HEAD = "head"  # inside the head of the answer
    BODY = "body"  # the head is whole, the body is not
    ANSWER = "answer"  # as much of an answer as was waited for


class Fault(Word):
    """What the edge saw go wrong, before anyone judges it."""

    REFUSED = "refused"
    UNRESOLVED = "unresolved"  # its name has no address
    UNTRUSTED = "untrusted"  # its certificate is not to be trusted
    UNSECURED = "unsecured"  # TLS could not be agreed on
    UNREACHED = "unreached"  # no way there, or whatever else prevents a connection
    BUSY = "busy"  # no room for one more, at once or in time
    TIMEOUT = "timeout"
    CLOSED = "closed"
    GARBAGE = "garbage"


class Outcome(NamedTuple):
    """One attempt's end, as the edge saw it. `fault` is None exactly where an answer came."""

    phase: Phase
    fault: Fault | None = None
    status: int | None = None
    retry_after: bool = False
    reused: bool = False

    @property
    def is_stale(self) -> bool:
        """A kept connection that was gone before the first byte: nothing answered, so try anew."""
        return self.reused and self.phase is Phase.AWAIT and self.fault is Fault.CLOSED


def cause_of(outcome: Outcome) -> Cause | None:
    """The name of what went wrong, or None for an answer that is no failure.

    From the head of the answer on, whatever breaks is `body`: what matters then is only that the
    answer is not whole.
    """
    if outcome.fault is None:
        return cause_of_status(outcome)
    match outcome:
        case Outcome(fault=Fault.BUSY):
            return Cause.OVERLOAD
        case Outcome(phase=Phase.CONNECT):
            return Cause.CONNECT
        case Outcome(phase=Phase.BODY):
            return Cause.BODY
        case Outcome(fault=Fault.TIMEOUT):
            return Cause.TIMEOUT
        case Outcome(fault=Fault.GARBAGE):
            return Cause.PROTOCOL
    return Cause.RESET


def cause_of_status(outcome: Outcome) -> Cause | None:
    """The name of what is wrong with an answer that came."""
    status = outcome.status or 0
    if status < 429:
        return None
    if outcome.retry_after and status in {429, 503}:
        return Cause.OVERLOAD
    return Cause.STATUS_5XX if status >= 500 else None


OUTCOME_LABELS = ("ok", *Cause, "cancelled")
"""Every value of the label `outcome` of `strangler_attempts_total`."""


def label_of(outcome: Outcome | None) -> str:
    """The outcome in one word; None is an attempt that the client's leaving cancelled."""
    if outcome is None:
        return "cancelled"
    return cause_of(outcome) or "ok"

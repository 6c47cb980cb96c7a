"""What an answer was that came after its attempt had been abandoned: right but slow, or wrong."""

from typing import Final

from router.core.comparing.book import Verdict
from router.core.outcome import Fault, Outcome, cause_of
from router.core.words import Word


class Lateness(Word):
    """What came of an attempt after its timeout: label of `strangler_late_answers_total`."""

    RIGHT = "right"  # the same as legacy's: only slow
    WRONG = "wrong"  # it differs where legacy does not differ from itself
    UNPROVEN = "unproven"  # it differs, and that may be noise
    SLOW = "slow"  # it came and is no failure; nothing was compared
    FAILED = "failed"  # a 5xx, a break or garbage: the fallback would have come anyway
    NEVER = "never"  # nothing whole within the time it was given
    DROPPED = "dropped"  # not waited for: no room, the client left, or the router went


COMPARED: Final = {
    Verdict.SAME: Lateness.RIGHT,
    Verdict.MISMATCH: Lateness.WRONG,
    Verdict.UNPROVEN: Lateness.UNPROVEN,
}


def lateness_of(outcome: Outcome) -> Lateness:
    """What is known without a comparison."""
    if outcome.fault is Fault.TIMEOUT:
        return Lateness.NEVER
    return Lateness.SLOW if cause_of(outcome) is None else Lateness.FAILED


def lateness_by(verdict: Verdict) -> Lateness:
    """What a comparison tells; one that could not be made tells only that the answer came."""
    return COMPARED.get(verdict, Lateness.SLOW)

"""What comes of one sampled exchange, once the other upstream has answered or has not."""

from collections.abc import Sequence
from dataclasses import dataclass

from router.core.comparing.book import Verdict
from router.core.comparing.differing import Difference, differences, rules_of
from router.core.comparing.reading import Answer, TooLarge, Unreadable, read_answer
from router.core.comparing.sampling import straddles
from router.core.model import Compare


@dataclass(frozen=True, slots=True)
class Asked:
    """All answers to one request. `again` is legacy's second, where it was asked twice.

    None is an answer that did not come. Times are of the wall clock, in seconds since 1970: from
    the first request to the last answer.
    """

    legacy: Answer | None
    candidate: Answer | None
    again: Answer | None
    began: float
    ended: float


@dataclass(frozen=True, slots=True)
class Found:
    """What the answers tell: differences, and those of legacy from itself if that is known."""

    pair: Sequence[Difference]
    control: Sequence[Difference] | None


def judge(asked: Asked, compare: Compare) -> Found | Verdict:
    """Where the answers differ, or why that cannot be said; takes time where bodies are large."""
    if straddles(asked.began, asked.ended):
        return Verdict.DATE
    if asked.legacy is None or asked.candidate is None:
        return Verdict.UNANSWERED
    rules, most = rules_of(compare), compare.max_body
    try:
        legacy = read_answer(asked.legacy, most)
        pair = differences(legacy, read_answer(asked.candidate, most), rules)
        if asked.again is None:
            return Found(pair, None)
        return Found(pair, differences(legacy, read_answer(asked.again, most), rules))
    except TooLarge:
        return Verdict.TOO_LARGE
    except (Unreadable, RecursionError):
        return Verdict.UNREADABLE

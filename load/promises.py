"""What users were promised, and whether a run kept it: docs/adr/0016."""

from dataclasses import dataclass

from load.sides import Side
from load.tally import WOD, Tally

DECISION_P95_MS = 5000.0
DECISION_ERRORS = 0.01
MIGRATED_P95_MS = 250.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """One promise, and what was found; `ours` where breaking it is the router's fault anywhere."""

    promise: str
    is_kept: bool
    found: str
    ours: bool = False

    def __str__(self) -> str:
        """As it is printed."""
        return f"{'kept  ' if self.is_kept else 'BROKEN'}  {self.promise}: {self.found}"


def verdicts(tally: Tally, percent: float | None) -> list[Verdict]:
    """Judge a run at *percent*; None: nobody said, so sides and what 100 % promises are not."""
    found = [quick(tally, DECISION_P95_MS), few_errors(tally, WOD), few_errors(tally, None)]
    if tally.crashes:
        found.append(Verdict("every user could act", False, f"{tally.crashes} crashes", ours=True))
    if percent is not None:
        found.append(sides(tally))
    if percent == 100:
        found += [quick(tally, MIGRATED_P95_MS), no_errors(tally)]
    return found


def quick(tally: Tally, limit_ms: float) -> Verdict:
    """The WOD's 95th percentile; a run without one good answer kept nothing."""
    p95 = tally.percentile(WOD, 95)
    promise = f"p95 of the WOD < {limit_ms:g} ms"
    if p95 is None:
        return Verdict(promise, False, "no good answer")
    return Verdict(promise, p95 < limit_ms, f"{p95:.0f} ms")


def few_errors(tally: Tally, endpoint: str | None) -> Verdict:
    """The share of failures, of the WOD or of all."""
    asked, failed = tally.requests(endpoint), tally.failures(endpoint)
    promise = f"errors of {'the WOD' if endpoint else 'all'} < {DECISION_ERRORS:.0%}"
    if not asked:
        return Verdict(promise, False, "nothing was asked")
    return Verdict(promise, failed / asked < DECISION_ERRORS, f"{failed} of {asked}")


def no_errors(tally: Tally) -> Verdict:
    """None at all."""
    return Verdict("no errors", tally.failures() == 0, f"{tally.failures()}")


def sides(tally: Tally) -> Verdict:
    """Nobody on a side other than their bucket says, and the router said who served."""
    wrong, untold = tally.sides[Side.WRONG], tally.sides[Side.UNTOLD]
    judged = tally.sides.total()
    text = f"{wrong} wrong and {untold} untold of {judged}, {tally.sides[Side.RESCUED]} rescued"
    is_kept = judged > 0 and not wrong and not untold
    return Verdict("every user on the side of their bucket", is_kept, text, ours=True)

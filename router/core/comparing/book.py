"""The evidence on one route: how often each path differed, and the last pairs that did. Bounded."""

from collections import Counter, deque
from collections.abc import Iterable, Sequence
from typing import Any

from router.core.comparing.differing import Difference
from router.core.comparing.noise import is_mismatch
from router.core.comparing.showing import shown
from router.core.words import Word

MOST_PATHS = 200
LAST = 50
SHOWN = 10
"""Differences of one pair that are kept as an example."""
MOST_PAIRS = 20_000
"""From here on half is forgotten: the evidence is of what the upstreams do now."""


class Verdict(Word):
    """What came of one sampled exchange: the label of `strangler_compare_total`."""

    SAME = "same"
    MISMATCH = "mismatch"
    UNPROVEN = "unproven"
    DATE = "date"
    UNANSWERED = "unanswered"
    UNREADABLE = "unreadable"
    TOO_LARGE = "too_large"
    DROPPED = "dropped"


class Tally:
    """How often one path differed, and between two answers of legacy; with the last example."""

    __slots__ = ("control_differed", "differed", "example")

    def __init__(self) -> None:
        self.differed = 0
        self.control_differed = 0
        self.example: dict[str, Any] | None = None


class Book:
    """What is known of the pairs of one route. Nothing in it grows without end."""

    def __init__(self, *, show_values: bool = False) -> None:
        self.pairs = 0
        self.controls = 0
        self.unlisted = 0
        self.verdicts: Counter[str] = Counter()
        self.late: Counter[str] = Counter()
        self.paths: dict[str, Tally] = {}
        self.last: deque[dict[str, Any]] = deque(maxlen=LAST)
        self._show_values = show_values

    def control(self, found: Sequence[Difference]) -> None:
        """Enter two answers of legacy to the same request, which differ in *found*."""
        self.controls += 1
        for tally in self._tallies(found):
            tally.control_differed += 1

    def pair(self, found: Sequence[Difference], about: dict[str, Any]) -> Verdict:
        """Enter answers of legacy and candidate, *about* which goes with the example."""
        self._forget()
        self.pairs += 1
        if not found:
            return Verdict.SAME
        tellable = [shown(one, values=self._show_values) for one in found]
        self.last.append({**about, "differences": tellable[:SHOWN]})
        proven = False
        for difference, said in zip(found, tellable, strict=True):
            for tally in self._tallies([difference]):
                tally.differed += 1
                tally.example = {**about, **said}
                proven = proven or self._is_mismatch(tally)
        return Verdict.MISMATCH if proven else Verdict.UNPROVEN

    def count(self, verdict: Verdict) -> None:
        """Count what came of an exchange."""
        self.verdicts[verdict] += 1

    def report(self) -> dict[str, Any]:
        """All of it, as JSON has it."""
        return {
            "pairs": self.pairs,
            "controls": self.controls,
            "unlisted": self.unlisted,
            "verdicts": dict(self.verdicts),
            "late": dict(self.late),
            "paths": {
                path: {
                    "differed": tally.differed,
                    "control_differed": tally.control_differed,
                    "example": tally.example,
                }
                for path, tally in self.paths.items()
            },
            "last": list(self.last),
        }

    def _is_mismatch(self, tally: Tally) -> bool:
        return is_mismatch(
            tally.differed,
            self.pairs,
            tally.control_differed,
            self.controls,
            paths=len(self.paths),
        )

    def _tallies(self, found: Iterable[Difference]) -> Iterable[Tally]:
        """The tally of each path, as far as there is room for one."""
        for one in found:
            tally = self.paths.get(one.path)
            if tally is None and len(self.paths) < MOST_PATHS:
                tally = self.paths[one.path] = Tally()
            if tally is None:
                self.unlisted += 1
            else:
                yield tally

    def _forget(self) -> None:
        """Halve the evidence once there is enough of it; paths that are left with none go."""
        if self.pairs < MOST_PAIRS:
            return
        self.pairs //= 2
        self.controls //= 2
        for tally in self.paths.values():
            tally.differed //= 2
            tally.control_differed //= 2
        kept = {p: one for p, one in self.paths.items() if one.differed or one.control_differed}
        self.paths = kept

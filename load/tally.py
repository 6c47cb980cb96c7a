"""What a run came to: every good answer's time, every failure, every user on a wrong side."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import ceil
from pathlib import Path
from typing import Self

from load.sides import Side

WOD = "GET /fitness/wod"


@dataclass
class Tally:
    """Counts of one run. Times are milliseconds, of good answers alone: a refusal is not quick."""

    took_ms: dict[str, list[float]] = field(default_factory=dict)
    failed: Counter[str] = field(default_factory=Counter)
    why: Counter[str] = field(default_factory=Counter)
    sides: Counter[str] = field(default_factory=Counter)
    crashes: int = 0
    lasted_s: float = 0.0

    def good(self, endpoint: str, took_ms: float) -> None:
        """One good answer."""
        self.took_ms.setdefault(endpoint, []).append(took_ms)

    def bad(self, endpoint: str, reason: str) -> None:
        """One failure."""
        self.failed[endpoint] += 1
        self.why[f"{endpoint}: {reason}"] += 1

    def sided(self, side: Side) -> None:
        """One answer whose side was judged."""
        self.sides[side] += 1

    @property
    def endpoints(self) -> list[str]:
        """All that were asked, the WOD first."""
        return sorted({*self.took_ms, *self.failed}, key=lambda name: (name != WOD, name))

    def answered(self, endpoint: str | None = None) -> int:
        """Good answers, of one endpoint or of all."""
        return sum(len(took) for name, took in self.took_ms.items() if endpoint in (None, name))

    def failures(self, endpoint: str | None = None) -> int:
        """Failures, of one endpoint or of all."""
        return sum(count for name, count in self.failed.items() if endpoint in (None, name))

    def requests(self, endpoint: str | None = None) -> int:
        """All that was asked, of one endpoint or of all."""
        return self.answered(endpoint) + self.failures(endpoint)

    def percentile(self, endpoint: str, percent: float) -> float | None:
        """The time in ms within which *percent* of the good answers came; None without any."""
        return percentile(self.took_ms.get(endpoint, []), percent)

    def write(self, path: Path) -> None:
        """Keep it as JSON."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(vars(self)), "utf-8")

    @classmethod
    def read(cls, path: Path) -> Self:
        """What `write` kept; OSError or ValueError if there is none."""
        kept = json.loads(path.read_text("utf-8"))
        for name in ("failed", "why", "sides"):
            kept[name] = Counter(kept[name])
        return cls(**kept)


def percentile(values: Sequence[float], percent: float) -> float | None:
    """The nearest-rank percentile: the smallest value that *percent* of all do not exceed."""
    if not values:
        return None
    return sorted(values)[max(0, ceil(len(values) * percent / 100) - 1)]

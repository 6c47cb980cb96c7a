"""What was measured: figures by name, for each peer one value a turn."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from statistics import median

RIVALS = ("nginx-njs", "haproxy")
"""Whom everybody is compared with: the peers that do the whole job."""


@dataclass(frozen=True, slots=True)
class Figure:
    """What a value means: its title, its unit, how many decimals it is worth."""

    name: str
    title: str
    unit: str
    digits: int = 1


@dataclass
class Results:
    """Values by figure and peer, in the order of the turns."""

    values: dict[str, dict[str, list[float]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(list))
    )

    def add(self, peer: str, measured: Mapping[str, float]) -> None:
        """What one turn measured of *peer*."""
        for name, value in measured.items():
            self.values[name][peer].append(value)

    def of(self, figure: str, peer: str) -> list[float]:
        """All values of a figure, empty if it was not measured."""
        return self.values.get(figure, {}).get(peer, [])

    def median(self, figure: str, peer: str) -> float | None:
        """The middle one."""
        values = self.of(figure, peer)
        return median(values) if values else None

    def ratio(self, figure: str, peer: str, rival: str) -> float | None:
        """The middle one of the turns' ratios: what disturbs a turn disturbs both."""
        pairs = zip(self.of(figure, peer), self.of(figure, rival), strict=False)
        ratios = [mine / theirs for mine, theirs in pairs if theirs > 0]
        return median(ratios) if ratios else None

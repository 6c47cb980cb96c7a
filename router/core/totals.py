"""What was counted, as plain numbers: added up over workers, and kept for those that have gone.

A series is a tuple of label values and a row of numbers: one for a counter or a gauge; for a
histogram one for each bucket, one for what is beyond them, and the sum of what was observed.
What a worker tells carries its own description, so a supervisor can add up families that it has
never heard of: after an upgrade the workers may be newer than it is.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

Labels = tuple[str, ...]
Row = list[float]


class Kind(StrEnum):
    """What Prometheus is told that a family is."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


class Merge(StrEnum):
    """How the numbers of several workers become one."""

    SUM = "sum"
    LEAST = "least"
    MOST = "most"


@dataclass(frozen=True, slots=True)
class Family:
    """The description of series with one name; *bounds* are those of a histogram's buckets."""

    name: str
    what: str
    labels: Labels = ()
    kind: Kind = Kind.COUNTER
    merge: Merge = Merge.SUM
    bounds: tuple[float, ...] = ()

    def agrees_with(self, other: "Family") -> bool:
        """Whether the rows of both can be added up."""
        mine = (self.name, self.labels, self.kind, self.bounds)
        return mine == (other.name, other.labels, other.kind, other.bounds)


@dataclass(frozen=True, slots=True)
class Totals:
    """One family with its series."""

    family: Family
    series: Mapping[Labels, Row]


def merged(many: Iterable[Sequence[Totals]]) -> list[Totals]:
    """The totals of several workers as one.

    Of two families with one name that do not agree, which only two versions of the program can
    have, the first stands.
    """
    families: dict[str, Family] = {}
    sums: dict[str, dict[Labels, Row]] = {}
    for totals in (one for several in many for one in several):
        family = families.setdefault(totals.family.name, totals.family)
        if family.agrees_with(totals.family):
            add(sums.setdefault(family.name, {}), totals.series, family.merge)
    return [Totals(family, sums[name]) for name, family in families.items()]


def add(into: dict[Labels, Row], series: Mapping[Labels, Row], merge: Merge) -> None:
    """Enter *series*; rows that are there already are merged, never changed in place."""
    for labels, row in series.items():
        known = into.get(labels)
        into[labels] = row if known is None else joined(known, row, merge)


def joined(one: Row, other: Row, merge: Merge) -> Row:
    """Two rows as one."""
    match merge:
        case Merge.LEAST:
            return [min(pair) for pair in zip(one, other, strict=True)]
        case Merge.MOST:
            return [max(pair) for pair in zip(one, other, strict=True)]
    return [a + b for a, b in zip(one, other, strict=True)]


def lasting(many: Iterable[Totals]) -> list[Totals]:
    """What stays counted when a worker has gone: all but its gauges."""
    return [totals for totals in many if totals.family.kind is not Kind.GAUGE]


def to_wire(many: Iterable[Totals]) -> list[Any]:
    """*many* as JSON has it."""
    return [
        {
            "name": totals.family.name,
            "what": totals.family.what,
            "labels": totals.family.labels,
            "kind": totals.family.kind,
            "merge": totals.family.merge,
            "bounds": totals.family.bounds,
            "series": [*totals.series.items()],
        }
        for totals in many
    ]


def from_wire(said: Iterable[Mapping[str, Any]]) -> list[Totals]:
    """What `to_wire` made JSON of, but for what another version may have and cannot be added up."""
    return [totals for totals in map(totals_of, said) if totals is not None]


def totals_of(said: Mapping[str, Any]) -> Totals | None:
    """One family, or None where it is of a kind, or of a form, that is not known here."""
    try:
        family = family_of(said)
        series = {tuple(labels): row for labels, row in said["series"]}
    except (KeyError, TypeError, ValueError):
        return None
    width = len(family.bounds) + 2 if family.kind is Kind.HISTOGRAM else 1
    labelled = all(len(labels) == len(family.labels) for labels in series)
    fit = labelled and all(is_row(row, width) for row in series.values())
    return Totals(family, series) if fit else None


def is_row(said: Any, width: int) -> bool:
    """Whether it is *width* numbers."""
    if not isinstance(said, list) or len(said) != width:
        return False
    return all(isinstance(number, int | float) for number in said)


def family_of(said: Mapping[str, Any]) -> Family:
    """The description in one entry."""
    return Family(
        name=said["name"],
        what=said["what"],
        labels=tuple(said["labels"]),
        kind=Kind(said["kind"]),
        merge=Merge(said["merge"]),
        bounds=tuple(said["bounds"]),
    )

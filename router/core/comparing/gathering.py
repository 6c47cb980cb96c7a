"""The books of all workers as one: each has its own share of the evidence."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from router.core.comparing.book import LAST
from router.core.comparing.noise import chance_of, is_mismatch
from router.core.shapes import has

Report = Mapping[str, Any]

KEYS = ("pairs", "controls", "paths", "verdicts", "unlisted", "last")
"""What a book must tell to be added up."""


def gathered(reports: Iterable[Mapping[str, Report]]) -> dict[str, Any]:
    """By route what the *reports* of several workers say together, with the verdict on each path.

    Workers that serve by different files, for a second, are added up all the same.
    """
    of_route: dict[str, list[Report]] = {}
    for report in reports:
        for route, book in report.items():
            if has(book, KEYS):
                of_route.setdefault(route, []).append(book)
    return {route: together(books) for route, books in of_route.items()}


def together(books: Sequence[Report]) -> dict[str, Any]:
    """One route: mismatches first, then what differed most."""
    pairs, controls = (sum(book[key] for book in books) for key in ("pairs", "controls"))
    counts: dict[str, list[Mapping[str, Any]]] = {}
    for book in books:
        for path, tally in book["paths"].items():
            counts.setdefault(path, []).append(tally)
    told = [judged(path, tallies, pairs, controls, len(counts)) for path, tallies in counts.items()]
    told.sort(key=lambda one: (not one["mismatch"], -one["differed"], one["path"]))
    verdicts, late = Counter[str](), Counter[str]()
    for book in books:
        verdicts.update(book["verdicts"])
        late.update(book.get("late", {}))  # a worker of another version may tell of none
    last = sorted((pair for book in books for pair in book["last"]), key=when)
    return {
        "pairs": pairs,
        "controls": controls,
        "verdicts": dict(verdicts),
        "late": dict(late),
        "paths": told,
        "unlisted": sum(book["unlisted"] for book in books),
        "last": last[-LAST:],
    }


def judged(
    path: str, tallies: Sequence[Mapping[str, Any]], pairs: int, controls: int, paths: int
) -> dict[str, Any]:
    """One path with its verdict, and the youngest example."""
    differed = sum(one["differed"] for one in tallies)
    of_control = sum(one["control_differed"] for one in tallies)
    examples = [one["example"] for one in tallies if one["example"] is not None]
    return {
        "path": path,
        "mismatch": is_mismatch(differed, pairs, of_control, controls, paths=paths),
        "differed": differed,
        "control_differed": of_control,
        "chance": chance_of(differed, pairs, of_control, controls),
        "example": max(examples, key=when, default=None),
    }


def when(example: Mapping[str, Any]) -> float:
    """When a pair was made."""
    at: float = example["at"]
    return at

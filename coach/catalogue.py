"""The monolith's catalogue in the shape coach works with. Pure: what was sent is an argument."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from coach.sets import Exercise, Index, index

MOST_SETS = 20_000  # in one half; a few more exercises than the monolith has are no problem
LARGEST_ID = 10_000  # group ids become bits
SHOWN = ("id", "name", "description", "difficulty")
GROUP_SHOWN = ("id", "name", "body_part", "is_primary", "intensity")


class CatalogueError(Exception):
    """What the monolith sent cannot be used as a catalogue."""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """A catalogue ready for use: *shown* holds, by id, what the contract shows of an exercise."""

    index: Index
    shown: Mapping[int, dict[str, Any]]
    etag: str | None


def catalogue(content: object, etag: str | None) -> Catalogue:
    """Give the catalogue that the JSON *content* describes, or raise ``CatalogueError``."""
    try:
        items = content["exercises"]  # type: ignore[index]
        exercises = [exercise(item) for item in items]
        shown = {item["id"]: shown_of(item) for item in items}
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise CatalogueError(f"not a catalogue: {error!r}") from error
    if not exercises or len(shown) != len(exercises):
        raise CatalogueError("it is empty, or two exercises have one id")
    if sets_in_larger_half(exercises) > MOST_SETS:
        raise CatalogueError("it is too large to choose from")
    return Catalogue(index(exercises), shown, etag)


def exercise(item: Mapping[str, Any]) -> Exercise:
    """Give what the choice needs of one exercise."""
    groups = item["muscle_groups"]
    works = tuple((number(g["id"]), str(g["body_part"]), number(g["intensity"])) for g in groups)
    return Exercise(
        id=number(item["id"]),
        body_part=str(item["body_part"]),
        difficulty=number(item["difficulty"]),
        base_weight=number(item["base_weight"]),
        works=works,
    )


def number(value: object) -> int:
    """Give *value* if it is a whole number in bounds."""
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= LARGEST_ID:
        return value
    raise ValueError(f"{value!r} is not a whole number from 0 to {LARGEST_ID}")


def shown_of(item: Mapping[str, Any]) -> dict[str, Any]:
    """Give what the contract shows of one exercise."""
    groups = [{key: group[key] for key in GROUP_SHOWN} for group in item["muscle_groups"]]
    return {key: item[key] for key in SHOWN} | {"muscle_groups": groups}


def sets_in_larger_half(exercises: list[Exercise]) -> int:
    """Give how many combinations one half of the body parts can have, at most."""
    parts = [e.body_part for e in exercises]
    sizes = sorted((parts.count(part) for part in set(parts)), reverse=True)
    sets = 1
    for size in sizes[: (len(sizes) + 1) // 2]:
        sets *= size
    return sets

"""Catalogues for both implementations: the one that is shipped, and small made-up ones.

A catalogue here is what ``GET /fitness/exercises`` gives under ``exercises``, without its prose.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

import coach.sets
import monolith.wod

SHIPPED = Path(monolith.wod.__file__).with_name("catalogue.json")
Item = dict[str, Any]


@cache
def shipped() -> tuple[Item, ...]:
    """Give the catalogue of ``monolith/catalogue.json``."""
    content = json.loads(SHIPPED.read_text("utf-8"))
    groups = {
        group["name"]: (group["id"], group["body_part"]) for group in content["muscle_groups"]
    }
    return tuple(
        {
            "id": e["id"],
            "body_part": e["body_part"],
            "difficulty": e["difficulty"],
            "base_weight": e["base_weight"],
            "works": [(*groups[g], n) for g, n in {**e["primary"], **e["secondary"]}.items()],
        }
        for e in content["exercises"]
    )


def for_monolith(items: tuple[Item, ...] | list[Item]) -> list[monolith.wod.Exercise]:
    """Give the catalogue as the old implementation takes it."""
    return [monolith.wod.Exercise(**item | {"works": works(item)}) for item in items]


def for_coach(items: tuple[Item, ...] | list[Item]) -> coach.sets.Index:
    """Give the catalogue as the new implementation takes it."""
    return coach.sets.index(
        [coach.sets.Exercise(**item | {"works": works(item)}) for item in items]
    )


def works(item: Item) -> tuple[tuple[int, str, int], ...]:
    """Give the muscle groups an exercise works, as tuples (JSON knows only lists)."""
    return tuple((group, part, intensity) for group, part, intensity in item["works"])


PARTS = ("arms", "back", "chest", "legs")
# Group 9 and 10 are of a body part that no exercise has.
GROUPS = {n: "nowhere" if n > 8 else PARTS[n % 4] for n in range(1, 11)}


# Made once: making strategies anew for each draw costs as much as all that is tested with them.
ONE_TO_FOUR = st.integers(1, 4)
ONE_TO_FIVE = st.integers(1, 5)
SOME_PARTS = st.sets(st.sampled_from(PARTS), min_size=1)
EXERCISE = st.tuples(
    ONE_TO_FIVE,
    st.integers(0, 100),
    st.dictionaries(st.sampled_from(sorted(GROUPS)), ONE_TO_FIVE, max_size=5),
)
"""Difficulty, weight and what it works: few values, so that there are many ties."""


@st.composite
def small_catalogues(draw: st.DrawFn) -> list[Item]:
    """Give catalogues of one to four body parts with one to four exercises each, in any order."""
    parts = [part for part in sorted(draw(SOME_PARTS)) for _ in range(draw(ONE_TO_FOUR))]
    catalogue = [exercise(n, part, *draw(EXERCISE)) for n, part in enumerate(parts, 1)]
    return draw(st.permutations(catalogue))


def exercise(
    exercise_id: int, part: str, difficulty: int, weight: int, groups: dict[int, int]
) -> Item:
    """Give one exercise of *part*."""
    return {
        "id": exercise_id,
        "body_part": part,
        "difficulty": difficulty,
        "base_weight": weight,
        "works": [(group, GROUPS[group], n) for group, n in groups.items()],
    }

"""Golden vectors: inputs of the choice and the workouts that both services must give for them.

``python -m tests.contract.golden`` writes them anew after a change of the catalogue or the rules;
it lets both implementations answer and refuses to write what they do not agree on.
"""

import json
from pathlib import Path
from typing import Any

import coach.choosing
import monolith.wod
from tests.contract.catalogues import Item, for_coach, for_monolith, shipped

FILE = Path(__file__).with_name("golden.json")
Vector = dict[str, Any]
Workout = list[list[int]]  # exercise id, weight, repetitions


def vectors() -> list[Vector]:
    """Give the vectors."""
    read: list[Vector] = json.loads(FILE.read_text("utf-8"))
    return read


def catalogue(vector: Vector) -> tuple[Item, ...] | list[Item]:
    """Give the vector's catalogue: its own, or the one that is shipped."""
    return vector.get("catalogue") or shipped()


def by_monolith(vector: Vector) -> Workout:
    """Give what the old implementation answers."""
    exercises = for_monolith(catalogue(vector))
    by_id = {exercise.id: exercise for exercise in exercises}
    user, day, level = vector["user"], vector["day"], vector["level"]
    ids = monolith.wod.choose(user, day, exercises, vector["done"], level)
    return [[i, *monolith.wod.prescribe(user, day, by_id[i], level)] for i in ids]


def by_coach(vector: Vector) -> Workout:
    """Give what the new implementation answers."""
    index = for_coach(catalogue(vector))
    user, day, level = vector["user"], vector["day"], vector["level"]
    ids = coach.choosing.choose(user, day, index, vector["done"], level)
    return [[i, *coach.choosing.prescribe(user, day, index.exercises[i], level)] for i in ids]


def question(user: str, day: str, level: int, done: list[int], items: list[Item] | None) -> Vector:
    """Give a vector without its answer."""
    asked: Vector = {"user": user, "day": day, "level": level, "done": done}
    return asked | {"catalogue": items} if items else asked


def item(i: int, part: str, difficulty: int, weight: int, *works: tuple[int, str, int]) -> Item:
    """Give one exercise of a small catalogue."""
    keys = ("id", "body_part", "difficulty", "base_weight", "works")
    return dict(zip(keys, (i, part, difficulty, weight, works), strict=True))


def questions() -> list[Vector]:
    """Give the questions; each small catalogue makes one rule decide."""
    day = "2026-01-31"
    coverage = [item(1, "arms", 3, 0, (1, "arms", 5)), item(2, "arms", 1, 0, (1, "arms", 5))]
    coverage[1]["works"] += ((2, "arms", 1),)
    balance = [
        item(1, "arms", 3, 10, (1, "arms", 5)),
        item(2, "back", 3, 10, (2, "back", 1)),
        item(3, "back", 1, 10, (2, "back", 2)),
    ]
    alike = [item(i, "arms", 3, 25, (1, "arms", 5)) for i in (1, 2, 3)]
    alike += [item(i, "back", 3, 25, (2, "back", 5)) for i in (4, 5, 6)]
    nearest = [item(i, "legs", i, 40, (1, "legs", 4)) for i in (1, 2, 3, 4, 5)]
    elsewhere = [item(1, "legs", 2, 7, (1, "nowhere", 5)), item(2, "legs", 2, 7, (1, "legs", 1))]
    full: list[tuple[str, int, list[int]]] = [
        ("alice@example.com", 3, []),
        ("bob@example.com", 2, [44, 14, 2, 59, 23, 38]),
        ("user-1", 1, []),
        ("user-2", 5, [1, 12, 22, 33, 44, 55]),
        ("zoë@example.com", 4, list(range(1, 11))),
    ]
    return [
        *(question(user, day, level, done, None) for user, level, done in full),
        question("alice@example.com", "2026-02-01", 3, [], None),
        question("coverage", day, 3, [], coverage),
        question("balance", day, 3, [], balance),
        *(question(f"tie-{n}", day, 3, [], alike) for n in range(4)),
        question("tie-0", "2026-02-01", 3, [], alike),
        *(question("nearest", day, level, [], nearest) for level in (1, 2, 5)),
        question("excluded", day, 3, [3], nearest),
        question("all excluded", day, 3, [1, 2, 3, 4, 5, 99], nearest),
        question("elsewhere", day, 3, [], elsewhere),
    ]


def main() -> None:
    """Write the vectors."""
    answered = []
    for vector in questions():
        workout = by_coach(vector)
        if workout != by_monolith(vector):
            raise SystemExit(f"the two do not agree on {vector}")
        answered.append(vector | {"workout": workout})
    lines = ",\n".join(json.dumps(vector, ensure_ascii=False) for vector in answered)
    FILE.write_text(f"[\n{lines}\n]\n", "utf-8")


if __name__ == "__main__":
    main()

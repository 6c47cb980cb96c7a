"""The old choice of the workout of the day: score every possible set and keep the best.

The rules are written down in ``docs/contract.md``; this module is one implementation of them, and
the plainest one. With ten exercises for each of six body parts it scores a million sets, which is
what makes it slow. Nothing here reads a clock, a file or a network.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import product

STEP = 4  # body parts whose loads differ by less than this count as equally worked


@dataclass(frozen=True, slots=True)
class Exercise:
    """What the choice has to know; *works* holds (group id, its body part, intensity)."""

    id: int
    body_part: str
    difficulty: int
    base_weight: int
    works: tuple[tuple[int, str, int], ...]


Score = tuple[int, int, int]  # minus the coverage, imbalance, distance: the smallest wins
Workout = tuple[int, ...]  # exercise ids, in the alphabetical order of the body parts
Row = tuple[int, tuple[int, ...], int, int]  # groups as a bit mask, load a part, difficulty, id


def choose(
    user: str, day: str, exercises: Sequence[Exercise], done: Collection[int], level: int
) -> Workout:
    """Give the workout of *user* on *day* (ISO date), *done* being yesterday's exercise ids."""
    parts = sorted({exercise.body_part for exercise in exercises})
    choices = [candidates(part, exercises, done) for part in parts]
    tied = best([[row(e, parts) for e in choice] for choice in choices], level)
    ranks = {e.id: rank(user, day, e.id) for e in exercises}
    return min(tied, key=lambda workout: sorted(ranks[i] for i in workout))


def candidates(part: str, exercises: Iterable[Exercise], done: Collection[int]) -> list[Exercise]:
    """Give the part's exercises that were not done yesterday, or all if there is no other."""
    of_part = [exercise for exercise in exercises if exercise.body_part == part]
    return [exercise for exercise in of_part if exercise.id not in done] or of_part


def row(exercise: Exercise, parts: Sequence[str]) -> Row:
    """Give the exercise as the numbers that scoring adds up."""
    groups = 0
    loads = dict.fromkeys(parts, 0)
    for group_id, part, intensity in exercise.works:
        groups |= 1 << group_id
        if part in loads:
            loads[part] += intensity
    return groups, tuple(loads.values()), exercise.difficulty, exercise.id


def best(choices: Sequence[Sequence[Row]], level: int) -> list[Workout]:
    """Give every workout that has the best score."""
    found: Score | None = None
    tied: list[Workout] = []
    for score, rows in scored(choices, level):
        if found is None or score < found:
            found, tied = score, []
        if score == found:
            tied.append(tuple(r[3] for r in rows))
    return tied


def scored(choices: Sequence[Sequence[Row]], level: int) -> Iterator[tuple[Score, tuple[Row, ...]]]:
    """Give every set there is with its score."""
    wanted = level * len(choices)
    for rows in product(*choices):
        groups = difficulty = 0
        for row_groups, _, row_difficulty, _ in rows:
            groups |= row_groups
            difficulty += row_difficulty
        loads = list(map(sum, zip(*[r[1] for r in rows], strict=True)))
        imbalance = (max(loads) - min(loads)) // STEP
        half_levels_off = 2 * abs(difficulty - wanted) // len(choices)
        yield (-groups.bit_count(), imbalance, half_levels_off), rows


def rank(user: str, day: str, exercise_id: int) -> bytes:
    """Give the number that decides between equally good sets, another each day for each user."""
    return sha256(f"{user}\n{day}\n{exercise_id}".encode()).digest()


def prescribe(user: str, day: str, exercise: Exercise, level: int) -> tuple[int, int]:
    """Give the suggested weight in kilograms (0 is body weight alone) and the repetitions."""
    drawn = rank(user, day, exercise.id)
    weight = exercise.base_weight * (2 + level) * (9 + drawn[-2] % 3) // 50
    repetitions = 10 + level - exercise.difficulty + drawn[-1] % 5
    return weight, repetitions

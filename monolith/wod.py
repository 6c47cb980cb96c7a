"""The old choice of the workout of the day: score every possible set and keep the best.

The rules are written down in ``docs/contract.md``; this module is one implementation of them, and
the plainest one. With ten exercises for each of six body parts it scores a million sets, which is
what makes it slow. Nothing here reads a clock, a file or a network.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from operator import add

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
Total = tuple[int, tuple[int, ...], int, Workout]  # the same of several exercises together


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
    nothing: Total = (0, (0,) * len(choices), 0, ())
    for total in totals(choices, nothing):
        score = score_of(total, level)
        if found is None or score < found:
            found, tied = score, []
        if score == found:
            tied.append(total[3])
    return tied


def totals(choices: Sequence[Sequence[Row]], begun: Total) -> Iterator[Total]:
    """Give every set there is that begins so, as what its exercises come to together."""
    if not choices:
        yield begun
        return
    groups, loads, difficulty, ids = begun
    for more_groups, more_loads, harder, exercise_id in choices[0]:
        added = tuple(map(add, loads, more_loads))
        longer = (groups | more_groups, added, difficulty + harder, (*ids, exercise_id))
        yield from totals(choices[1:], longer)


def score_of(total: Total, level: int) -> Score:
    """Give the score of a whole set."""
    groups, loads, difficulty, ids = total
    imbalance = (max(loads) - min(loads)) // STEP
    half_levels_off = 2 * abs(difficulty - level * len(ids)) // len(ids)
    return -groups.bit_count(), imbalance, half_levels_off


def rank(user: str, day: str, exercise_id: int) -> bytes:
    """Give the number that decides between equally good sets, another each day for each user."""
    return sha256(f"{user}\n{day}\n{exercise_id}".encode()).digest()


def prescribe(user: str, day: str, exercise: Exercise, level: int) -> tuple[int, int]:
    """Give the suggested weight in kilograms (0 is body weight alone) and the repetitions."""
    drawn = rank(user, day, exercise.id)
    weight = exercise.base_weight * (2 + level) * (9 + drawn[-2] % 3) // 50
    repetitions = 10 + level - exercise.difficulty + drawn[-1] % 5
    return weight, repetitions

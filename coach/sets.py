"""The sets of exercises that a workout is chosen from, held so that a rule is a few bit operations.

The body parts are dealt into two halves, and each combination of the right half is one bit of a
big integer. "Which right halves go with this left half?" is then an AND of such integers. An index
depends on the catalogue alone, so it is built once a catalogue, not once a request.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product


@dataclass(frozen=True, slots=True)
class Exercise:
    """What the choice has to know; *works* holds (group id, its body part, intensity)."""

    id: int
    body_part: str
    difficulty: int
    base_weight: int
    works: tuple[tuple[int, str, int], ...]


@dataclass(frozen=True, slots=True)
class Combination:
    """One exercise for each body part of a half. *groups* is a bit mask, *loads* one a part."""

    ids: tuple[int, ...]
    groups: int
    loads: tuple[int, ...]
    difficulty: int


@dataclass(frozen=True, slots=True)
class Index:
    """All sets of a catalogue. Each ``int`` below is a bit set over *right*, bit i for right[i]."""

    exercises: dict[int, Exercise]
    parts: tuple[str, ...]
    left: tuple[Combination, ...]
    right: tuple[Combination, ...]
    holding: dict[int, int]  # exercise id → those that contain it
    loaded: tuple[tuple[int, ...], ...]  # [part][n] → those that load the part with n or more
    lightest: tuple[int, ...]  # the least load of each part in a right half
    heaviest: tuple[int, ...]  # the greatest one
    difficulty: dict[int, int]  # sum of difficulties → those that have it
    covering: dict[int, tuple[tuple[int, int], ...]]  # left.groups → (coverage, those), best first


def index(catalogue: Sequence[Exercise]) -> Index:
    """Give the index of *catalogue*, which must not be empty."""
    parts = tuple(sorted({exercise.body_part for exercise in catalogue}))
    middle = (len(parts) + 1) // 2
    left = combinations(catalogue, parts, parts[:middle])
    right = combinations(catalogue, parts, parts[middle:])
    ids = {i for combination in right for i in combination.ids}
    sums = {combination.difficulty for combination in right}
    return Index(
        exercises={exercise.id: exercise for exercise in catalogue},
        parts=parts,
        left=left,
        right=right,
        holding={i: bits(i in c.ids for c in right) for i in ids},
        loaded=tuple(loaded(right, part) for part in range(len(parts))),
        lightest=tuple(min(loads) for loads in zip(*(c.loads for c in right), strict=True)),
        heaviest=tuple(max(loads) for loads in zip(*(c.loads for c in right), strict=True)),
        difficulty={n: bits(c.difficulty == n for c in right) for n in sums},
        covering=covering(left, right),
    )


def combinations(
    catalogue: Iterable[Exercise], parts: Sequence[str], half: Sequence[str]
) -> tuple[Combination, ...]:
    """Give every way to take one exercise for each body part of *half*."""
    choices = [[exercise for exercise in catalogue if exercise.body_part == p] for p in half]
    return tuple(combination(chosen, parts) for chosen in product(*choices))


def combination(chosen: Sequence[Exercise], parts: Sequence[str]) -> Combination:
    """Give what *chosen* come to together."""
    groups = 0
    loads = dict.fromkeys(parts, 0)
    for group_id, part, intensity in (work for exercise in chosen for work in exercise.works):
        groups |= 1 << group_id
        if part in loads:
            loads[part] += intensity
    difficulty = sum(exercise.difficulty for exercise in chosen)
    return Combination(tuple(e.id for e in chosen), groups, tuple(loads.values()), difficulty)


def bits(members: Iterable[bool]) -> int:
    """Give the bit set of the places where *members* is true."""
    return sum(1 << place for place, member in enumerate(members) if member)


def loaded(right: Sequence[Combination], part: int) -> tuple[int, ...]:
    """Give, for n = 0, 1, … and one past the greatest load, those that load *part* with ≥ n."""
    heaviest = max(combination.loads[part] for combination in right)
    return tuple(bits(c.loads[part] >= n for c in right) for n in range(heaviest + 2))


def covering(
    left: Sequence[Combination], right: Sequence[Combination]
) -> dict[int, tuple[tuple[int, int], ...]]:
    """Give, for each mask of groups on the left, the right halves by how many groups both cover."""
    every = range(max(c.groups for c in (*left, *right)).bit_length())
    working = [bits(c.groups >> group & 1 == 1 for c in right) for group in every]
    return {
        groups: by_coverage(groups, working, (1 << len(right)) - 1)
        for groups in {combination.groups for combination in left}
    }


def by_coverage(groups: int, working: Sequence[int], all_right: int) -> tuple[tuple[int, int], ...]:
    """Give (coverage, right halves) from the greatest coverage down, empty ones left out."""
    counted = [all_right]  # counted[n]: those that add n of the groups looked at so far
    for group, workers in enumerate(working):
        if groups >> group & 1 or not workers:
            continue
        stay = [those & ~workers for those in counted] + [0]
        move = [0] + [those & workers for those in counted]
        counted = [a | b for a, b in zip(stay, move, strict=True)]
    own = groups.bit_count()
    return tuple((own + n, those) for n, those in reversed(list(enumerate(counted))) if those)

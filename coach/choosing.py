"""The new choice of the workout of the day: the optimum, found without scoring every set.

The rules are written down in ``docs/contract.md``. Each rule keeps, of the sets that the rules
before it left, those it finds best. What is left is held as pairs: one combination of the left
half, and a bit set of the right halves that go with it (``coach/sets.py``). So a million sets are
a thousand pairs. Nothing here reads a clock, a file or a network.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from hashlib import sha256
from itertools import count
from operator import add

from coach.sets import Combination, Exercise, Index

STEP = 4  # body parts whose loads differ by less than this count as equally worked

Pairs = list[tuple[Combination, int]]
Scored = Iterator[tuple[int, Combination, int]]  # the smallest score is the best


def choose(user: str, day: str, index: Index, done: Collection[int], level: int) -> tuple[int, ...]:
    """Give the workout of *user* on *day* (ISO date), *done* being yesterday's exercise ids.

    The ids come in the alphabetical order of their body parts.
    """
    pairs = smallest(by_coverage(index, barred(index, done)))
    pairs = most_balanced(index, pairs)
    pairs = smallest(by_level(index, pairs, level))
    by_rank = sorted(index.exercises, key=lambda i: rank(user, day, i))
    chosen = first_ranked(index, pairs, by_rank)
    return tuple(sorted(chosen, key=lambda i: index.exercises[i].body_part))


def barred(index: Index, done: Collection[int]) -> set[int]:
    """Give the exercises that are out because of yesterday: none if a part would be left empty."""
    out = set[int]()
    for part in index.parts:
        of_part = {e.id for e in index.exercises.values() if e.body_part == part}
        if of_part.difference(done):
            out |= of_part.intersection(done)
    return out


def smallest(scored: Scored) -> Pairs:
    """Give the pairs that share the smallest score."""
    best: int | None = None
    kept: Pairs = []
    for score, left, rights in scored:
        if best is None or score < best:
            best, kept = score, []
        if score == best:
            kept.append((left, rights))
    return kept


def by_coverage(index: Index, out: Collection[int]) -> Scored:
    """Give each left half with the allowed right halves that cover the most groups with it."""
    allowed = (1 << len(index.right)) - 1
    for exercise_id in out:
        allowed &= ~index.holding.get(exercise_id, 0)
    for left in index.left:
        if not any(exercise_id in out for exercise_id in left.ids):
            coverage, rights = next(
                (n, those & allowed) for n, those in index.covering[left.groups] if those & allowed
            )
            yield -coverage, left, rights


def most_balanced(index: Index, pairs: Pairs) -> Pairs:
    """Give the pairs with the smallest imbalance, trying one imbalance after the other."""
    for spread in count(STEP - 1, STEP):
        windows = [windows_of(loaded, spread) for loaded in index.loaded]
        narrowed = [(left, within(index, windows, spread, left, rights)) for left, rights in pairs]
        if kept := [(left, rights) for left, rights in narrowed if rights]:
            return kept
    raise AssertionError("every set lies within some spread")


def windows_of(loaded: Sequence[int], spread: int) -> dict[int, int]:
    """Give, for each n, the right halves that load a part with n to n + *spread*."""
    last = len(loaded) - 1
    return {n: loaded[max(n, 0)] & ~loaded[min(n + spread + 1, last)] for n in range(-spread, last)}


def within(
    index: Index, windows: Sequence[dict[int, int]], spread: int, left: Combination, rights: int
) -> int:
    """Give those of *rights* with which no two body parts' loads differ by more than *spread*.

    The loads then all lie in one window of that width, so every place that it can have is tried.
    """
    least = max(map(add, left.loads, index.lightest))
    most = min(map(add, left.loads, index.heaviest))
    found = 0
    for lowest in range(least - spread, most + 1):
        inside = rights & ~found
        for own, window in zip(left.loads, windows, strict=True):
            inside &= window.get(lowest - own, 0)
            if not inside:
                break
        found |= inside
    return found


def by_level(index: Index, pairs: Pairs, level: int) -> Scored:
    """Give the pairs by how many half levels their mean difficulty is off *level*."""
    wanted = level * len(index.parts)
    for left, rights in pairs:
        for difficulty, those in index.difficulty.items():
            if rights & those:
                off = abs(left.difficulty + difficulty - wanted)
                yield 2 * off // len(index.parts), left, rights & those


def first_ranked(index: Index, pairs: Pairs, by_rank: Iterable[int]) -> list[int]:
    """Give the set whose sorted ranks are the smallest tuple.

    The best-ranked exercise that any set contains must be in it; then the next one, and so on.
    """
    chosen: list[int] = []
    for exercise_id in by_rank:
        if kept := containing(index, pairs, exercise_id):
            pairs = kept
            chosen.append(exercise_id)
        if len(chosen) == len(index.parts):
            break
    return chosen


def containing(index: Index, pairs: Pairs, exercise_id: int) -> Pairs:
    """Give the pairs, narrowed to the sets that contain the exercise."""
    those = index.holding.get(exercise_id)
    if those is None:
        return [(left, rights) for left, rights in pairs if exercise_id in left.ids]
    return [(left, rights & those) for left, rights in pairs if rights & those]


def rank(user: str, day: str, exercise_id: int) -> bytes:
    """Give the number that decides between equally good sets, another each day for each user."""
    return sha256(f"{user}\n{day}\n{exercise_id}".encode()).digest()


def prescribe(user: str, day: str, exercise: Exercise, level: int) -> tuple[int, int]:
    """Give the suggested weight in kilograms (0 is body weight alone) and the repetitions."""
    drawn = rank(user, day, exercise.id)
    weight = exercise.base_weight * (2 + level) * (9 + drawn[-2] % 3) // 50
    return weight, 10 + level - exercise.difficulty + drawn[-1] % 5

"""Workouts as the router compares them: a bug in the weights is found, a healthy pair is silent."""

import json
import random
from collections.abc import Iterator
from functools import cache
from itertools import cycle, islice
from typing import Any

import coach.choosing
from router.core.comparing.book import Book, Verdict
from router.core.comparing.judging import Asked, Found, judge
from router.core.comparing.reading import Answer
from router.core.model import Compare
from tests.contract.catalogues import for_coach, shipped

COMPARE = Compare(ignore=("generated_at",))
BLOCK = b"\r\nContent-Type: application/json"
DAY = "2026-03-01"
INDEX = for_coach(shipped())
USERS = [f"user-{number}@example.com" for number in range(200)]


@cache
def exercises(user: str) -> list[dict[str, Any]]:
    """The workout of *user*, on which both services agree (test_contract_choice)."""
    ids = coach.choosing.choose(user, DAY, INDEX, (), 3)
    found = []
    for one in ids:
        weight, reps = coach.choosing.prescribe(user, DAY, INDEX.exercises[one], 3)
        found.append({"id": one, "suggested_weight": weight, "suggested_reps": reps})
    return found


def answer(user: str, at: int, *, heavier: int = 0) -> Answer:
    """What a service says to *user*; *heavier* is a bug in the weights of heavy exercises."""
    wrong = [
        one | {"suggested_weight": one["suggested_weight"] + heavier * (one["id"] % 10 == 0)}
        for one in exercises(user)
    ]
    document = {"exercises": wrong, "generated_at": at}
    return Answer(200, BLOCK, json.dumps(document).encode())


def verdicts(book: Book, seed: int, *, heavier: int = 0) -> Iterator[Verdict]:
    """What comes of one sampled exchange after the other."""
    rng = random.Random(seed)
    for at, user in enumerate(cycle(rng.sample(USERS, len(USERS)))):
        again = answer(user, -at) if rng.random() * 100 < COMPARE.control else None
        asked = Asked(answer(user, at), answer(user, at + 1, heavier=heavier), again, 0.0, 1.0)
        found = judge(asked, COMPARE)
        assert isinstance(found, Found)
        if found.control is not None:
            book.control(found.control)
        yield book.pair(found.pair, {"at": 0.0})


def test_a_bug_in_the_weights_is_found_within_200_exchanges() -> None:
    """Although it is in one exercise of ten; under every seed, and at its own path."""
    for seed in range(5):
        book = Book()
        assert Verdict.MISMATCH in islice(verdicts(book, seed, heavier=5), 200)
        assert set(book.report()["paths"]) == {"$.exercises[*].suggested_weight"}


def test_the_healthy_pair_stays_silent_for_10_000() -> None:
    """What differs each time is ignored, and nothing else does."""
    book = Book()
    assert set(islice(verdicts(book, 1), 10_000)) == {Verdict.SAME}
    assert book.report()["paths"] == {}

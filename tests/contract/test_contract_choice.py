"""The two implementations of the choice are one function; tests/contract/golden.json pins it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import coach.choosing
import monolith.wod
from tests.contract import golden
from tests.contract.catalogues import Item, for_coach, for_monolith, shipped, small_catalogues

VECTORS = golden.vectors()
SMALL = [vector for vector in VECTORS if "catalogue" in vector]
FULL = [vector for vector in VECTORS if "catalogue" not in vector]
USERS = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=20)
CALLS = st.lists(
    st.tuples(USERS, st.dates().map(str), st.sets(st.integers(0, 17)), st.integers(1, 5)),
    min_size=4,
    max_size=4,
)


@pytest.mark.parametrize("vector", VECTORS, ids=lambda v: v["user"])
def test_coach_gives_the_golden_workouts(vector: golden.Vector) -> None:
    """On every catalogue."""
    assert golden.by_coach(vector) == vector["workout"]


# The exhaustive search takes seconds on the shipped catalogue: two of its vectors are enough.
@pytest.mark.parametrize("vector", SMALL + FULL[1:3], ids=lambda v: v["user"])
def test_monolith_gives_the_golden_workouts(vector: golden.Vector) -> None:
    """On the small catalogues, and on a sample of the shipped one."""
    assert golden.by_monolith(vector) == vector["workout"]


@settings(max_examples=5 * settings.default.max_examples)
@given(items=small_catalogues(), calls=CALLS)
def test_both_agree_on_small_catalogues(items: list[Item], calls: list) -> None:
    """Thousands of users, days, histories and levels."""
    exercises, index = for_monolith(items), for_coach(items)
    for user, day, done, level in calls:
        ids = monolith.wod.choose(user, day, exercises, done, level)
        assert coach.choosing.choose(user, day, index, done, level) == ids
        for exercise in exercises:
            old = monolith.wod.prescribe(user, day, exercise, level)
            new = coach.choosing.prescribe(user, day, index.exercises[exercise.id], level)
            assert old == new


@settings(max_examples=2)
@given(user=USERS, done=st.sets(st.integers(1, 60), max_size=12), level=st.integers(1, 5))
def test_both_agree_on_the_shipped_catalogue(user: str, done: set[int], level: int) -> None:
    """A sample, since the exhaustive search takes seconds."""
    ids = monolith.wod.choose(user, "2026-03-01", for_monolith(shipped()), done, level)
    assert coach.choosing.choose(user, "2026-03-01", for_coach(shipped()), done, level) == ids


INDEX = for_coach(shipped())
CHOICES = [{e["id"] for e in shipped() if e["body_part"] == part} for part in INDEX.parts]


@given(user=USERS, done=st.sets(st.integers(1, 60)), level=st.integers(1, 5))
def test_nothing_done_yesterday_comes_again(user: str, done: set[int], level: int) -> None:
    """Unless the body part has nothing else; and every part has exactly one exercise."""
    ids = coach.choosing.choose(user, "2026-03-01", INDEX, done, level)
    for chosen, of_part in zip(ids, CHOICES, strict=True):
        assert chosen in of_part
        assert chosen not in done or of_part <= done

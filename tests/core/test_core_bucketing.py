"""Buckets never move, are even, and independent between salts."""

import subprocess
import sys
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.core.bucketing import bucket
from router.core.deciding import decide
from router.core.matching import Matched
from router.core.model import BUCKETS, Cohort
from tests.core.scenes import route

GOLDEN = [
    ("wod", "user-1", 7694),
    ("wod", "user-2", 12780),
    ("wod", "42", 50967),
    ("other", "user-1", 92973),
]


@pytest.mark.parametrize(("salt", "unit", "place"), GOLDEN)
def test_golden_vectors(salt: str, unit: str, place: int) -> None:
    """These hold for as long as anybody is being moved."""
    assert bucket(salt, unit) == place


def test_another_process_agrees() -> None:
    """Whatever seed its hashes have."""
    script = "from router.core.bucketing import bucket; print(bucket('wod', 'user-1'))"
    shown = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)
    assert int(shown.stdout) == 7694


@given(st.text(st.characters(exclude_categories=["Cs"])), st.text(max_size=30).map(ascii))
def test_every_unit_has_a_bucket(salt: str, unit: str) -> None:
    """Any text there is, inside the bounds."""
    assert 0 <= bucket(salt, unit) < BUCKETS


def test_buckets_are_even() -> None:
    """Chi-square over 100 classes of 100,000 users: far below what chance allows once in 10⁶."""
    classes = Counter(bucket("wod", f"user-{n}@example.com") // 1000 for n in range(100_000))
    chi_square = sum((classes[c] - 1000) ** 2 / 1000 for c in range(100))
    assert 45 < chi_square < 180


def test_salts_are_independent() -> None:
    """Who is first on one route is anywhere on another."""
    users = [f"user-{n}" for n in range(20_000)]
    both = sum(bucket("one", user) < 10_000 and bucket("two", user) < 10_000 for user in users)
    assert 130 < both < 280  # 200 expected, standard deviation 14


def cohort(percent: float, user: str) -> Cohort:
    """The side of *user* at *percent*."""
    claims = {"sub": user}
    return decide(Matched(route(percent=percent), by_method=True), claims).cohort


@given(st.text("abc0", min_size=1), st.integers(0, 100_000), st.integers(0, 100_000))
def test_raising_only_adds(user: str, one: int, other: int) -> None:
    """Who is on the candidate stays there at any higher percentage."""
    low, high = sorted((one / 1000, other / 1000))
    if cohort(low, user) is Cohort.CANDIDATE:
        assert cohort(high, user) is Cohort.CANDIDATE


@given(st.text(min_size=1, max_size=100).map(ascii))
def test_nobody_and_everybody(user: str) -> None:
    """0 is nobody and 100 everybody, always."""
    assert cohort(0, user) is Cohort.LEGACY
    assert cohort(100, user) is Cohort.CANDIDATE


@pytest.mark.parametrize("percent", [1.0, 10.0, 33.333, 50.0, 99.0])
def test_the_share_is_the_percentage(percent: float) -> None:
    """Within what 20,000 users can show."""
    share = sum(cohort(percent, f"u{n}") is Cohort.CANDIDATE for n in range(20_000)) / 200
    assert share == pytest.approx(percent, abs=1.5)

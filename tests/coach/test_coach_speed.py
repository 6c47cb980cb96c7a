"""Coach is quick, which is why it exists."""

import time
from collections.abc import Collection

import pytest
from flask.testing import FlaskClient

from coach import choosing
from coach.environment import SettingsError
from coach.sets import Index
from coach.settings import read
from tests.contract.catalogues import for_coach, shipped
from tests.services import SECRET, bearer


@pytest.mark.alone
def test_a_request_takes_less_than_50_ms(client: FlaskClient) -> None:
    """With its history to be fetched; the median, since the machine has other things to do."""
    times_s = []
    for n in range(15):
        began_s = time.perf_counter()
        assert client.get("/fitness/wod", headers=bearer(f"user-{n}")).status_code == 200
        times_s.append(time.perf_counter() - began_s)
    assert sorted(times_s)[7] < 0.05


@pytest.mark.parametrize("level", [1, 3, 5])
def test_hard_choices_are_quick_too(level: int) -> None:
    """Nothing excluded, and most things excluded; the best of three is what the code costs."""
    index = for_coach(shipped())
    for done in ((), range(1, 60), range(1, 61, 2)):
        assert min(chosen_in_s(index, done, level) for _ in range(3)) < 0.05


def chosen_in_s(index: Index, done: Collection[int], level: int) -> float:
    """Give the processor time of one choice, in this thread alone."""
    began_s = time.thread_time()
    choosing.choose("user", "2026-01-01", index, done, level)
    return time.thread_time() - began_s


@pytest.mark.parametrize(
    "env",
    [
        {"JWT_SECRET": "short"},
        {"MONOLITH_URL": "127.0.0.1:5001"},
        {"MONOLITH_URL": "ftp://x"},
        {"MONOLITH_URL": "http://user:password@x"},
        {"MONOLITH_URL": "http://"},
        {"COACH_CATALOGUE_S": "0"},
        {"COACH_FETCHERS": "x"},
    ],
    ids=str,
)
def test_a_bad_variable_is_named(env: dict[str, str]) -> None:
    """At the start, not at the first request."""
    with pytest.raises(SettingsError, match=next(iter(env))):
        read({"JWT_SECRET": SECRET} | env)

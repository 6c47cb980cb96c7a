"""Coach under gunicorn, before a real monolith that hangs, dies and comes back."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from tests.coach.conftest import until
from tests.services import Service, bearer, database

pytestmark = pytest.mark.system


@pytest.fixture
def monolith(tmp_path: Path) -> Iterator[Service]:
    """Give a running monolith."""
    with Service("monolith", tmp_path, database(tmp_path)) as service:
        yield service


@pytest.fixture
def coach(tmp_path: Path, monolith: Service) -> Iterator[Service]:
    """Give a running coach of one worker, so that its state is known."""
    env = {"MONOLITH_URL": monolith.url, "COACH_WORKERS": "1"}
    with Service("coach", tmp_path, env) as service:
        yield service


def ask(coach: Service, user: str) -> tuple[float, httpx.Response]:
    """Ask for a workout; give the seconds it took, and the answer."""
    began_s = time.perf_counter()
    answer = httpx.get(f"{coach.url}/fitness/wod", headers=bearer(user), timeout=10)
    return time.perf_counter() - began_s, answer


def is_whole(coach: Service, user: str) -> bool:
    """Whether coach answers with the history in hand, which it must have got in 0.2 s."""
    return "X-Coach-Degraded" not in ask(coach, user)[1].headers


@pytest.mark.alone
def test_a_hung_monolith_costs_the_limit(coach: Service, monolith: Service) -> None:
    """Each of eight at once is answered, and the next after it goes on is whole again."""
    monolith.hang()
    with ThreadPoolExecutor(8) as users:
        asked = list(users.map(lambda n: ask(coach, f"hung-{n}"), range(8)))
    monolith.resume()
    assert {answer.status_code for _, answer in asked} == {200}
    assert {answer.headers.get("X-Coach-Degraded") for _, answer in asked} == {"history"}
    assert sorted(took_s for took_s, _ in asked)[4] < 0.2 + 1.0
    until(lambda: is_whole(coach, "resumed"))


def test_a_killed_monolith_is_found_again(coach: Service, monolith: Service) -> None:
    """Whom coach knows is served whole meanwhile, and everybody is served."""
    until(lambda: is_whole(coach, "known"))
    monolith.kill()
    assert is_whole(coach, "known")
    assert ask(coach, "unknown")[1].headers["X-Coach-Degraded"] == "history"
    monolith.start()
    until(lambda: is_whole(coach, "unknown"))


def test_sigterm_ends_it_in_good_order(coach: Service) -> None:
    """With exit code 0."""
    assert ask(coach, "user-1")[1].status_code == 200
    assert coach.stop(within_s=10) == 0
    assert '"Shutting down: Master"' in coach.log.read_text()

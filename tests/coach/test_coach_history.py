"""Coach asks for a user's history, keeps it, and answers without it if it must."""

import time
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from coach.history import Memory, Past, past
from tests.coach.conftest import Start
from tests.coach.monolith import Monolith
from tests.services import bearer, free_port
from tests.timing import at_best

WOD = "/fitness/wod"
LIMIT_S = 0.2
IN_TIME_S = LIMIT_S + 0.25
"""The limit of a history, and what the rest of an answer may take."""


def ids(answer: Any) -> list[int]:
    """Give the exercises of a workout."""
    return [exercise["id"] for exercise in answer.get_json()["exercises"]]


def test_it_asks_with_the_users_own_token(client: FlaskClient, monolith: Monolith) -> None:
    """And passes the request id on."""
    headers = bearer() | {"X-Request-ID": "abc"}
    answer = client.get(WOD, headers=headers)
    assert answer.status_code == 200
    assert "X-Coach-Degraded" not in answer.headers
    [seen] = monolith.asked("/fitness/history")
    yesterday = datetime.fromisoformat(answer.headers["X-WOD-Date"]).date() - timedelta(days=1)
    assert seen.path == f"/fitness/history?since={yesterday}"
    assert seen.headers["Authorization"] == headers["Authorization"]
    assert seen.headers["X-Request-ID"] == "abc"


def test_history_and_level_change_the_workout(client: FlaskClient, monolith: Monolith) -> None:
    """What was done yesterday does not come again; what was done today may."""
    plain = ids(client.get(WOD, headers=bearer()))
    today = datetime.now(UTC).date()
    monolith.script.history = {
        "level": 5,
        "history": [
            {"date": str(today - timedelta(days=1)), "exercise_id": exercise_id}
            for exercise_id in plain
        ],
    }
    # The history of the first user is remembered, so another one asks.
    other = ids(client.get(WOD, headers=bearer("other@example.com")))
    assert not set(other) & set(plain)


def test_a_history_is_asked_for_once(client: FlaskClient, monolith: Monolith) -> None:
    """By each user; connections are kept between users."""
    for user in ("a@example.com", "b@example.com", "a@example.com", "a@example.com"):
        assert client.get(WOD, headers=bearer(user)).status_code == 200
    asked = monolith.asked("/fitness/history")
    assert len(asked) == 2
    assert len({seen.connection for seen in asked}) == 1


BAD: dict[str, dict[str, Any]] = {
    "refused": {"status": 401},
    "failing": {"status": 500},
    "redirect": {"status": 302},
    "slow": {"delay_s": 1.0},
    "dripping": {"drip_s": 0.1},
    "no object": {"history": []},
    "null": {"history": None},
    "no level": {"history": {"history": []}},
    "level is text": {"history": {"level": "3", "history": []}},
    "level is a list": {"history": {"level": [], "history": []}},
    "level out of range": {"history": {"level": 6, "history": []}},
    "entries are numbers": {"history": {"level": 3, "history": [1]}},
    "no dates": {"history": {"level": 3, "history": [{"exercise_id": 1}]}},
}


@pytest.mark.parametrize("change", BAD.values(), ids=BAD.keys())
def test_without_a_history_it_still_answers(
    start: Start, monolith: Monolith, change: dict[str, Any]
) -> None:
    """As for level 3 and no exclusions, within the limit, and saying so."""
    client = start(history_kept_s=0.0, history_limit_s=LIMIT_S)
    whole = ids(client.get(WOD, headers=bearer("a@example.com")))
    for name, value in change.items():
        setattr(monolith.script, name, value)

    def took_s() -> float:
        began_s = time.perf_counter()
        answer = client.get(WOD, headers=bearer("a@example.com"))
        took_s = time.perf_counter() - began_s
        assert (answer.status_code, answer.headers["X-Coach-Degraded"]) == (200, "history")
        assert ids(answer) == whole
        return took_s

    assert at_best(took_s, IN_TIME_S) < IN_TIME_S


def test_what_could_not_be_had_is_asked_for_again(client: FlaskClient, monolith: Monolith) -> None:
    """A failure is not remembered."""
    monolith.script.status = 503
    assert "X-Coach-Degraded" in client.get(WOD, headers=bearer()).headers
    monolith.script.status = 200
    assert "X-Coach-Degraded" not in client.get(WOD, headers=bearer()).headers


def test_a_dead_monolith_costs_nothing(client: FlaskClient, monolith: Monolith) -> None:
    """The catalogue in hand is used; a refused connection is known at once."""
    monolith.stop()
    answer = client.get(WOD, headers=bearer())
    assert (answer.status_code, answer.headers["X-Coach-Degraded"]) == (200, "history")
    assert client.get("/health").status_code == 200


def test_without_any_catalogue_it_is_503(start: Start) -> None:
    """But healthy: health says how coach is, not the monolith."""
    client = start(wait=False, url=f"http://127.0.0.1:{free_port()}")
    answer = client.get(WOD, headers=bearer())
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert answer.content_type == "application/problem+json"
    health = client.get("/health")
    assert (health.status_code, health.get_json()["catalogue"]) == (200, False)


DAY = date(2026, 1, 1)
PAST = Past(2, frozenset({7}))


def test_memory_forgets_with_time() -> None:
    """And a history as of one day is none as of the next."""
    memory = Memory(most=10, kept_s=300)
    memory.remember("a", DAY, PAST, now_s=0.0)
    assert memory.recall("a", DAY, now_s=299.9) == PAST
    assert memory.recall("a", DAY, now_s=300.0) is None
    assert memory.recall("a", DAY + timedelta(days=1), now_s=1.0) is None
    assert memory.recall("b", DAY, now_s=1.0) is None


def test_memory_is_bounded() -> None:
    """The one not asked for the longest goes first."""
    memory = Memory(most=2, kept_s=300)
    for user in "ab":
        memory.remember(user, DAY, PAST, now_s=0.0)
    memory.recall("a", DAY, now_s=1.0)
    memory.remember("c", DAY, PAST, now_s=2.0)
    kept = [user for user in "abc" if memory.recall(user, DAY, now_s=3.0)]
    assert kept == ["a", "c"]


@pytest.mark.parametrize("exercise_id", ["1", [], None, 1.5])
def test_an_id_that_is_no_number_is_refused(exercise_id: Any) -> None:
    """Then there is no history."""
    entries = [{"date": str(DAY), "exercise_id": exercise_id}]
    with pytest.raises(ValueError, match="not a history"):
        past({"level": 3, "history": entries}, DAY)


def test_only_yesterday_counts() -> None:
    """Whatever else the monolith sends."""
    entries = [{"date": f"2026-01-0{day}", "exercise_id": day} for day in (1, 2, 3)]
    read = past({"level": 4, "history": entries}, date(2026, 1, 2))
    assert read == Past(4, frozenset({2}))

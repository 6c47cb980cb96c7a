"""What ``GET /fitness/wod`` answers when all is well: the same from both services."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import jsonschema
import pytest

from tests.contract.conftest import Ask, Bearer
from tests.services import Service

GROUP = {
    "type": "object",
    "additionalProperties": False,
    "required": ["id", "name", "body_part", "is_primary", "intensity"],
    "properties": {
        "id": {"type": "integer"},
        "name": {"type": "string", "minLength": 1},
        "body_part": {"enum": ["arms", "back", "chest", "core", "legs", "shoulders"]},
        "is_primary": {"type": "boolean"},
        "intensity": {"type": "integer", "minimum": 1, "maximum": 5},
    },
}
EXERCISE: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "id": {"type": "integer"},
        "name": {"type": "string", "minLength": 1},
        "description": {"type": "string", "minLength": 1},
        "difficulty": {"type": "integer", "minimum": 1, "maximum": 5},
        "muscle_groups": {"type": "array", "minItems": 1, "items": GROUP},
        "suggested_weight": {"type": "integer", "minimum": 0},
        "suggested_reps": {"type": "integer", "minimum": 1},
    },
}
EXERCISE["required"] = list(EXERCISE["properties"])
WORKOUT = {
    "type": "object",
    "additionalProperties": False,
    "required": ["exercises", "generated_at"],
    "properties": {
        "exercises": {"type": "array", "minItems": 6, "maxItems": 6, "items": EXERCISE},
        "generated_at": {"type": "string"},
    },
}
NAMES = pytest.mark.parametrize("name", ["monolith", "coach"])
USERS = ("alice@example.com", "bob@example.com", "user-1")


@NAMES
def test_the_body_has_the_shape_of_the_contract(ask: Ask, name: str) -> None:
    """Every key is there, none is added."""
    answer = ask(name, "alice@example.com")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/json"
    jsonschema.validate(answer.json(), WORKOUT)


@NAMES
def test_there_is_one_exercise_for_each_body_part(ask: Ask, name: str) -> None:
    """In the alphabetical order of the parts; all primary groups of an exercise are of its part."""
    exercises = ask(name, "alice@example.com").json()["exercises"]
    parts = [{g["body_part"] for g in e["muscle_groups"] if g["is_primary"]} for e in exercises]
    assert parts == [{"arms"}, {"back"}, {"chest"}, {"core"}, {"legs"}, {"shoulders"}]


@NAMES
def test_the_headers_say_which_day_it_is_for(ask: Ask, name: str) -> None:
    """The day is the UTC day of the answer, which nobody may cache."""
    answer = ask(name, "alice@example.com")
    generated = datetime.fromisoformat(answer.json()["generated_at"])
    day = answer.headers["X-WOD-Date"]
    # A search that begins just before midnight ends on the next day.
    assert day in {str(generated.date()), str((generated - timedelta(minutes=1)).date())}
    assert generated.utcoffset() == timedelta(0)
    assert "no-store" in answer.headers["Cache-Control"]


@pytest.mark.parametrize("user", USERS)
def test_both_give_the_same_workout(ask: Ask, user: str) -> None:
    """Known users and one with a token but no row: only generated_at differs."""
    assert_same(ask("monolith", user), ask("coach", user))


def test_users_get_different_workouts(ask: Ask) -> None:
    """The user is part of the function."""
    assert ask("coach", "user-1").json()["exercises"] != ask("coach", "user-2").json()["exercises"]


def test_yesterdays_exercises_are_left_out_by_both(
    services: dict[str, Service], ask: Ask, bearer: Bearer
) -> None:
    """The history written at the monolith reaches coach."""
    first = [e["id"] for e in ask("coach", "history-1").json()["exercises"]]
    yesterday = datetime.now(UTC).date() - timedelta(days=1)
    done = {
        "date": str(yesterday),
        "exercises": [{"exercise_id": exercise_id, "reps": 8} for exercise_id in first],
    }
    # Nobody asked coach about this user, so it remembers no history of theirs.
    user = "history-2"
    url = f"{services['monolith'].url}/fitness/history"
    assert httpx.post(url, json=done, headers=bearer(user)).status_code == 201
    answers = ask("monolith", user), ask("coach", user)
    assert not {e["id"] for e in answers[1].json()["exercises"]} & set(first)
    assert_same(*answers)


def assert_same(monolith: httpx.Response, coach: httpx.Response) -> None:
    """Compare two answers, unless midnight passed between them."""
    assert "X-Coach-Degraded" not in coach.headers
    if monolith.headers["X-WOD-Date"] == coach.headers["X-WOD-Date"]:
        assert monolith.json()["exercises"] == coach.json()["exercises"]

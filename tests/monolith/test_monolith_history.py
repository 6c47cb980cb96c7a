"""GET and POST /fitness/history."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from monolith.history import read_entries
from monolith.problems import Problem
from tests.services import bearer

SQUAT = {"exercise_id": 21, "weight": 20.5, "reps": 8, "sets": 3}


def today() -> date:
    """Give the day in UTC."""
    return datetime.now(UTC).date()


def test_what_is_written_can_be_read(client: FlaskClient) -> None:
    """The latest first, and only one's own."""
    mine = bearer("reader@example.com")
    yesterday = str(today() - timedelta(days=1))
    old = client.post(
        "/fitness/history", json={"date": yesterday, "exercises": [SQUAT]}, headers=mine
    )
    assert old.status_code == 201
    client.post(
        "/fitness/history", json={"exercises": [{"exercise_id": 1, "reps": 5}]}, headers=mine
    )
    read = client.get("/fitness/history", headers=mine).get_json()
    assert read["level"] == 3
    assert [(e["date"], e["exercise_id"]) for e in read["history"]] == [
        (str(today()), 1),
        (yesterday, 21),
    ]
    assert read["history"][1].items() >= SQUAT.items()
    assert read["history"][1] == old.get_json()["history"][0]
    assert client.get("/fitness/history", headers=bearer("x@y.z")).get_json()["history"] == []


def test_since_leaves_out_what_is_older(client: FlaskClient) -> None:
    """A month is the default."""
    mine = bearer("since@example.com")
    for days in (0, 1, 40):
        day = str(today() - timedelta(days=days))
        client.post("/fitness/history", json={"date": day, "exercises": [SQUAT]}, headers=mine)

    def count(query: str) -> int:
        return len(client.get(f"/fitness/history{query}", headers=mine).get_json()["history"])

    assert count("") == 2
    assert count(f"?since={today()}") == 1
    assert count("?since=2000-01-01") == 3


def test_the_level_is_the_users(client: FlaskClient) -> None:
    """It comes from the table of users, where there is a row."""
    levels = [
        client.get("/fitness/history", headers=bearer(user)).get_json()["level"]
        for user in ("bob@example.com", "nobody@example.com")
    ]
    assert levels == [2, 3]


def test_all_or_nothing_is_written(client: FlaskClient) -> None:
    """One unknown exercise spoils the lot."""
    mine = bearer("all@example.com")
    both = {"exercises": [SQUAT, SQUAT | {"exercise_id": 999}]}
    answer = client.post("/fitness/history", json=both, headers=mine)
    assert answer.status_code == 400
    assert answer.get_json()["field"] == "exercises[1].exercise_id"
    assert client.get("/fitness/history", headers=mine).get_json()["history"] == []


def test_what_is_added_keeps_its_order(client: FlaskClient) -> None:
    """In the answer, and in the ids, by which the history is sorted."""
    mine = bearer("order@example.com")
    sent = [{"exercise_id": (n * 37) % 60 + 1, "reps": n + 1} for n in range(50)]
    added = client.post("/fitness/history", json={"exercises": sent}, headers=mine).get_json()
    assert [entry["reps"] for entry in added["history"]] == list(range(1, 51))
    ids = [entry["id"] for entry in added["history"]]
    assert ids == sorted(ids)


BAD = {
    "no exercises": ({}, "exercises"),
    "no list": ({"exercises": 1}, "exercises"),
    "empty list": ({"exercises": []}, "exercises"),
    "too many": ({"exercises": [SQUAT] * 51}, "exercises"),
    "no object": ({"exercises": [1]}, "exercises[0]"),
    "no id": ({"exercises": [{"reps": 1}]}, "exercises[0].exercise_id"),
    "no reps": ({"exercises": [{"exercise_id": 1}]}, "exercises[0].reps"),
    "id is text": ({"exercises": [SQUAT | {"exercise_id": "1"}]}, "exercises[0].exercise_id"),
    "id is true": ({"exercises": [SQUAT | {"exercise_id": True}]}, "exercises[0].exercise_id"),
    "huge id": ({"exercises": [SQUAT | {"exercise_id": 10**30}]}, "exercises[0].exercise_id"),
    "no reps done": ({"exercises": [SQUAT | {"reps": 0}]}, "exercises[0].reps"),
    "half a set": ({"exercises": [SQUAT, SQUAT | {"sets": 0.5}]}, "exercises[1].sets"),
    "negative weight": ({"exercises": [SQUAT | {"weight": -1}]}, "exercises[0].weight"),
    "nan": ({"exercises": [SQUAT | {"weight": float("nan")}]}, "exercises[0].weight"),
    "infinity": ({"exercises": [SQUAT | {"weight": float("inf")}]}, "exercises[0].weight"),
    "date is a number": ({"date": 20260101, "exercises": [SQUAT]}, "date"),
    "date without dashes": ({"date": "20260101", "exercises": [SQUAT]}, "date"),
    "no such day": ({"date": "2026-02-30", "exercises": [SQUAT]}, "date"),
    "in the future": ({"date": "2999-01-01", "exercises": [SQUAT]}, "date"),
    "too old": ({"date": "1999-12-31", "exercises": [SQUAT]}, "date"),
    "other digits": ({"date": "２０２６-01-01", "exercises": [SQUAT]}, "date"),
}


@pytest.mark.parametrize(("body", "field"), BAD.values(), ids=BAD.keys())
def test_bad_input_names_the_field(client: FlaskClient, body: dict[str, Any], field: str) -> None:
    """Never a 500."""
    answer = client.post("/fitness/history", json=body, headers=bearer())
    assert (answer.status_code, answer.get_json()["field"]) == (400, field)


@pytest.mark.parametrize("since", ["x", "", "2026-1-1", "2999-01-01", "2026-01-01T00:00:00"])
def test_a_bad_since_is_400(client: FlaskClient, since: str) -> None:
    """It names the parameter."""
    answer = client.get(f"/fitness/history?since={since}", headers=bearer())
    assert (answer.status_code, answer.get_json()["field"]) == (400, "since")


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_it_needs_a_token(client: FlaskClient, method: str) -> None:
    """To read and to write."""
    assert client.open("/fitness/history", method=method, json={}).status_code == 401


def test_tomorrow_has_begun_somewhere() -> None:
    """East of Greenwich; the day after tomorrow has not."""
    first = date(2026, 1, 1)
    tomorrow = {"date": "2026-01-02", "exercises": [SQUAT]}
    assert read_entries(tomorrow, first) == [SQUAT | {"day": date(2026, 1, 2)}]
    assert isinstance(read_entries(tomorrow | {"date": "2026-01-03"}, first), Problem)

"""The catalogue: what is shipped, and how it is read."""

from collections import Counter

import pytest
from flask.testing import FlaskClient


def test_there_are_ten_exercises_for_each_part(client: FlaskClient) -> None:
    """So the exhaustive search has a million sets to score."""
    exercises = client.get("/fitness/exercises").get_json()["exercises"]
    parts = Counter(exercise["body_part"] for exercise in exercises)
    assert len(parts) == 6
    assert set(parts.values()) == {10}
    assert [exercise["id"] for exercise in exercises] == list(range(1, 61))


def test_the_data_are_sound(client: FlaskClient) -> None:
    """Primary groups are of the exercise's own part, and every group is some exercise's primary."""
    exercises = client.get("/fitness/exercises").get_json()["exercises"]
    groups = client.get("/fitness/muscle-groups").get_json()["muscle_groups"]
    primaries = set()
    for exercise in exercises:
        primary = [group for group in exercise["muscle_groups"] if group["is_primary"]]
        assert {group["body_part"] for group in primary} == {exercise["body_part"]}
        secondary = [group for group in exercise["muscle_groups"] if not group["is_primary"]]
        strongest = max(group["intensity"] for group in primary)
        assert all(group["intensity"] <= strongest for group in secondary)
        assert len(exercise["description"]) > 30
        primaries |= {group["id"] for group in primary}
    assert {group["id"] for group in groups} == primaries
    assert {exercise["difficulty"] for exercise in exercises} == {1, 2, 3, 4, 5}


@pytest.mark.parametrize("path", ["/fitness/exercises", "/fitness/muscle-groups"])
def test_whoever_has_it_is_told_304(client: FlaskClient, path: str) -> None:
    """The ETag stays while the content does, and nobody needs a token."""
    first = client.get(path)
    again = client.get(path, headers={"If-None-Match": f'"other", {first.headers["ETag"]}'})
    assert (first.status_code, again.status_code) == (200, 304)
    assert again.data == b""
    assert again.headers["ETag"] == first.headers["ETag"]
    assert client.get(path, headers={"If-None-Match": '"other"'}).status_code == 200


def test_one_exercise_can_be_read(client: FlaskClient) -> None:
    """It is the same as in the list."""
    listed = client.get("/fitness/exercises").get_json()["exercises"][6]
    assert client.get("/fitness/exercises/7").get_json() == listed


@pytest.mark.parametrize("exercise_id", ["0", "61", "99999999999999999999", "-1", "x", "1.5"])
def test_an_unknown_exercise_is_404(client: FlaskClient, exercise_id: str) -> None:
    """However it is written."""
    answer = client.get(f"/fitness/exercises/{exercise_id}")
    assert answer.status_code == 404
    assert answer.content_type == "application/problem+json"

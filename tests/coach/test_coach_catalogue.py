"""Coach keeps the catalogue: revalidated in the background, stale rather than none."""

import copy
import time
from typing import Any

import pytest
from flask.testing import FlaskClient

from coach.catalogue import CatalogueError, catalogue
from tests.coach import monolith as scripted
from tests.coach.conftest import Start, until
from tests.coach.monolith import Monolith
from tests.services import bearer

WOD = "/fitness/wod"


def test_it_is_revalidated_by_its_etag(start: Start, monolith: Monolith) -> None:
    """One 200, then 304 as long as it does not change; requests cause none."""
    client = start(catalogue_s=0.1)
    until(lambda: len(monolith.asked("/fitness/exercises")) >= 4)
    statuses = [seen.status for seen in monolith.asked("/fitness/exercises")]
    assert statuses[:4] == [200, 304, 304, 304]
    assert client.get(WOD, headers=bearer()).status_code == 200


def test_requests_do_not_ask_for_it(client: FlaskClient, monolith: Monolith) -> None:
    """The interval is 30 s."""
    for _ in range(3):
        client.get(WOD, headers=bearer())
    assert len(monolith.asked("/fitness/exercises")) == 1


def test_a_changed_one_is_taken(start: Start, monolith: Monolith) -> None:
    """Within the interval."""
    client = start(catalogue_s=0.1)
    changed = copy.deepcopy(monolith.script.catalogue)
    for exercise in changed["exercises"]:
        exercise["name"] = "new"
    monolith.script.catalogue, monolith.script.etag = changed, '"2"'
    until(lambda: names(client) == {"new"})


@pytest.mark.parametrize("content", [{}, [], None, {"exercises": []}, {"exercises": [{"id": 1}]}])
def test_a_broken_one_is_not(start: Start, monolith: Monolith, content: Any) -> None:
    """The good one is used on."""
    client = start(catalogue_s=0.1)
    asked = len(monolith.asked("/fitness/exercises"))
    monolith.script.catalogue, monolith.script.etag = content, '"2"'
    until(lambda: len(monolith.asked("/fitness/exercises")) > asked + 2)
    assert len(names(client)) == 6


def test_a_stale_one_is_used(start: Start, monolith: Monolith) -> None:
    """For as long as the monolith is down."""
    client = start(catalogue_s=0.1)
    monolith.stop()
    time.sleep(0.3)  # three intervals, in which nothing can be had
    assert len(names(client)) == 6


def test_a_late_monolith_is_found(start: Start, monolith: Monolith) -> None:
    """Coach may be started first."""
    monolith.script.status = 503
    client = start(wait=False)
    assert client.get(WOD, headers=bearer()).status_code == 503
    monolith.script.status = 200
    until(lambda: client.get(WOD, headers=bearer()).status_code == 200)


def names(client: FlaskClient) -> set[str]:
    """Give the names in a workout."""
    answer = client.get(WOD, headers=bearer())
    return {exercise["name"] for exercise in answer.get_json()["exercises"]}


def broken(**change: Any) -> dict[str, Any]:
    """Give a catalogue whose first exercise is changed."""
    content = scripted.catalogue()
    content["exercises"][0] |= change
    return content


@pytest.mark.parametrize(
    "content",
    [
        broken(id="1"),
        broken(id=2),
        broken(id=True),
        broken(difficulty=None),
        broken(base_weight=-1),
        broken(base_weight=1.5),
        broken(muscle_groups=None),
        broken(muscle_groups=[{"id": 10**9, "body_part": "arms", "intensity": 1}]),
    ],
    ids=range(8),
)
def test_what_is_no_catalogue_is_refused(content: Any) -> None:
    """Before anything is built of it."""
    with pytest.raises(CatalogueError):
        catalogue(content, None)


def test_one_too_large_to_choose_from_is_refused() -> None:
    """Nine million sets in one half would take all memory."""
    [first, *_] = scripted.catalogue()["exercises"]
    many = [first | {"id": n, "body_part": f"part {n % 3}"} for n in range(1, 9000)]
    with pytest.raises(CatalogueError, match="too large"):
        catalogue({"exercises": many}, None)

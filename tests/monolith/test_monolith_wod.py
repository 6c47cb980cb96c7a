"""The old workout: its rules, its process, and the bound on how many are computed."""

import threading
from datetime import date

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine

from monolith import searching, workout
from monolith.catalogue import read_exercises
from monolith.slots import Slots
from monolith.wod import Exercise, candidates, choose, prescribe, rank
from tests.services import bearer

ARMS = [Exercise(i, "arms", i, 20, ((1, "arms", 5),)) for i in (1, 2, 3)]


@pytest.mark.parametrize(
    ("done", "left"), [((), [1, 2, 3]), ((2, 9), [1, 3]), ((1, 2, 3), [1, 2, 3])]
)
def test_candidates_are_what_was_not_done(done: tuple[int, ...], left: list[int]) -> None:
    """Unless nothing is left."""
    assert [exercise.id for exercise in candidates("arms", ARMS, done)] == left


@pytest.mark.parametrize(("level", "chosen"), [(1, 1), (2, 2), (3, 3), (5, 3)])
def test_the_level_decides_between_equals(level: int, chosen: int) -> None:
    """The nearest difficulty wins."""
    assert choose("u", "2026-01-01", ARMS, (), level) == (chosen,)


def test_ranks_change_with_user_and_day() -> None:
    """And with the exercise."""
    ranks = {rank(u, d, i) for u in "ab" for d in ("2026-01-01", "2026-01-02") for i in (1, 2)}
    assert len(ranks) == 8


def test_what_is_prescribed_grows_with_the_level() -> None:
    """Body weight stays body weight."""
    weights = [prescribe("u", "2026-01-01", ARMS[0], level)[0] for level in (1, 2, 3, 4, 5)]
    assert weights == sorted(weights)
    assert weights[0] < weights[4]
    push_up = Exercise(1, "chest", 2, 0, ())
    assert prescribe("u", "2026-01-01", push_up, 5)[0] == 0


def test_the_process_gives_what_the_function_gives() -> None:
    """Question and answer survive JSON."""
    exercises = [*ARMS, Exercise(4, "back", 3, 10, ((2, "back", 4), (1, "arms", 2)))]
    asked = ("zoë@example.com", "2026-01-01", exercises, {2}, 3)
    assert tuple(searching.search(*asked)) == choose(*asked)


def test_reading_one_by_one_gives_the_catalogue(database: Engine) -> None:
    """The slow way reads what the quick one does."""
    slow = workout.read_one_by_one(database)
    for exercise in read_exercises(database):
        known = slow[exercise["id"]]
        assert known.choosable.body_part == exercise.pop("body_part")
        assert known.choosable.base_weight == exercise.pop("base_weight")
        assert known.fields == exercise


def test_a_search_that_takes_too_long_is_503(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process is killed, and the client may come again."""
    monkeypatch.setattr(searching, "LONGEST_S", 0.05)
    answer = client.get("/fitness/wod", headers=bearer())
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "10"


def test_a_search_that_fails_is_500_without_a_trace(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What went wrong is for the log."""
    monkeypatch.setattr(searching.sys, "executable", "/bin/false")
    answer = client.get("/fitness/wod", headers=bearer())
    assert answer.status_code == 500
    assert answer.get_json()["detail"] == "The service made an error; it is in its log."


def test_slots_bound_work_and_waiting() -> None:
    """One works, one waits and is given up on, the third is turned away at once."""
    slots = Slots(running=1, waiting=1, wait_s=0.2)
    seen: list[bool] = []

    def wait() -> None:
        with slots.taken() as had:
            seen.append(had)

    with slots.taken() as had:
        assert had
        waiter = threading.Thread(target=wait)
        waiter.start()
        while slots._admitted._value:
            pass
        with slots.taken() as third:
            assert not third
        waiter.join()
    assert seen == [False]
    wait()
    assert seen == [False, True]


def test_a_waiting_one_gets_its_turn() -> None:
    """When the first has done."""
    slots = Slots(running=1, waiting=1, wait_s=10)
    began, may_end = threading.Event(), threading.Event()

    def work() -> None:
        with slots.taken():
            began.set()
            may_end.wait(10)

    worker = threading.Thread(target=work)
    worker.start()
    began.wait(10)
    threading.Timer(0.05, may_end.set).start()
    with slots.taken() as had:
        assert had
    worker.join()


def test_the_day_is_an_argument(database: Engine) -> None:
    """Nobody did anything in 2001."""
    assert workout.done_on(database, "u", date(2001, 1, 1)) == set()

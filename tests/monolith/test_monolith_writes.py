"""Writing while others write."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date

from flask import Flask
from sqlalchemy import Engine, delete, select
from sqlalchemy.orm import Session

from dev.stack import eventually
from monolith.history import add
from monolith.problems import Problem
from monolith.storage import writing
from monolith.tables import Done, Exercise, Work
from tests.services import bearer

ROW = {"exercise_id": 60, "weight": 0.0, "reps": 1, "sets": 1}


def test_an_exercise_that_leaves_meanwhile_is_400(database: Engine) -> None:
    """Read while it was there, referred to when it is gone: nothing is written."""
    entries = [ROW | {"day": date(2026, 1, 1)}]
    with ThreadPoolExecutor(1) as other, Session(writing(database)) as session:
        session.execute(delete(Work).where(Work.exercise_id == 60))
        session.execute(delete(Exercise).where(Exercise.id == 60))
        adding = other.submit(add, database, "user", entries)
        if database.dialect.name == "postgresql":
            query = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
            assert eventually(lambda: is_there(database, query), 3)
        session.commit()
        answer = adding.result(20)
    assert isinstance(answer, Problem)
    assert (answer.status, answer.field) in {
        (400, "exercises"),  # PostgreSQL: found out by the foreign key
        (400, "exercises[0].exercise_id"),  # SQLite: one writer at a time
    }
    with Session(database) as session:
        assert session.scalars(select(Done)).all() == []


def is_there(database: Engine, query: str) -> bool:
    """Say whether *query* has a row."""
    with database.connect() as connection:
        return connection.exec_driver_sql(query).first() is not None


def test_many_write_at_once(app: Flask) -> None:
    """Three users, sixty times two entries, eight at a time; all of them are there."""

    def work(number: int) -> int:
        client = app.test_client()
        body = {"exercises": [{"exercise_id": 1, "reps": 1}, {"exercise_id": 2, "reps": 2}]}
        mine = bearer(f"many-{number % 3}@example.com")
        return client.post("/fitness/history", json=body, headers=mine).status_code

    with ThreadPoolExecutor(8) as users:
        statuses = list(users.map(work, range(60)))
    assert statuses == [201] * 60
    client = app.test_client()
    for user in range(3):
        read = client.get("/fitness/history", headers=bearer(f"many-{user}@example.com"))
        assert len(read.get_json()["history"]) == 40

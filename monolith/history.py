"""``/fitness/history``: what the caller did, and the level to train at."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from flask import Blueprint, Response, jsonify, request
from sqlalchemy import Engine, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from monolith.keys import Keys
from monolith.members import caller, member_routes
from monolith.problems import Problem
from monolith.reading import amount, day, json_object, whole
from monolith.tables import Done, Exercise, User
from monolith.transactions import refers_to_nothing, write

MIDDLE_LEVEL = 3  # for whoever has a token but no row among the users
MOST_SHOWN = 1000
MOST_AT_ONCE = 50


def history_routes(database: Engine, keys: Keys) -> Blueprint:
    """Give the routes that read and write the caller's history."""
    routes = member_routes("history", keys)

    @routes.get("/fitness/history")
    def get() -> Response:
        today = datetime.now(UTC).date()
        asked = request.args.get("since", str(today - timedelta(days=30)))
        since = day(asked, "since", today + timedelta(days=1))
        if isinstance(since, Problem):
            return since.response()
        user = caller().user
        return jsonify(level=level_of(database, user), history=done_since(database, user, since))

    @routes.post("/fitness/history")
    def post() -> tuple[Response, int] | Response:
        today = datetime.now(UTC).date()
        entries = read_entries(json_object(request), today)
        if isinstance(entries, Problem):
            return entries.response()
        added = add(database, caller().user, entries)
        if isinstance(added, Problem):
            return added.response()
        return jsonify(history=added), 201

    return routes


def level_of(database: Engine, user: str) -> int:
    """Give the level of *user*, 1 to 5."""
    with Session(database) as session:
        found = session.scalar(select(User.level).where(User.email == user))
    return MIDDLE_LEVEL if found is None else found


def done_since(database: Engine, user: str, since: date) -> list[dict[str, Any]]:
    """Give what *user* did from that day on, the latest first."""
    wanted = (
        select(Done)
        .where(Done.user == user, Done.day >= since)
        .order_by(Done.day.desc(), Done.id.desc())
        .limit(MOST_SHOWN)
    )
    with Session(database) as session:
        return [shown(done) for done in session.scalars(wanted)]


def shown(done: Done) -> dict[str, Any]:
    """Give what the API shows of one entry."""
    return {
        "id": done.id,
        "date": done.day.isoformat(),
        "exercise_id": done.exercise_id,
        "weight": done.weight,
        "reps": done.reps,
        "sets": done.sets,
    }


def read_entries(body: dict[str, Any] | Problem, today: date) -> list[dict[str, Any]] | Problem:
    """Give the rows that a body asks to be added.

    The day may be tomorrow's, since east of Greenwich it has begun.
    """
    if isinstance(body, Problem):
        return body
    when = day(body.get("date", str(today)), "date", today + timedelta(days=1))
    if isinstance(when, Problem):
        return when
    exercises = body.get("exercises")
    if not isinstance(exercises, list) or not 1 <= len(exercises) <= MOST_AT_ONCE:
        return Problem(400, f"exercises must be a list of 1 to {MOST_AT_ONCE}.", "exercises")
    entries = [read_entry(item, f"exercises[{i}]") for i, item in enumerate(exercises)]
    for entry in entries:
        if isinstance(entry, Problem):
            return entry
    return [entry | {"day": when} for entry in entries if not isinstance(entry, Problem)]


def read_entry(item: object, field: str) -> dict[str, Any] | Problem:
    """Give one entry as columns."""
    if not isinstance(item, dict):
        return Problem(400, f"{field} must be a JSON object.", field)
    columns = {
        "exercise_id": whole(item.get("exercise_id"), f"{field}.exercise_id", 1, 2**31 - 1),
        "weight": amount(item.get("weight", 0), f"{field}.weight", 1000),
        "reps": whole(item.get("reps"), f"{field}.reps", 1, 1000),
        "sets": whole(item.get("sets", 1), f"{field}.sets", 1, 100),
    }
    problems = [value for value in columns.values() if isinstance(value, Problem)]
    return problems[0] if problems else columns


def add(
    database: Engine, user: str, entries: list[dict[str, Any]]
) -> list[dict[str, Any]] | Problem:
    """Add the entries, all or none, and give them as they are shown."""
    try:
        return write(database, lambda session: add_in(session, user, entries))
    except IntegrityError as error:
        if not refers_to_nothing(error):
            raise
        return Problem(400, "One of the exercises has just left the catalogue.", "exercises")


def add_in(
    session: Session, user: str, entries: list[dict[str, Any]]
) -> list[dict[str, Any]] | Problem:
    """Add the entries in the transaction of *session*."""
    known = set(session.scalars(select(Exercise.id)))
    for place, entry in enumerate(entries):
        if entry["exercise_id"] not in known:
            field = f"exercises[{place}].exercise_id"
            return Problem(400, f"There is no exercise {entry['exercise_id']}.", field)
    rows = [entry | {"user": user} for entry in entries]
    # Several rows in one statement come back, and get their ids, in any order unless asked.
    added = insert(Done).returning(Done, sort_by_parameter_order=True)
    return [shown(done) for done in session.scalars(added, rows)]

"""``GET /fitness/wod``, the new one."""

import time
from datetime import UTC, date, datetime, timedelta
from typing import Any

from flask import Blueprint, Response, g, jsonify, request

from coach import choosing
from coach.catalogue import Catalogue
from coach.history import UNKNOWN, Histories, Memory, Past
from coach.keys import Keys
from coach.metrics import CHOSEN, HISTORIES
from coach.problems import Problem, busy
from coach.shelf import Shelf
from coach.tokens import verify


def workout_routes(keys: Keys, shelf: Shelf, histories: Histories, memory: Memory) -> Blueprint:
    """Give the route of the workout of the day."""
    routes = Blueprint("workout", __name__)

    @routes.get("/fitness/wod")
    def workout_of_the_day() -> Response:
        caller = verify(request.headers.get("Authorization"), keys)
        if isinstance(caller, Problem):
            return caller.response()
        if shelf.current is None:
            return busy("The catalogue of exercises could not be had yet.", 1).response()
        today = datetime.now(UTC).date()
        past = past_of(caller.user, today)
        response = workout(shelf.current, caller.user, today, past or UNKNOWN)
        if past is None:
            response.headers["X-Coach-Degraded"] = "history"
        return response

    def past_of(user: str, today: date) -> Past | None:
        past = memory.recall(user, today, time.monotonic())
        source = "kept"
        if past is None:
            token = request.headers["Authorization"]
            trace = {"X-Request-ID": g.request_id}
            past = histories.fetch(token, today - timedelta(days=1), trace)
            source = "fetched" if past else "failed"
            if past:
                memory.remember(user, today, past, time.monotonic())
        HISTORIES.labels(source).inc()
        return past

    return routes


def workout(catalogue: Catalogue, user: str, today: date, past: Past) -> Response:
    """Give the workout as the contract has it."""
    with CHOSEN.time():
        ids = choosing.choose(user, today.isoformat(), catalogue.index, past.done, past.level)
    response = jsonify(
        exercises=[shown(catalogue, i, user, today, past.level) for i in ids],
        generated_at=datetime.now(UTC).isoformat(timespec="milliseconds"),
    )
    response.headers["X-WOD-Date"] = today.isoformat()
    response.headers["Cache-Control"] = "private, no-store"
    return response


def shown(
    catalogue: Catalogue, exercise_id: int, user: str, today: date, level: int
) -> dict[str, Any]:
    """Give one exercise of the workout."""
    exercise = catalogue.index.exercises[exercise_id]
    weight, reps = choosing.prescribe(user, today.isoformat(), exercise, level)
    return catalogue.shown[exercise_id] | {"suggested_weight": weight, "suggested_reps": reps}

"""The catalogue of exercises and muscle groups: public, and cheap to ask for again (ETag)."""

import hashlib
import json
from collections import defaultdict
from typing import Any

from flask import Blueprint, Response, request
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from monolith.problems import Problem
from monolith.tables import Exercise, MuscleGroup, Work


def catalogue_routes(database: Engine) -> Blueprint:
    """Give the routes that read the catalogue."""
    routes = Blueprint("catalogue", __name__)

    @routes.get("/fitness/exercises")
    def exercises() -> Response:
        return tagged({"exercises": read_exercises(database)})

    @routes.get("/fitness/exercises/<int(max=2147483647):exercise_id>")
    def exercise(exercise_id: int) -> Response:
        found = read_exercises(database, exercise_id)
        return tagged(found[0]) if found else unknown(exercise_id).response()

    @routes.get("/fitness/muscle-groups")
    def muscle_groups() -> Response:
        return tagged({"muscle_groups": read_muscle_groups(database)})

    return routes


def unknown(exercise_id: int) -> Problem:
    """Give the 404 for an exercise that is not in the catalogue."""
    return Problem(404, f"There is no exercise {exercise_id}.", "exercise_id")


def tagged(content: dict[str, Any], cache_control: str = "no-cache") -> Response:
    """Give *content* as JSON under an ETag, or 304 to whoever has it already.

    Unless *cache_control* says otherwise it may be kept, but only asked for anew each time.
    """
    body = json.dumps(content, separators=(",", ":")) + "\n"
    response = Response(body, content_type="application/json")
    response.set_etag(hashlib.sha256(body.encode()).hexdigest()[:32])
    response.headers["Cache-Control"] = cache_control
    response.make_conditional(request)
    return response


def read_exercises(database: Engine, only: int | None = None) -> list[dict[str, Any]]:
    """Give the exercises (or the one) by id, each with its muscle groups by id."""
    exercises = select(Exercise).order_by(Exercise.id)
    works = (
        select(Work, MuscleGroup)
        .join(MuscleGroup, MuscleGroup.id == Work.muscle_group_id)
        .order_by(Work.exercise_id, MuscleGroup.id)
    )
    if only is not None:
        exercises = exercises.where(Exercise.id == only)
        works = works.where(Work.exercise_id == only)
    groups: dict[int, list[dict[str, Any]]] = defaultdict(list)
    with Session(database) as session:
        for work, group in session.execute(works):
            groups[work.exercise_id].append(group_fields(group, work))
        return [
            exercise_fields(e) | {"muscle_groups": groups[e.id]} for e in session.scalars(exercises)
        ]


def read_muscle_groups(database: Engine) -> list[dict[str, Any]]:
    """Give all muscle groups by id."""
    with Session(database) as session:
        groups = session.scalars(select(MuscleGroup).order_by(MuscleGroup.id))
        return [{"id": g.id, "name": g.name, "body_part": g.body_part} for g in groups]


def exercise_fields(exercise: Exercise) -> dict[str, Any]:
    """Give what the API shows of an exercise, but for its muscle groups."""
    return {
        "id": exercise.id,
        "name": exercise.name,
        "description": exercise.description,
        "difficulty": exercise.difficulty,
        "body_part": exercise.body_part,
        "base_weight": exercise.base_weight,
    }


def group_fields(group: MuscleGroup, work: Work) -> dict[str, Any]:
    """Give what the API shows of a muscle group that an exercise works."""
    return {
        "id": group.id,
        "name": group.name,
        "body_part": group.body_part,
        "is_primary": work.is_primary,
        "intensity": work.intensity,
    }

"""``GET /fitness/wod``, the old one: reads row by row, scores every set, takes seconds."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from flask import Blueprint, Response, jsonify
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from monolith import wod
from monolith.catalogue import exercise_fields, group_fields
from monolith.history import level_of
from monolith.keys import Keys
from monolith.members import caller, member_routes
from monolith.metrics import REFUSED
from monolith.problems import busy
from monolith.searching import SearchTookTooLong, search
from monolith.settings import Settings
from monolith.slots import Slots
from monolith.tables import Done, Exercise, MuscleGroup, Work


@dataclass(frozen=True, slots=True)
class Known:
    """An exercise as the API shows it, and as the choice needs it."""

    fields: dict[str, Any]
    choosable: wod.Exercise


def workout_routes(database: Engine, settings: Settings, keys: Keys) -> Blueprint:
    """Give the route of the workout of the day."""
    routes = member_routes("workout", keys)
    slots = Slots(settings.searches, settings.queue, settings.wait_s)

    @routes.get("/fitness/wod")
    def workout_of_the_day() -> Response:
        with slots.taken() as had:
            if not had:
                REFUSED.labels("wod").inc()
                return busy("Too many workouts are being computed.", 2).response()
            return workout(database, caller().user, datetime.now(UTC))

    return routes


def workout(database: Engine, user: str, now: datetime) -> Response:
    """Give the workout of *user* for the UTC day of *now*."""
    today = now.date()
    level = level_of(database, user)
    known = read_one_by_one(database)
    exercises = [k.choosable for k in known.values()]
    done = done_on(database, user, today - timedelta(days=1))
    try:
        chosen = search(user, today.isoformat(), exercises, done, level)
    except SearchTookTooLong:
        return busy("The workout took too long to compute.", 10).response()
    response = jsonify(
        exercises=[shown(known[i], user, today, level) for i in chosen],
        generated_at=datetime.now(UTC).isoformat(timespec="milliseconds"),
    )
    response.headers["X-WOD-Date"] = today.isoformat()
    response.headers["Cache-Control"] = "private, no-store"
    return response


def shown(known: Known, user: str, today: date, level: int) -> dict[str, Any]:
    """Give one exercise of the workout as the contract has it."""
    weight, reps = wod.prescribe(user, today.isoformat(), known.choosable, level)
    return known.fields | {"suggested_weight": weight, "suggested_reps": reps}


def done_on(database: Engine, user: str, day: date) -> set[int]:
    """Give the exercises that *user* did on *day*."""
    with Session(database) as session:
        return set(
            session.scalars(select(Done.exercise_id).where(Done.user == user, Done.day == day))
        )


def read_one_by_one(database: Engine) -> dict[int, Known]:
    """Give all exercises by id: one query for each, and one for each muscle group it works.

    ``catalogue.read_exercises`` reads the same with two queries. This is the old code on purpose:
    it is what the migration to coach is measured against.
    """
    with Session(database) as session:
        ids = session.scalars(select(Exercise.id).order_by(Exercise.id)).all()
        return {exercise_id: read_one(session, exercise_id) for exercise_id in ids}


def read_one(session: Session, exercise_id: int) -> Known:
    """Give one exercise."""
    exercise = session.scalars(select(Exercise).where(Exercise.id == exercise_id)).one()
    works = session.scalars(
        select(Work).where(Work.exercise_id == exercise_id).order_by(Work.muscle_group_id)
    )
    return known(exercise, [(work, read_group(session, work)) for work in works])


def read_group(session: Session, work: Work) -> MuscleGroup:
    """Give the muscle group that *work* is about."""
    return session.scalars(select(MuscleGroup).where(MuscleGroup.id == work.muscle_group_id)).one()


def known(exercise: Exercise, works: Iterable[tuple[Work, MuscleGroup]]) -> Known:
    """Give the exercise in both its shapes."""
    pairs = list(works)
    fields = exercise_fields(exercise)
    del fields["body_part"], fields["base_weight"]  # not part of the contract
    fields["muscle_groups"] = [group_fields(group, work) for work, group in pairs]
    choosable = wod.Exercise(
        exercise.id,
        exercise.body_part,
        exercise.difficulty,
        exercise.base_weight,
        tuple((group.id, group.body_part, work.intensity) for work, group in pairs),
    )
    return Known(fields, choosable)

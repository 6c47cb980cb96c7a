"""The first rows: the catalogue that is shipped, and users to try things with."""

import json
from importlib.resources import files
from typing import Any

from sqlalchemy import Connection, insert, select

from monolith.passwords import hashed
from monolith.settings import Settings
from monolith.tables import Exercise, MuscleGroup, User, Work

# email, name, role, level
DEMO_USERS = (
    ("alice@example.com", "Alice", "user", 3),
    ("bob@example.com", "Bob", "user", 2),
    ("lea@example.com", "Lea", "user", 3),
    ("admin@example.com", "Admin", "admin", 4),
)


def seed(connection: Connection, settings: Settings) -> None:
    """Fill empty tables; what is in them already is left as it is."""
    if connection.execute(select(Exercise.id).limit(1)).first() is None:
        add_catalogue(connection)
    if settings.demo_users and connection.execute(select(User.id).limit(1)).first() is None:
        add_demo_users(connection, settings.demo_password)


def add_catalogue(connection: Connection) -> None:
    """Add the exercises and muscle groups of ``catalogue.json``."""
    shipped = json.loads(files("monolith").joinpath("catalogue.json").read_text("utf-8"))
    connection.execute(insert(MuscleGroup), shipped["muscle_groups"])
    group_ids = {group["name"]: group["id"] for group in shipped["muscle_groups"]}
    columns = ("id", "name", "description", "difficulty", "body_part", "base_weight")
    exercises = shipped["exercises"]
    connection.execute(insert(Exercise), [{c: e[c] for c in columns} for e in exercises])
    works = [work for exercise in exercises for work in works_of(exercise, group_ids)]
    connection.execute(insert(Work), works)


def works_of(exercise: dict[str, Any], group_ids: dict[str, int]) -> list[dict[str, object]]:
    """Give the rows that say which muscle groups *exercise* works."""
    return [
        {
            "exercise_id": exercise["id"],
            "muscle_group_id": group_ids[name],
            "is_primary": kind == "primary",
            "intensity": intensity,
        }
        for kind in ("primary", "secondary")
        for name, intensity in exercise[kind].items()
    ]


def add_demo_users(connection: Connection, password: str) -> None:
    """Add users who all have the same *password*, for laptops and tests."""
    rows = [
        {
            "email": email,
            "name": name,
            "role": role,
            "level": level,
            "password_hash": hashed(password),
        }
        for email, name, role, level in DEMO_USERS
    ]
    connection.execute(insert(User), rows)

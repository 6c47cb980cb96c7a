"""What is compared: the real programs, a catalogue that is searched quickly, many users, a bug."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from sqlalchemy import Connection, delete, insert, select

from dev.plan import ROOT
from dev.stack import Stack
from monolith.settings import read
from monolith.storage import open_database, prepare, writing
from monolith.tables import Done, Exercise, User, Work

A_PART = 3
"""Exercises of each body part: 729 sets instead of a million, by the same exhaustive search."""
USERS = 500
MOST_DONE = 8
SEED = 27
QUICK = {"STRANGLER_WORKERS": "2", "MONOLITH_SEARCHES": "4"}
"""A worker compares two exchanges at once, and the monolith computes as many."""
BUG = ("// 50\n    return weight", "// 48\n    return weight")
"""The line of `coach/choosing.py` that makes weights of a level, and what it became: the bug."""


def change(text: str) -> str:
    """The shipped file, with everybody on coach and every exchange compared."""
    text = text.replace("percent: 10", "percent: 100")
    return f"debug_headers: true\n{text}    compare: {{sample: 100, ignore: [generated_at]}}\n"


def users() -> list[str]:
    """Who asks."""
    return [f"pair-{number}@example.com" for number in range(USERS)]


def fill(stack: Stack) -> None:
    """Make the monolith's database before it starts: few exercises, many users with a past."""
    settings = read(stack.plan.monolith.environment)
    prepare(settings)
    engine = open_database(settings)
    with writing(engine).begin() as connection:
        kept = cut(connection)
        connection.execute(insert(User), [row(n, name) for n, name in enumerate(users())])
        connection.execute(insert(Done), list(pasts(kept)))
    engine.dispose()


def cut(connection: Connection) -> list[int]:
    """Leave the first `A_PART` exercises of each body part; their ids."""
    parts: dict[str, list[int]] = {}
    for identity, part in connection.execute(select(Exercise.id, Exercise.body_part)):
        parts.setdefault(part, []).append(identity)
    kept = [identity for ids in parts.values() for identity in sorted(ids)[:A_PART]]
    connection.execute(delete(Work).where(Work.exercise_id.not_in(kept)))
    connection.execute(delete(Exercise).where(Exercise.id.not_in(kept)))
    return kept


def row(number: int, name: str) -> dict[str, object]:
    """One user; nobody logs in by password."""
    level = number % 5 + 1
    return {"email": name, "name": name, "role": "user", "level": level, "password_hash": "-"}


def pasts(exercises: list[int]) -> Iterator[dict[str, object]]:
    """What each user did yesterday and today: nothing, or up to `MOST_DONE` exercises."""
    chance = Random(SEED)  # noqa: S311 - the same pasts in every run, no secret
    today = datetime.now(UTC).date()
    for name in users():
        for day in (today - timedelta(days=1), today):
            for identity in chance.sample(exercises, chance.randint(0, MOST_DONE)):
                done = {"exercise_id": identity, "weight": 20.0, "reps": 8, "sets": 3}
                yield {"user": name, "day": day, **done}


def put_bug(stack: Stack) -> None:
    """Start coach from a copy of its code that has the bug, in the place of the one that runs."""
    copy = stack.folder / "coach"
    shutil.copytree(ROOT / "coach", copy, ignore=shutil.ignore_patterns("__pycache__"))
    spoil(copy / "choosing.py")
    # The configuration puts the folder that it lies in before all others on the path.
    command = [part.replace("coach/", f"{copy}/") for part in stack.plan.coach.command]
    stack.stop_one("coach")
    stack.plan = replace(stack.plan, coach=replace(stack.plan.coach, command=tuple(command)))
    stack.start("coach")


def spoil(file: Path) -> None:
    """Put the bug into the line."""
    right, wrong = BUG
    code = file.read_text("utf-8")
    if code.count(right) != 1:
        raise ValueError(f"{file}: not once {right!r}; say in BUG which line is to be changed")
    file.write_text(code.replace(right, wrong), "utf-8")

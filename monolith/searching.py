"""Starts the search for a workout as a process (``search.py``) and waits for it."""

import json
import subprocess
import sys
from collections.abc import Collection, Sequence
from dataclasses import astuple
from pathlib import Path

from monolith.metrics import SEARCHED, SEARCHES
from monolith.wod import Exercise

LONGEST_S = 30.0
ROOT = Path(__file__).resolve().parent.parent


class SearchTookTooLong(Exception):
    """The search was given up after ``LONGEST_S``."""


def search(
    user: str, day: str, exercises: Sequence[Exercise], done: Collection[int], level: int
) -> list[int]:
    """Give the ids of the workout, as ``wod.choose`` does, computed in another process."""
    question = {
        "user": user,
        "day": day,
        "exercises": [astuple(exercise) for exercise in exercises],
        "done": sorted(done),
        "level": level,
    }
    with SEARCHES.track_inprogress(), SEARCHED.time():
        return ask(json.dumps(question))


def ask(question: str) -> list[int]:
    """Give what the program answers.

    It inherits no environment (no secrets), no site-packages (it starts in 30 ms), and stands in a
    session of its own: a signal to our process group lets it finish the request that we finish.
    """
    try:
        done = subprocess.run(
            [sys.executable, "-S", "-m", "monolith.search"],
            input=question,
            capture_output=True,
            encoding="ascii",
            cwd=ROOT,
            env={"PYTHONDONTWRITEBYTECODE": "1"},
            start_new_session=True,
            timeout=LONGEST_S,
            check=True,
        )
    except subprocess.TimeoutExpired as error:
        raise SearchTookTooLong from error
    ids: list[int] = json.loads(done.stdout)
    return ids

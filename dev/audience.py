"""The users of the demonstration: who they are, whose they have to be, what they are told."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import count
from typing import Any

import httpx

from router.core.bucketing import bucket
from router.core.model import BUCKETS

ROUTE = "wod"
WOD = "/fitness/wod"
AT_ONCE = 2
"""As many workouts as the monolith computes at once."""


@dataclass(frozen=True, slots=True)
class User:
    """Somebody with a token."""

    name: str
    token: str

    @property
    def bucket(self) -> int:
        """Where the route's name and the user's put them, forever."""
        return bucket(ROUTE, self.name)

    def side(self, percent: float) -> str:
        """Who has to serve them at *percent*."""
        return "coach" if self.bucket < percent * BUCKETS / 100 else "monolith"


@dataclass(frozen=True, slots=True)
class Told:
    """What a user was told, by whom."""

    user: User
    status: int
    served: str
    took_s: float
    day: str
    exercises: list[dict[str, Any]]


def names_between(low: float, high: float, how_many: int) -> list[str]:
    """The first users `user-N@example.com` with *low* <= their bucket < *high*, in per cent."""
    found: list[str] = []
    for number in count(1):
        name = f"user-{number}@example.com"
        if low <= bucket(ROUTE, name) * 100 / BUCKETS < high:
            found.append(name)
        if len(found) == how_many:
            return found
    raise AssertionError("count() does not end")


def ask(client: httpx.Client, users: Sequence[User]) -> list[Told]:
    """Have each of *users* ask for the workout of the day; what each is told."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(lambda user: ask_one(client, user), users))


def ask_one(client: httpx.Client, user: User) -> Told:
    """Have *user* ask."""
    answer = client.get(WOD, headers={"Authorization": f"Bearer {user.token}"})
    is_good = answer.status_code == 200
    return Told(
        user=user,
        status=answer.status_code,
        served=answer.headers.get("X-Served-By", "nobody"),
        took_s=answer.elapsed.total_seconds(),
        day=answer.headers.get("X-WOD-Date", ""),
        exercises=answer.json()["exercises"] if is_good else [],
    )

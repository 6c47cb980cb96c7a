"""The real coach is killed, or hangs, and the real monolith stays answerable."""

import asyncio
import json
from typing import Any

import pytest

from tests.system.conftest import WOD, OpenSite, Seen, Site, at

pytestmark = pytest.mark.system

DEADLINE_S = 10.0
TIMEOUT_S = 2.0
USERS = [f"swimmer-{number}@example.com" for number in range(2)]
RESCUED = ("rescued", "breaker_direct")


def rescued(one: Site) -> float:
    """How many of coach's users the monolith served instead."""
    return sum(one.stack.total("requests_total", cohort="candidate", fate=f) for f in RESCUED)


def failures(one: Site, outcome: str) -> float:
    """How many attempts at coach ended like that."""
    return one.stack.total("attempts_total", upstream="coach", outcome=outcome)


def is_saved(seen: Seen) -> bool:
    """Whether a request was answered well, by the monolith, in time."""
    return (seen.status, seen.served) == (200, "monolith") and seen.took_s < DEADLINE_S


@pytest.mark.alone
async def test_a_dead_then_a_hung_coach_costs_no_answer_and_is_told(site: OpenSite) -> None:
    """kill -9, SIGSTOP, SIGCONT: each GET is 200 in time, each rescue is a failure of coach."""
    one = await site(at(100), real=True)
    assert (await one.get(USERS[0])).served == "coach"

    await asyncio.to_thread(one.stack.kill, "coach")
    seen = await one.get_all(USERS, at_once=2)
    assert all(map(is_saved, seen.values())), seen
    await one.settle()
    assert rescued(one) == len(USERS)
    # `reset` where the dying coach's socket still took the connection.
    assert failures(one, "connect") + failures(one, "reset") >= len(USERS)

    await asyncio.to_thread(one.stack.start, "coach")
    await coach_serves(one)
    before = rescued(one)
    one.stack.processes["coach"].hang()
    seen = await one.get_all(USERS, at_once=2)
    assert all(map(is_saved, seen.values())), seen
    await one.settle()
    assert rescued(one) == before + len(USERS)
    assert failures(one, "timeout") >= 1

    one.stack.processes["coach"].resume()
    await coach_serves(one)


async def coach_serves(one: Site) -> None:
    """Ask until coach serves again; nobody is told an error meanwhile."""
    for _ in range(40):
        seen = await one.get(USERS[0])
        assert seen.status == 200
        if seen.served == "coach":
            return
    raise AssertionError("coach never served again")


@pytest.mark.alone
async def test_what_is_cheap_stays_quick_while_workouts_are_computed(site: OpenSite) -> None:
    """Catalogue, login and history take under half a second beside the old WOD."""
    one = await site(at(0), real=True)
    computed = USERS[:2]  # as many as the monolith searches at once: nobody queues
    workouts = [asyncio.create_task(one.get(user)) for user in computed]
    await one.get(path="/fitness/exercises")  # by now they have begun
    took: list[float] = []
    while not all(task.done() for task in workouts):
        for seen in (
            await one.get(path="/fitness/exercises"),
            await one.get(path="/fitness/history"),
            await log_in(one),
        ):
            assert seen.status == 200
            took.append(seen.took_s)
    took.sort()
    assert len(took) >= 9
    assert took[-1 - len(took) // 20] < 0.5, took  # of 20, one may fall to the machine's noise
    assert [(await task).status for task in workouts] == [200] * len(computed)


def json_of(seen: Seen) -> dict[str, Any]:
    """The answer's JSON object."""
    document: dict[str, Any] = json.loads(seen.body)
    return document


async def whole(one: Site, headers: dict[str, str]) -> Seen:
    """A workout that knows of the user's history, for which coach does not wait long."""
    for _ in range(20):
        seen = await one.request("GET", WOD, headers=headers)
        if not seen.is_degraded:
            return seen
    raise AssertionError("coach never had the history")


async def log_in(one: Site) -> Seen:
    """Log in through the router."""
    credentials = {"username": "bob@example.com", "password": "train-every-day"}
    return await one.request("POST", "/oauth/token", json=credentials)


async def test_a_login_and_both_sides_give_one_workout(site: OpenSite) -> None:
    """The token of a login is good for the router, and both services give the same."""
    one = await site(at(0), real=True)
    token = json_of(await log_in(one))["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    old = await one.request("GET", WOD, headers=headers)
    await asyncio.to_thread(one.stack.set, "wod", 100)
    new = await whole(one, headers)
    assert (old.served, new.served) == ("monolith", "coach")
    assert json_of(old)["exercises"] == json_of(new)["exercises"]

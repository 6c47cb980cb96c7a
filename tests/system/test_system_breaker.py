"""Four workers are one breaker: whichever of them meet a dead coach, and whoever joins later."""

import asyncio
import json
import os
import signal
import time

import pytest

from router.cli import main
from tests.system.conftest import OpenSite, Site, at, until

pytestmark = pytest.mark.system

FOUR = {"STRANGLER_WORKERS": "4"}
TWO = {"STRANGLER_WORKERS": "2"}
POOR = "    percent: 100\n    budget: {ratio: 0.01, min_per_s: 0}\n"
BRIEFLY = "    percent: 100\n    breaker: {open: 300ms, longest_open: 300ms}\n"


def states(one: Site) -> dict[str, float]:
    """How many workers' breakers are in each state."""
    names = ("closed", "open", "half_open")
    return {name: one.stack.total("breaker_state", route="wod", state=name) for name in names}


def briefly(text: str) -> str:
    """Everybody is the candidate's, and the breaker opens for 300 ms."""
    return at(100)(text).replace("    percent: 100\n", BRIEFLY)


def poor(text: str) -> str:
    """Everybody is the candidate's, and nobody can be rescued before it was asked 100 times."""
    return at(100)(text).replace("    percent: 100\n", POOR)


def fate(one: Site, name: str) -> float:
    """How many of the candidate's users ended so."""
    return one.stack.total("requests_total", cohort="candidate", fate=name)


async def ask_elsewhere(one: Site, user: str, status: int = 200) -> str:
    """Who serves a request on a connection of its own, which any of the workers may take."""
    seen = await one.request(
        "GET",
        "/fitness/wod",
        headers={"Authorization": f"Bearer {one.stack.token(user)}", "Connection": "close"},
    )
    assert seen.status == status
    return seen.served


async def test_four_failures_in_all_open_each_of_four(site: OpenSite) -> None:
    """Of different users, one after the other: the fifth is not sent to coach, nor any after it."""
    one = await site(at(100), environment=FOUR)
    one.coach.fails = True
    assert states(one) == {"closed": 4, "open": 0, "half_open": 0}
    for number in range(4):
        assert await ask_elsewhere(one, f"user-{number}") == "monolith"
    await until(lambda: states(one)["closed"] == 0)  # what is relayed takes milliseconds
    assert await ask_elsewhere(one, "user-4") == "monolith"
    await one.settle()
    assert (fate(one, "rescued"), fate(one, "breaker_direct")) == (4, 1)
    for number in range(5, 25):
        assert await ask_elsewhere(one, f"user-{number}") == "monolith"
    await one.settle()
    assert (fate(one, "rescued"), fate(one, "breaker_direct")) == (4, 21)
    assert states(one)["closed"] == 0
    page = one.stack.page("/explain?user=user-4&path=/fitness/wod")
    assert '"reason": "breaker"' in page
    shown = json.loads(one.stack.page("/status"))["wod"]
    assert shown["breaker"]["workers"]["closed"] == 0
    assert shown["breaker"]["why"] == "tripped"
    assert abs(time.time() - shown["breaker"]["lasted_s"] - shown["breaker"]["since"]) < 1.0
    assert shown["budget"]["used"] == 4
    assert await asyncio.to_thread(main, ["status", "wod", "--admin", one.stack.admin]) == 1


async def test_they_close_together_once_coach_is_back(site: OpenSite) -> None:
    """Five probes in all, and nobody was told an error; a reload changes nothing of it."""
    one = await site(briefly, environment=FOUR)
    one.coach.fails = True
    for number in range(8):
        await ask_elsewhere(one, f"user-{number}")
    await until(lambda: states(one)["closed"] == 0)
    await asyncio.to_thread(one.stack.set, "wod", 99.5)
    assert states(one)["closed"] == 0
    one.coach.fails = False
    began, number = time.monotonic(), 0
    while states(one)["closed"] < 4:
        number += 1
        await ask_elsewhere(one, f"user-{number % 50}")
        assert time.monotonic() - began < 20.0, states(one)


async def test_who_takes_over_begins_closed_and_hears_the_others(site: OpenSite) -> None:
    """A worker that is started instead of one that was killed."""
    one = await site(at(100), environment=FOUR)
    one.coach.fails = True
    for number in range(6):
        await ask_elsewhere(one, f"user-{number}")
    await until(lambda: states(one)["closed"] == 0)
    page = json.loads(one.stack.page("/config"))
    os.kill(page["workers"][0]["pid"], signal.SIGKILL)
    await until(lambda: states(one)["closed"] == 1)
    one.lose(one.stack.total("requests_total"))  # what the victim did in its last second


async def test_a_budget_that_one_has_spent_opens_both(site: OpenSite) -> None:
    """One user goes without, and not one for each worker; whoever comes next is legacy's."""
    one = await site(poor, environment=TWO)
    one.coach.fails = True
    assert await ask_elsewhere(one, "first", status=500) == "coach"
    await until(lambda: states(one)["closed"] == 0)  # what is relayed takes milliseconds
    for number in range(10):
        assert await ask_elsewhere(one, f"user-{number}") == "monolith"
    await one.settle()
    assert (fate(one, "fail_budget"), fate(one, "breaker_direct")) == (1, 10)
    assert json.loads(one.stack.page("/status"))["wod"]["breaker"]["why"] == "spent"

"""Answers compared by a router of several workers, before stand-ins and the real services."""

import asyncio
import json
import time
from collections.abc import Callable
from typing import Any

import pytest

from router.cli import main
from tests.system.conftest import WOD, OpenSite, Site, at, until

pytestmark = pytest.mark.system

TWO = {"STRANGLER_WORKERS": "2"}


def comparing(percent: float, rules: str) -> Callable[[str], str]:
    """The change to the shipped file that has every exchange of the route compared."""
    return lambda text: at(percent)(text) + f"    compare: {{sample: 100, {rules}}}\n"


def told(one: Site) -> dict[str, Any]:
    """What the admin port tells of the route."""
    book: dict[str, Any] = json.loads(one.stack.page("/compare"))["wod"]
    return book


async def test_the_evidence_of_all_workers_is_one(
    site: OpenSite, capsys: pytest.CaptureFixture[str]
) -> None:
    """Two upstreams that never say the same are found out, and metrics count each exchange."""
    one = await site(comparing(50, "control: 50"), environment=TWO)
    for number in range(60):
        await one.get(f"user-{number}@example.com")
        await until(lambda n=number: sum(told(one)["verdicts"].values()) > n)
    book = told(one)
    assert book["pairs"] == 60
    assert 0 < book["controls"] < 60
    assert [(path["path"], path["mismatch"]) for path in book["paths"]] == [("$", True)]
    assert one.stack.total("compare_total", route="wod") == 60
    code = await asyncio.to_thread(main, ["compare", "wod", "--admin", one.stack.admin])
    assert code == 1
    said = capsys.readouterr().out
    assert "MISMATCH $: differs in 60 of 60 (100 %)" in said
    assert "legacy text of 8, candidate text of 5" in said


def hasty(text: str) -> str:
    """The shipped file with everybody on coach, which has a moment, and then a minute more."""
    return comparing(100, "control: 0")(text) + "    timeout: 500ms\n    late: 1m\n"


async def test_late_answers_are_told_and_no_stop_waits_for_them(
    site: OpenSite, capsys: pytest.CaptureFixture[str]
) -> None:
    """Three came, and were not what the monolith says; one never does."""
    one = await site(hasty, environment=TWO)
    one.coach.held_at = WOD
    seen = await one.get_all([f"user-{number}@example.com" for number in range(3)])
    assert {(each.status, each.served) for each in seen.values()} == {(200, "monolith")}
    assert one.stack.total("late_answers_total") == 0
    one.coach.released.set()
    await until(lambda: one.stack.total("late_answers_total") == 3)
    await asyncio.to_thread(main, ["compare", "wod", "--admin", one.stack.admin])
    assert "of 3 late answers " in capsys.readouterr().out
    assert told(one)["pairs"] == 3
    one.coach.released.clear()
    assert (await one.get()).served == "monolith"
    await one.settle()
    began = time.monotonic()
    assert await asyncio.to_thread(one.stack.stop_one, "router") == 0
    assert time.monotonic() - began < 10  # it would be given a minute
    one.coach.released.set()


async def test_the_real_services_agree(site: OpenSite) -> None:
    """Coach's users are served at once, and what the monolith thinks up meanwhile is the same."""
    one = await site(comparing(100, "control: 0, ignore: [generated_at]"), real=True)
    users = [f"user-{number}@example.com" for number in range(4)]
    answers = await one.get_all(users)
    assert {answer.served for answer in answers.values()} == {"coach"}
    await until(lambda: sum(told(one)["verdicts"].values()) == len(users), 60.0)
    book = told(one)
    assert set(book["verdicts"]) <= {"same", "date"}
    assert book["paths"] == []

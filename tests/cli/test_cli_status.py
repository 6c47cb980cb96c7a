"""`strangler status`: how a route stands, as a person and a program read it."""

import json
from typing import Any

import pytest

from router.cli import main
from router.core.breaker import Event, State
from router.core.protection import Standing
from router.core.standings import gathered, told
from tests.cli.admin_port import admin_port
from tests.core.scenes import route

WALL = 1_764_000_100.0
CLOSED = Standing(State.CLOSED, 25.0, 0, used=0, at_once=25)
SINCE = Standing(State.CLOSED, 25.0, 0, 30.0, at_once=25)
OPEN = Standing(State.OPEN, 3.9, 2, 90.0, Event.TRIPPED, 3.24, 21, 25)
LATER = Standing(State.OPEN, 3.9, 2, 60.0, Event.SPENT, 1.5, 21, 25)
PROBING = Standing(State.HALF_OPEN, 3.9, 2, 7_300.0, Event.SPENT, 0.0, 21, 25)
NEITHER = Standing(None, None, 0)


def page(*standings: Standing) -> dict[str, Any]:
    """What a router of so many workers shows."""
    return gathered([{"wod": told(route(percent=25.0), one, WALL)} for one in standings])


def said(capsys: pytest.CaptureFixture[str], document: Any, *words: str) -> tuple[int, str]:
    """Exit code, and all that was said."""
    with admin_port({"/status": (200, document)}) as admin:
        code = main(["status", *words, "--admin", admin])
    captured = capsys.readouterr()
    return code, captured.out + captured.err


WHOLE = "  budget: 0 spent in ten seconds, 100 left; 0 of 100 fallbacks under way"
STORIES = [
    ((CLOSED,) * 4, 0, "breaker closed", WHOLE),
    ((SINCE, CLOSED, CLOSED, CLOSED), 0, "breaker closed since 2025-11-24 16:01:10Z (30 s)", WHOLE),
    ((OPEN, LATER), 1,
     "breaker open since 2025-11-24 16:00:10Z (90 s): too much failed; a few may probe in 1.5 s",
     "  budget: 42 spent in ten seconds, 6 left; 4 of 50 fallbacks under way"),
    ((LATER, SINCE), 1,
     "breaker open in 1 of 2 workers since 2025-11-24 16:00:40Z (60 s): "
     "the budget for fallbacks was spent; a few may probe in 1.5 s",
     "  budget: 21 spent in ten seconds, 28 left; 2 of 50 fallbacks under way"),
    ((PROBING,), 1,
     "breaker half open since 2025-11-24 14:00:00Z (2 h): the budget for fallbacks was spent; "
     "a few probe",
     "  budget: 21 spent in ten seconds, 3 left; 2 of 25 fallbacks under way"),
    ((NEITHER, NEITHER), 0, "no breaker", "  no budget: legacy is asked for all that fails"),
]  # fmt: skip


@pytest.mark.parametrize(("standings", "code", "breaker", "budget"), STORIES)
def test_a_route_as_a_person_reads_it(
    capsys: pytest.CaptureFixture[str],
    standings: tuple[Standing, ...],
    code: int,
    breaker: str,
    budget: str,
) -> None:
    """In one line for the breaker and one for the budget, over all workers."""
    expected = (code, f"wod: 25 % to coach, {breaker}\n{budget}\n")
    assert said(capsys, page(*standings)) == expected
    assert said(capsys, page(*standings), "wod") == expected


def test_a_program_gets_the_page(capsys: pytest.CaptureFixture[str]) -> None:
    """As it is."""
    code, text = said(capsys, page(OPEN), "--format", "json")
    assert (code, json.loads(text)) == (1, json.loads(json.dumps(page(OPEN))))
    assert json.loads(text)["wod"]["breaker"]["workers"] == {"closed": 0, "open": 1, "half_open": 0}


def test_a_route_that_has_no_candidate(capsys: pytest.CaptureFixture[str]) -> None:
    """It is told which have one."""
    words = 'no route "wood" has a candidate (those that have: wod)\n'
    assert said(capsys, page(CLOSED), "wood") == (1, words)


def test_a_worker_of_another_version_may_tell_less(capsys: pytest.CaptureFixture[str]) -> None:
    """Of a route without budget, for instance; what the others say stands."""
    other = {"wod": {"breaker": told(route(), OPEN, WALL)["breaker"]}, "new": {}}
    mixed = gathered([{"wod": told(route(percent=25.0), SINCE, WALL)}, other])
    assert said(capsys, mixed, "wod")[1].startswith("wod: 25 % to coach, breaker open in 1 of 2")

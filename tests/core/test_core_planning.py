"""What a plan tells: exactly those move whom the other file decides otherwise on."""

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.core.claims import unit_of
from router.core.deciding import cohort_of
from router.core.model import Cohort, Match, Pin, Route, Snapshot, Upstream
from router.core.planning import moves, planned
from router.core.recent import Lately, User

MONOLITH, COACH = Upstream("monolith", "m", 1), Upstream("coach", "c", 2)
DEFAULT = Route("default", (), MONOLITH, MONOLITH)
WOD = Route(
    "wod", (Match("/wod"),), legacy=MONOLITH, upstream=MONOLITH, candidate=COACH,
    percent=10.0, salt="wod",
)  # fmt: skip
UNITS = [f"user-{number}" for number in range(1000)]
KEY = b"key"


def snapshot(*routes: Route) -> Snapshot:
    """A configuration of *routes*."""
    upstreams = {"monolith": MONOLITH, "coach": COACH}
    return Snapshot("routes.yaml", "hash", upstreams, DEFAULT, routes)


def seen(units: list[str] = UNITS, *, requests: int = 1, weight: int = 1) -> Lately:
    """Users of the last 100 seconds."""
    users = {unit: User({"sub": unit, "role": unit[-1]}, requests) for unit in units}
    return Lately(users, weight, 100.0)


def told(old: Route, new: Route | None, *workers: Lately) -> dict[str, Any]:
    """What the plan says of *old*, which becomes *new* or is deleted."""
    after = snapshot(*([new] if new is not None else []))
    answers = [moves(snapshot(old), after, {"wod": one}, KEY) for one in workers or (seen(),)]
    document: dict[str, Any] = planned(answers)["wod"]
    return document


def on_coach(route: Route) -> set[str]:
    """Who is the candidate's."""
    everybody = {unit: {"sub": unit, "role": unit[-1]} for unit in UNITS}
    sides = {
        unit: cohort_of(route, claims, unit_of(claims, route.by))[0]
        for unit, claims in everybody.items()
    }
    return {unit for unit, side in sides.items() if side is Cohort.CANDIDATE}


OTHERS = {
    "percent up": replace(WOD, percent=25.0),
    "percent down": replace(WOD, percent=3.0),
    "nobody": replace(WOD, percent=0.0),
    "another salt": replace(WOD, salt="other"),
    "by another claim": replace(WOD, by="role"),
    "a pin": replace(WOD, pins=(Pin(Cohort.CANDIDATE, "role", frozenset({"7"})),)),
    "renamed": replace(WOD, name="workout", percent=20.0),
    "the same": WOD,
}


@pytest.mark.parametrize("new", OTHERS.values(), ids=OTHERS.keys())
def test_those_move_whom_the_file_decides_otherwise_on(new: Route) -> None:
    """Whatever rule of it has changed."""
    before, after = on_coach(WOD), on_coach(new)
    plan = told(WOD, new)
    expected = {
        ("monolith", "coach"): len(after - before),
        ("coach", "monolith"): len(before - after),
    }
    found = {(one["from"], one["to"]): one["users"] for one in plan["moves"]}
    assert found == {way: count for way, count in expected.items() if count}
    assert plan["users"] == len(UNITS)
    coach = plan["requests_per_second"]["coach"]
    assert coach["now"] == pytest.approx(len(before) / 100)
    assert coach["then"] == pytest.approx(len(after) / 100)


@pytest.mark.parametrize("new", [None, replace(WOD, candidate=None, upstream=COACH)])
def test_the_end_of_a_route(new: Route | None) -> None:
    """Deleted it falls to the default; finished, everybody is coach's."""
    there = "monolith" if new is None else "coach"
    [move] = told(WOD, new)["moves"]
    on = len(on_coach(WOD))
    assert (move["to"], move["users"]) == (there, on if new is None else len(UNITS) - on)


def test_a_user_of_several_workers_counts_once_and_asks_as_often() -> None:
    """By the keyed hash; requests add up."""
    plan = told(WOD, replace(WOD, percent=100.0), seen(UNITS[:600]), seen(UNITS[400:]))
    assert plan["users"] == 1000
    assert plan["requests_per_second"]["coach"]["then"] == pytest.approx(12.0)
    assert not plan["estimated"]


def test_a_sample_stands_for_all() -> None:
    """And says so."""
    plan = told(WOD, WOD, seen(UNITS[:100], weight=8))
    assert (plan["users"], plan["estimated"], plan["moves"]) == (800, True, [])


def test_nobody_is_named() -> None:
    """What a worker says holds no unit, and not the same hash under another key."""
    one, other = (moves(snapshot(WOD), snapshot(WOD), {"wod": seen()}, key) for key in (b"1", b"2"))
    assert not any(unit in str(one) for unit in UNITS)
    users = [{row[0] for row in answer["wod"]["users"]} for answer in (one, other)]
    assert len(users[0]) == len(UNITS)
    assert not users[0] & users[1]


def test_nobody_was_seen() -> None:
    """No users, no moves, no rates."""
    plan = told(WOD, replace(WOD, percent=50.0), seen([]))
    assert (plan["users"], plan["moves"], plan["requests_per_second"]) == (0, [], {})
    assert planned([]) == {}


@given(st.floats(0, 100), st.floats(0, 100))
def test_raising_the_percentage_moves_nobody_back(one: float, other: float) -> None:
    """As the sticky split promises."""
    low, high = sorted((round(one, 3), round(other, 3)))
    plan = told(replace(WOD, percent=low), replace(WOD, percent=high), seen(UNITS[:50]))
    ways = Counter((move["from"], move["to"]) for move in plan["moves"])
    assert set(ways) <= {("monolith", "coach")}

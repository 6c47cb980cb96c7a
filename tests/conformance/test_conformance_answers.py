"""Answers by the tables: what of an upstream's bytes reaches the client, on both kinds of route."""

from typing import Any

import pytest

from tests.conformance.answers import Answer, On, cases
from tests.conformance.judging import stays
from tests.conformance.tables import ANSWERS
from tests.conformance.talking import Talk
from tests.conformance.ways import Way, says
from tests.conformance.weighing import judge_answer
from tests.conformance.writing import PLAIN
from tests.edge.conftest import Open
from tests.edge.requests import WOD, request
from tests.edge.scripts import ok
from tests.edge.stages import Stage

PATIENT = {"timeout_s": 2.0, "deadline_s": 4.0}
PATHS = {On.PLAIN: PLAIN, On.FALLBACK: WOD}


@pytest.mark.parametrize(("row", "on", "way"), cases(ANSWERS))
async def test_an_answer(stage: Open, row: Answer, on: On, way: Way) -> None:
    """What the client gets is that of the row, and so is what becomes of both connections."""
    steps = [*[ok()] * (way is Way.BEHIND), says(row.said, way, ends=row.ends), ok()]
    one = await stage(**upstreams(on, steps), route=PATIENT)
    talk = await Talk.begin(one, way)
    sent = request(row.method, PATHS[on], *row.asks, version=row.version)
    got = await talk.ask(sent, row.method, first=request(path=PATHS[on]))
    seen = await one.seen(got)
    judge_answer(row, on, seen)
    promised = got.whole and stays(got, is_http_1_0=row.version == "1.0")
    assert await (talk.goes_on() if promised else talk.is_over())
    await judge_reuse(one, row, on)


def upstreams(on: On, steps: list[Any]) -> dict[str, Any]:
    """The script, given to the upstream that the route asks first."""
    return {"coach" if on is On.FALLBACK else "monolith": steps}


async def judge_reuse(one: Stage, row: Answer, on: On) -> None:
    """Whether the upstream's connection serves another request, as the row has it."""
    upstream = one.coach if on is On.FALLBACK else one.monolith
    assert (await one.ask(request(path=PATHS[on]))).status == 200
    failed = isinstance(row.gets, str)
    if failed or row.reused is not None:
        assert len(upstream.lines) == (1 if row.reused else 2)

"""Answers by the tables: what of an upstream's bytes reaches the client, on both kinds of route."""

import pytest

from tests.conformance.answers import Answer, On
from tests.conformance.judging import stays
from tests.conformance.playing import cases, in_each_way
from tests.conformance.tables import ANSWERS
from tests.conformance.talking import Talk
from tests.conformance.ways import Way, says
from tests.conformance.weighing import judge_answer
from tests.conformance.writing import PLAIN
from tests.edge.conftest import Open
from tests.edge.requests import WOD, request
from tests.edge.scripts import ok
from tests.edge.stages import Stage

PATHS = {On.PLAIN: PLAIN, On.FALLBACK: WOD}


@pytest.mark.parametrize("row", cases(ANSWERS))
@pytest.mark.parametrize("on", On)
async def test_an_answer(stage: Open, row: Answer, on: On) -> None:
    """What the client gets is that of the row, and so is what becomes of both connections."""
    if row.only not in {None, on}:
        pytest.skip(f"it is about a route of the other kind: {row.only}")

    async def play(one: Stage, way: Way) -> None:
        await play_answer(one, row, on, way)

    await in_each_way(row, stage, play)


async def play_answer(one: Stage, row: Answer, on: On, way: Way) -> None:
    """One request to the upstream that says the row's bytes, and one after it."""
    one.pools.close()  # each way begins on a connection of its own
    upstream, path = (one.coach if on is On.FALLBACK else one.monolith), PATHS[on]
    upstream.steps = [*[ok()] * (way is Way.BEHIND), says(row.said, way, ends=row.ends), ok()]
    before = len(upstream.lines)
    talk = await Talk.begin(one, way)
    sent = request(row.method, path, *row.asks, version=row.version)
    got = await talk.ask(sent, row.method, first=request(path=path))
    judge_answer(row, on, await one.seen(got))
    promised = got.whole and stays(got, is_http_1_0=row.version == "1.0")
    assert await (talk.goes_on() if promised else talk.is_over())
    assert (await one.ask(request(path=path))).status == 200
    if row.spoils_connection is not None:
        assert len(upstream.lines) - before == (2 if row.spoils_connection else 1)

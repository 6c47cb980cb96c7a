"""Requests by the tables: what is answered, what reaches the upstream, whether it goes on."""

import pytest

from tests.conformance.judging import judge_request
from tests.conformance.playing import cases, in_each_way
from tests.conformance.rows import Request
from tests.conformance.tables import REQUESTS
from tests.conformance.talking import Talk
from tests.conformance.ways import Way
from tests.edge.conftest import Open
from tests.edge.stages import Stage


@pytest.mark.parametrize("row", cases(REQUESTS))
async def test_a_request(stage: Open, row: Request) -> None:
    """The status, the arrival and the connection are those of the row, however it is sent."""

    async def play(one: Stage, way: Way) -> None:
        talk = await Talk.begin(one, way)
        got = await talk.ask(row.sent, row.method)
        await judge_request(row, talk, got)

    await in_each_way(row, lambda: stage(**row.stage), play)

"""Requests by the tables: what is answered, what reaches the upstream, whether it goes on."""

import pytest

from tests.conformance.judging import judge_request
from tests.conformance.rows import Request, cases
from tests.conformance.tables import REQUESTS
from tests.conformance.talking import Talk
from tests.conformance.ways import Way
from tests.edge.conftest import Open


@pytest.mark.parametrize(("row", "way"), cases(REQUESTS))
async def test_a_request(stage: Open, row: Request, way: Way) -> None:
    """The status, the arrival and the connection are those of the row, however it is sent."""
    one = await stage(**row.stage)
    talk = await Talk.begin(one, way)
    got = await talk.ask(row.sent, row.method)
    await judge_request(row, talk, got)

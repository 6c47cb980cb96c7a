"""The three ways themselves: a byte is a read, and what lies behind lies in the same read."""

import asyncio
from typing import Any

import pytest

from router.edge.upstream.wire import Connection
from tests.conformance.rows import Request
from tests.conformance.tables import ANSWERS, REQUESTS
from tests.conformance.talking import FIRST, Talk
from tests.conformance.ways import Way, says
from tests.conformance.writing import answer, get
from tests.edge.conftest import Open
from tests.edge.requests import request

BODY = "a body to be read byte by byte"
ANSWER = answer(f"Content-Length: {len(BODY)}", body=BODY)


def note_reads(monkeypatch: pytest.MonkeyPatch, protocol: type[Any]) -> list[int]:
    """The sizes of the reads that connections of *protocol* are handed from now on."""
    sizes: list[int] = []
    buffered = issubclass(protocol, asyncio.BufferedProtocol)
    name = "buffer_updated" if buffered else "data_received"
    handed = getattr(protocol, name)

    def noted(self: Any, data: Any) -> None:
        sizes.append(data if buffered else len(data))
        handed(self, data)

    monkeypatch.setattr(protocol, name, noted)
    return sizes


async def test_each_byte_of_a_request_is_read_by_itself(
    stage: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the very connections that the router makes for clients."""
    one = await stage()
    sizes = note_reads(monkeypatch, type(one.front()))
    talk = await Talk.begin(one, Way.SPLIT)
    assert (await talk.ask(get())).status == 200
    assert sizes == [1] * len(get())


async def test_a_request_behind_another_is_in_the_same_read(
    stage: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So the parser meets both at once."""
    one = await stage()
    sizes = note_reads(monkeypatch, type(one.front()))
    talk = await Talk.begin(one, Way.BEHIND)
    assert (await talk.ask(get())).status == 200
    assert sizes == [len(FIRST + get())]


@pytest.mark.parametrize("way", [Way.SPLIT, Way.WHOLE], ids=str)
async def test_each_byte_of_an_answer_is_read_by_itself(
    stage: Open, monkeypatch: pytest.MonkeyPatch, way: Way
) -> None:
    """By the very connections that the router makes to upstreams."""
    one = await stage([says(ANSWER, way)])
    sizes = note_reads(monkeypatch, Connection)
    assert (await one.ask(request())).body == BODY.encode()
    assert sizes == ([1] * len(ANSWER) if way is Way.SPLIT else [len(ANSWER)])


def test_there_are_enough_rows() -> None:
    """None may get lost when tables are rearranged."""
    rows = sum(len(rows) for tables in (REQUESTS, ANSWERS) for rows in tables.values())
    assert rows > 600


@pytest.mark.parametrize("tables", [REQUESTS, ANSWERS], ids=["requests", "answers"])
def test_no_row_is_there_twice(tables: dict[str, list[Request]]) -> None:
    """A name means one row of its topic."""
    for topic, rows in tables.items():
        names = [row.name for row in rows]
        assert len(names) == len(set(names)), topic


def test_a_way_is_left_out_for_a_reason_only() -> None:
    """A row that is not played in some way says why."""
    rows = [row for tables in (REQUESTS, ANSWERS) for rows in tables.values() for row in rows]
    assert all(reason for row in rows for reason in row.unless.values())

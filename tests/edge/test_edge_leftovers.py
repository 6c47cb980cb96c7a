"""What is left in memory of exchanges whose clients have gone: nothing, and no task."""

import asyncio
import gc
from collections import Counter

import pytest

from router.core.fates import Fate
from router.edge.client.client import Client
from router.edge.client.connection import ClientConnection
from router.edge.client.upload import Upload
from router.edge.relay import Relay
from router.edge.upstream.attempt import Attempt
from router.edge.upstream.pool import Wait
from router.edge.upstream.wire import Connection
from router.exchange import Exchange
from tests.edge.conftest import Open
from tests.edge.requests import request
from tests.edge.scripts import chunk, hang, head, played
from tests.edge.stages import Stage, until
from tests.edge.upstreams import Line

OURS = (Attempt, Client, ClientConnection, Connection, Exchange, Relay, Upload, Wait)
MANY = 100
UPLOAD = request("POST", "/write", "Transfer-Encoding: chunked")


async def begin(line: Line) -> None:
    """Begin an answer, and leave it at that."""
    await line.send(head(200, "Transfer-Encoding: chunked") + chunk(b"x" * 100_000))
    await line.until_left()


def ours() -> Counter[str]:
    """Objects of an exchange that somebody still holds."""
    gc.collect()
    return Counter(type(one).__name__ for one in gc.get_objects() if isinstance(one, OURS))


async def abandon(one: Stage, number: int) -> None:
    """Ask, wait until an upstream has the request, and go."""
    caller = await one.dial()
    one.callers.remove(caller)
    one.expected += 1
    before = len(one.coach.received)
    await caller.send(UPLOAD + b"5\r\nhello\r\n" if number % 2 else request())
    await until(lambda: len(one.coach.received) > before, "the request at coach")
    caller.reset() if number % 3 else caller.leave()
    await one.quiet()


@pytest.mark.parametrize("coach", [hang(), played(begin)], ids=["silent", "begun"])
async def test_nothing_of_an_abandoned_exchange_is_kept(stage: Open, coach: object) -> None:
    """No object and no task, whether its answer had begun or not."""
    one = await stage([coach], route={"timeout_s": 20.0, "deadline_s": 30.0})
    tasks = len(asyncio.all_tasks())
    for number in range(MANY):
        await abandon(one, number)
    await until(lambda: not one.front.connections, "every client's connection gone")
    await until(lambda: one.coach.open_lines == 0, "coach's connections gone")
    await until(lambda: len(asyncio.all_tasks()) <= tasks, "no task more")
    assert ours() == {}
    assert {record.fate for record in one.ledger.records} == {Fate.CLIENT_GONE}

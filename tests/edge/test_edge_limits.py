"""What a client may take of the router: time for a head, connections, room at an upstream."""

import asyncio
from ipaddress import ip_network

from router.core.fates import Fate
from router.core.model import Limits
from tests.edge.conftest import Open
from tests.edge.requests import request
from tests.edge.scripts import hang, ok
from tests.edge.stages import until

BRIEF = Limits(head_timeout_s=0.4, keep_alive_s=0.4)
ELSEWHERE = request(path="/elsewhere", auth="")


async def test_a_head_that_drips_is_408(stage: Open) -> None:
    """The head as a whole is timed, however often a byte of it comes."""
    one = await stage(limits=BRIEF)
    caller = await one.dial()
    one.expected += 1
    answer = asyncio.create_task(caller.answer())
    for byte in ELSEWHERE[:-1]:
        await caller.send(bytes([byte]))
        await asyncio.sleep(0.01)
        if answer.done():
            break
    got = await answer
    assert (got.status, got.one("connection")) == (408, b"close")
    assert await caller.is_cut()
    await one.quiet()
    assert one.ledger.records[-1].fate is Fate.BAD_REQUEST
    assert not one.monolith.received


async def test_a_connection_that_says_nothing_is_closed(stage: Open) -> None:
    """Without a word and without an exchange: nobody asked for anything."""
    one = await stage(limits=BRIEF)
    caller = await one.dial()
    assert await caller.is_cut()
    await one.ask(ELSEWHERE, on=(kept := await one.dial()))
    assert await kept.is_cut()


async def test_beyond_the_bound_connections_are_told_to_come_again(stage: Open) -> None:
    """503 with `Retry-After`, at once; who was there before does not notice."""
    one = await stage(limits=Limits(connections=2, connections_per_client=2))
    first, second = await one.dial(), await one.dial()
    await until(lambda: len(one.front.connections) == 2, "two connections")
    third = await one.dial()
    one.expected += 1
    got = await third.answer()
    assert (got.status, got.one("retry-after"), got.one("connection")) == (503, b"1", b"close")
    for caller in (first, second):
        assert (await one.ask(ELSEWHERE, on=caller)).status == 200
    assert one.total("requests_total", fate="shed") == 1
    third.leave()
    await until(lambda: len(one.front.connections) == 2, "room for one more")
    first.leave()
    await until(lambda: len(one.front.connections) == 1, "room for one more")
    assert (await one.ask(ELSEWHERE)).status == 200


async def test_one_address_may_not_take_every_place(stage: Open) -> None:
    """Unless it is a trusted proxy, which speaks for many."""
    one = await stage(limits=Limits(connections=10, connections_per_client=1))
    await one.dial()
    await until(lambda: one.front.connections, "a connection")
    refused = await one.dial()
    one.expected += 1
    assert (await refused.answer()).status == 503
    one.front.trust((ip_network("127.0.0.1"),))
    assert (await one.ask(ELSEWHERE)).status == 200


async def test_an_upstream_without_room_is_rescued_or_503(stage: Open) -> None:
    """The candidate's overload is answered by legacy; legacy's own is told at once."""
    full = {"connections": 1, "queue": 0}
    one = await stage([hang(), ok()], address=full, route={"timeout_s": 20.0})
    waiting = await one.dial()
    one.expected += 1
    await waiting.send(request())
    await until(lambda: one.coach.received, "the first at coach")
    seen = await one.ask(request())
    assert seen.status == 200
    await until(lambda: one.ledger.records, "the rescued one")
    record = one.ledger.records[-1]
    assert (record.fate, record.rescue_of) == (Fate.RESCUED, "overload")
    waiting.leave()

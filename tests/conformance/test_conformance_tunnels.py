"""Upgrades (RFC 9110 7.8): on routes that allow them: a tunnel behind 101."""

import asyncio
from typing import Any

import pytest

from router.core.model import Route
from tests.conformance.talking import Talk
from tests.conformance.ways import Way, says
from tests.conformance.writing import get, message
from tests.edge.clients import Caller
from tests.edge.conftest import Open
from tests.edge.scripts import ok, played
from tests.edge.upstreams import Line, Step

ASKS = (
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Key: x",
    "Sec-WebSocket-Version: 13",
)
SWITCHED = message(
    "HTTP/1.1 101 Switching Protocols",
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Accept: y",
)

every_way = pytest.mark.parametrize("way", Way, ids=str)
allowed = pytest.mark.skipif(
    "upgrade" not in Route.__dataclass_fields__, reason="no route allows upgrades in this version"
)
H2C = (
    "Connection: Upgrade, HTTP2-Settings",
    "Upgrade: h2c",
    "HTTP2-Settings: AAMAAABkAAQAAP__",
)
ALLOWED: dict[str, Any] = {"upgrade": True}


def echoing(*, says_bye: bool = False) -> Step:
    """An upstream that switches, then sends back what it gets, and at the client's end its own."""

    async def play(told: Line) -> None:
        await told.send(SWITCHED + b"first")
        while data := await told.reader.read(1024):
            await told.send(data.upper())
        if says_bye:
            await told.send(b"bye")
        told.close()

    return played(play, "echoing")


async def switch(one: Any, way: Way) -> Caller:
    """Ask for the upgrade and read the 101, which must be the upstream's own."""
    talk = await Talk.begin(one, way)
    one.expected += 1
    await talk.send(get(*ASKS))
    head = await talk.caller.reader.readuntil(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 101 ")
    for one_line in (b"Upgrade: websocket", b"Sec-WebSocket-Accept: y"):
        assert one_line.lower() in head.lower()
    assert b"connection: upgrade" in head.lower()
    return talk.caller


@allowed
@pytest.mark.parametrize("way", [Way.WHOLE, Way.SPLIT], ids=str)
async def test_bytes_go_both_ways_untouched(stage: Open, way: Way) -> None:
    """9110 7.8: behind 101 they are no HTTP; those that came with it go on too."""
    one = await stage(monolith=[echoing()], default=ALLOWED)
    caller = await switch(one, way)
    assert await caller.reader.readexactly(5) == b"first"
    sent = bytes(range(256)) * 300
    await caller.send(sent)
    assert await caller.reader.readexactly(len(sent)) == sent.upper()
    caller.leave()
    await one.quiet()


@allowed
async def test_the_upgrade_is_asked_for_upstream(stage: Open) -> None:
    """9110 7.8: with its field named in Connection, and all that goes with it."""
    one = await stage(monolith=[echoing()], default=ALLOWED)
    caller = await switch(one, Way.WHOLE)
    told = one.monolith.received[0]
    assert told.one(b"upgrade") == b"websocket"
    assert b"upgrade" in (told.one(b"connection") or b"").lower()
    assert told.one(b"sec-websocket-key") == b"x"
    caller.leave()
    await one.quiet()


@allowed
async def test_one_side_may_end_before_the_other(stage: Open) -> None:
    """A half-closed tunnel still carries what the other side has to say."""
    one = await stage(monolith=[echoing(says_bye=True)], default=ALLOWED)
    caller = await switch(one, Way.WHOLE)
    caller.writer.write_eof()
    assert await caller.reader.read() == b"firstbye"
    await one.quiet()


@allowed
async def test_the_upstreams_end_is_the_clients(stage: Open) -> None:
    """What was sent before it arrives first."""
    one = await stage(monolith=[says(SWITCHED + b"bye", Way.WHOLE, ends=True)], default=ALLOWED)
    caller = await switch(one, Way.WHOLE)
    assert await caller.reader.read() == b"bye"
    caller.leave()
    await one.quiet()


@allowed
async def test_what_was_a_tunnel_is_not_used_again(stage: Open) -> None:
    """9110 7.8: an upstream that has ended its way and reads on speaks no HTTP on it any more."""

    async def play(told: Line) -> None:
        await told.send(SWITCHED)
        told.writer.write_eof()
        await told.until_left()

    one = await stage(monolith=[played(play), ok()], default=ALLOWED)
    caller = await switch(one, Way.WHOLE)
    assert await caller.reader.read() == b""
    await one.quiet()
    assert (await one.ask(get())).status == 200
    assert len(one.monolith.lines) == 2


@allowed
@every_way
async def test_an_upstream_may_decline(stage: Open, way: Way) -> None:
    """9110 7.8: its answer is an answer as ever, and the connection goes on."""
    one = await stage(default=ALLOWED)
    talk = await Talk.begin(one, way)
    got = await talk.ask(get(*ASKS))
    assert (got.status, got.body) == (200, b'{"from": "monolith"}')
    assert await talk.goes_on()


@allowed
@every_way
@pytest.mark.parametrize("fields", [H2C, (), ("Upgrade: websocket",)], ids=["h2c", "no", "unnamed"])
async def test_a_switch_that_was_not_asked_for_is_502(
    stage: Open, way: Way, fields: tuple[str, ...]
) -> None:
    """9110 7.8, 15.2.2: a server may not switch to what was not offered; h2c never is."""
    one = await stage(
        monolith=[*[ok()] * (way is Way.BEHIND), says(SWITCHED, way), ok()], default=ALLOWED
    )
    talk = await Talk.begin(one, way)
    got = await talk.ask(get(*fields))
    assert got.status == 502
    await one.quiet()
    assert not talk.arrived[0].all(b"upgrade")


@allowed
@every_way
async def test_http_1_0_cannot_upgrade(stage: Open, way: Way) -> None:
    """9110 7.8: a server must ignore Upgrade in HTTP/1.0."""
    one = await stage(default=ALLOWED)
    talk = await Talk.begin(one, way)
    got = await talk.ask(get(*ASKS, version="1.0"))
    assert got.status == 200
    await one.quiet()
    assert not talk.arrived[0].all(b"upgrade")


@allowed
async def test_bytes_sent_ahead_of_101_wait_for_it(stage: Open) -> None:
    """9110 7.8: a client may be in haste; what it sends is the tunnel's, in order."""
    go = asyncio.Event()

    async def play(told: Line) -> None:
        await go.wait()
        await told.send(SWITCHED)
        await told.send(await told.reader.readexactly(5))
        told.close()

    one = await stage(monolith=[played(play)], default=ALLOWED)
    talk = await Talk.begin(one, Way.WHOLE)
    one.expected += 1
    await talk.send(get(*ASKS) + b"\x81hast")
    go.set()
    assert (await talk.caller.reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 101 ")
    assert await talk.caller.reader.read() == b"\x81hast"
    await one.quiet()

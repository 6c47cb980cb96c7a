"""Upgrades (RFC 9110 7.8): on routes without: never asked for upstream."""

import pytest

from tests.conformance.talking import Talk
from tests.conformance.ways import Way, says
from tests.conformance.writing import CHUNKED, HELLO, answer, get, post
from tests.edge.conftest import Open
from tests.edge.scripts import ok

ASKS = (
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Key: x",
    "Sec-WebSocket-Version: 13",
)
every_way = pytest.mark.parametrize("way", Way, ids=str)

REMOVED = {
    "websocket": ASKS,
    "h2c": (
        "Connection: Upgrade, HTTP2-Settings",
        "Upgrade: h2c",
        "HTTP2-Settings: AAMAAABkAAQAAP__",
    ),
    "h2c, its settings not named": ("Connection: Upgrade", "Upgrade: h2c", "HTTP2-Settings: AAMA"),
    "several": ("Connection: upgrade", "Upgrade: h2c, websocket, TLS/1.0"),
    "not named in Connection": ("Upgrade: websocket",),
    "named, and not there": ("Connection: Upgrade",),
}


@every_way
@pytest.mark.parametrize("fields", REMOVED.values(), ids=REMOVED)
async def test_an_upgrade_ends_here_and_the_request_is_served(
    stage: Open, way: Way, fields: tuple[str, ...]
) -> None:
    """9110 7.8: a server may ignore it, and so may what stands before it."""
    one = await stage()
    talk = await Talk.begin(one, way)
    got = await talk.ask(get(*fields))
    assert got.status == 200
    await one.quiet()
    for name in (b"upgrade", b"http2-settings", b"connection"):
        assert not talk.arrived[0].all(name)
    assert await talk.goes_on()


@every_way
async def test_a_body_with_an_upgrade_is_a_body(stage: Open, way: Way) -> None:
    """9110 7.8: the protocol changes after the request, never within it."""
    one = await stage()
    talk = await Talk.begin(one, way)
    await talk.ask(post(CHUNKED, "Connection: Upgrade", "Upgrade: h2c", body=HELLO))
    await one.quiet()
    assert talk.arrived[0].body == b"hello"
    assert await talk.goes_on()


@every_way
async def test_426_is_passed_on_without_its_offer(stage: Open, way: Way) -> None:
    """9110 15.5.22, 7.8: Upgrade in an answer is for one hop too."""
    said = answer(
        "Connection: Upgrade",
        "Upgrade: TLS/1.2",
        "Content-Length: 0",
        status="426 Upgrade Required",
    )
    one = await stage(monolith=[*[ok()] * (way is Way.BEHIND), says(said, way), ok()])
    talk = await Talk.begin(one, way)
    got = await talk.ask(get())
    assert (got.status, got.all("upgrade")) == (426, [])
    assert await talk.goes_on()

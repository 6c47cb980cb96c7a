"""Uploads that meet their answer half-way, and those that never end (RFC 9112 8, 9.5)."""

import asyncio

import pytest

from router.core.fates import Fate
from tests.conformance.talking import Talk
from tests.conformance.ways import Way
from tests.conformance.writing import CHUNKED, HELLO, line, post
from tests.edge.conftest import Open
from tests.edge.requests import bearer
from tests.edge.scripts import chunk, early, head, ok, played
from tests.edge.stages import SOON_S, until
from tests.edge.upstreams import Line, Step

FRAMED = [("Content-Length: 5", "hello"), (CHUNKED, HELLO)]
every_framing = pytest.mark.parametrize("framing", FRAMED, ids=["length", "chunked"])
every_way = pytest.mark.parametrize("way", Way, ids=str)


def early_of(way: Way, code: int, *, closes: bool) -> list[Step]:
    """The script of an upstream that answers the row's request before it has the body."""
    return [*[ok()] * (way is Way.BEHIND), early(code, closes=closes), ok()]


@every_way
@every_framing
@pytest.mark.parametrize("closes", [False, True], ids=["waits", "closes"])
@pytest.mark.parametrize("code", [200, 403, 413])
async def test_an_early_answer_is_passed_on(
    stage: Open, way: Way, framing: tuple[str, str], closes: bool, code: int
) -> None:
    """9112 9.5: at once, while the client still sends; the rest of the upload is nobody's."""
    one = await stage(monolith=early_of(way, code, closes=closes))
    talk = await Talk.begin(one, way)
    await talk.begin_asking(post(framing[0], body=framing[1][:4]))
    got = await talk.caller.answer()
    assert (got.status, got.body, got.whole) == (code, b"early", True)
    assert got.one("connection") == b"close"
    assert await talk.is_over()
    await until(lambda: one.monolith.open_lines == 0, "the upstream's connection gone")


@every_way
async def test_an_early_failure_is_rescued_where_the_body_is_kept(stage: Open, way: Way) -> None:
    """FAULTS 5: what has come of the body is sent again, and the rest of it follows."""
    steps = [early(500), ok()]
    one = await stage(steps)
    sent = line("PUT /write HTTP/1.1", bearer(), "Content-Length: 5", body="he")
    talk = await Talk.begin(one, way)
    await talk.begin_asking(sent)
    await until(lambda: one.coach.received, "the head at coach")
    await talk.send(b"llo")
    got = await talk.caller.answer()
    assert (got.status, got.body) == (200, b'{"from": "monolith"}')
    await one.quiet()
    assert talk.arrived[-1].body == b"hello"


async def take_chunks(reader: asyncio.StreamReader, size: int) -> bytes:
    """*size* bytes of a chunked body, however they are cut into chunks."""
    data = b""
    async with asyncio.timeout(SOON_S):
        while len(data) < size:
            length = int(await reader.readuntil(b"\r\n"), 16)
            data += (await reader.readexactly(length + 2))[:-2]
    return data


@every_way
async def test_an_answer_may_come_while_the_upload_goes_on(stage: Open, way: Way) -> None:
    """9112 9.5, 7.1: both directions at once; neither waits for the other to end."""

    async def echo(told: Line) -> None:
        await told.send(head(200, CHUNKED))
        while size := int(await told.reader.readuntil(b"\r\n"), 16):
            await told.send(chunk(await told.reader.readexactly(size)))
            await told.reader.readexactly(2)
        await told.reader.readexactly(2)
        await told.send(b"0\r\n\r\n")

    steps = [*[ok()] * (way is Way.BEHIND), played(echo, "echo", reads_body=False), ok()]
    one = await stage(monolith=steps)
    talk = await Talk.begin(one, way)
    await talk.begin_asking(post(CHUNKED))
    await talk.caller.reader.readuntil(b"\r\n\r\n")
    for piece in (b"one", b"two", b"three"):
        await talk.send(chunk(piece))
        assert await take_chunks(talk.caller.reader, len(piece)) == piece
    await talk.send(b"0\r\n\r\n")
    assert await talk.caller.reader.readuntil(b"0\r\n\r\n") == b"0\r\n\r\n"


SHORT = {
    "no byte of its length": post("Content-Length: 5"),
    "less than its length": post("Content-Length: 5", body="hell"),
    "no chunk": post(CHUNKED),
    "in a size": post(CHUNKED, body="5"),
    "in a chunk": post(CHUNKED, body="5\r\nhel"),
    "between chunks": post(CHUNKED, body="5\r\nhello\r\n"),
    "in the last chunk": post(CHUNKED, body="5\r\nhello\r\n0\r\n"),
    "in the trailers": post(CHUNKED, body="5\r\nhello\r\n0\r\nX-Sum: 1\r\n"),
}


@every_way
@pytest.mark.parametrize("by_reset", [False, True], ids=["closes", "resets"])
@pytest.mark.parametrize("sent", SHORT.values(), ids=SHORT)
async def test_a_body_cut_short_is_never_made_whole(
    stage: Open, way: Way, sent: bytes, by_reset: bool
) -> None:
    """9112 8: the upstream's request is broken off with it; nobody's failure but the client's."""
    one = await stage()
    talk = await Talk.begin(one, way)
    await talk.begin_asking(sent)
    await until(lambda: talk.arrived, "the head at the upstream")
    if by_reset:
        talk.caller.reset()
    else:
        talk.caller.leave()
    await one.quiet()
    assert one.ledger.records[-1].fate is Fate.CLIENT_GONE
    assert not talk.arrived[0].whole
    await until(lambda: one.monolith.open_lines == 0, "the upstream's connection gone")

"""Expectations (RFC 9110 10.1.1): who waits is invited, or told at once that it is in vain."""

import pytest

from tests.conformance.talking import Talk
from tests.conformance.ways import Way
from tests.conformance.writing import CHUNKED, HELLO, line, post
from tests.edge.conftest import Open
from tests.edge.scripts import head, ok, played
from tests.edge.upstreams import Line, Step

EXPECT = "Expect: 100-continue"
INVITED = b"HTTP/1.1 100 "
FRAMED = [("Content-Length: 5", "hello"), (CHUNKED, HELLO)]
every_framing = pytest.mark.parametrize("framing", FRAMED, ids=["length", "chunked"])
every_way = pytest.mark.parametrize("way", Way, ids=str)


def inviting() -> Step:
    """An upstream that answers 100 itself, where it is asked to."""

    async def play(told: Line) -> None:
        if told.request.one(b"expect") is not None:
            await told.send(head(100))
        await told.read_body()
        await ok().play(told)

    return played(play, "inviting", reads_body=False)


@every_way
@every_framing
async def test_a_body_that_waits_is_invited(
    stage: Open, way: Way, framing: tuple[str, str]
) -> None:
    """9110 10.1.1: the client gets 100 before it sends its body, by us or from the upstream."""
    one = await stage(monolith=[*[ok()] * (way is Way.BEHIND), inviting(), ok()])
    field, body = framing
    talk = await Talk.begin(one, way)
    await talk.begin_asking(post(field, EXPECT))
    assert (await talk.caller.reader.readuntil(b"\r\n\r\n")).startswith(INVITED)
    await talk.send(body.encode())
    got = await talk.caller.answer()
    assert (got.status, got.interim) == (200, [])
    await one.quiet()
    assert talk.arrived[0].body == b"hello"
    assert await talk.goes_on()


@every_way
async def test_a_body_that_does_not_wait_is_taken(stage: Open, way: Way) -> None:
    """9110 10.1.1: a client may send at once; 100 may be left out then, and comes once at most."""
    one = await stage(monolith=[*[ok()] * (way is Way.BEHIND), inviting(), ok()])
    talk = await Talk.begin(one, way)
    got = await talk.ask(post("Content-Length: 5", EXPECT, body="hello"))
    assert got.status == 200
    assert got.interim in ([], [100])
    await one.quiet()
    assert talk.arrived[0].body == b"hello"
    assert await talk.goes_on()


@every_way
@pytest.mark.parametrize("version", ["1.0", "1.1 without a body"])
async def test_nobody_is_invited_who_does_not_wait(stage: Open, way: Way, version: str) -> None:
    """9110 10.1.1: an HTTP/1.0 client knows no 100, and without a body there is nothing to send."""
    one = await stage(monolith=[*[ok()] * (way is Way.BEHIND), inviting(), ok()])
    talk = await Talk.begin(one, way)
    old = post("Content-Length: 5", EXPECT, body="hello", version="1.0")
    got = await talk.ask(old if version == "1.0" else line("GET /elsewhere HTTP/1.1", EXPECT))
    assert got.status == 200
    assert got.interim in ([], [] if version == "1.0" else [100])
    await one.quiet()


@every_way
async def test_a_refusal_comes_before_the_body(stage: Open, way: Way) -> None:
    """9110 10.1.1: what the head alone decides is answered at once, and the connection closes."""
    one = await stage()
    talk = await Talk.begin(one, way)
    got = await talk.ask(post("Content-Length: 5", EXPECT, path="/write"))
    assert (got.status, got.interim, got.one("connection")) == (401, [], b"close")
    assert await talk.is_over()


@every_way
@pytest.mark.parametrize("said", ["200-ok", "100-continue, more", "100-continuex", "", "x=y"])
async def test_another_expectation_is_417(stage: Open, way: Way, said: str) -> None:
    """9110 10.1.1, 15.5.18: one that cannot be met."""
    one = await stage()
    talk = await Talk.begin(one, way)
    got = await talk.ask(post("Content-Length: 5", f"Expect: {said}", body="hello"))
    assert got.status == got.problem["status"] == 417
    await one.quiet()
    assert not talk.arrived


@every_way
async def test_the_expectation_is_known_in_any_case(stage: Open, way: Way) -> None:
    """9110 10.1.1: the field's value is case-blind."""
    one = await stage(monolith=[*[ok()] * (way is Way.BEHIND), inviting(), ok()])
    talk = await Talk.begin(one, way)
    got = await talk.ask(post("Content-Length: 5", "Expect: 100-Continue", body="hello"))
    assert got.status == 200

"""Requests that are refused before anything is sent upstream: the right 4xx, and then the end."""

import asyncio

import pytest

from router.core.fates import Fate
from tests.edge.conftest import Open, Scene
from tests.edge.requests import bearer, request
from tests.edge.scripts import ok, played
from tests.edge.stages import until
from tests.edge.upstreams import Line

START = f"Host: fit.example\r\n{bearer()}\r\n"


def lines(first: str, *fields: str, body: str = "", host: bool = True) -> bytes:
    """A request written out line by line."""
    told = ["Host: fit.example"] * host
    return "\r\n".join([first, *told, *fields, "", body]).encode("latin-1")


POST = "POST /elsewhere HTTP/1.1"
GET = "GET /elsewhere HTTP/1.1"
CHUNKED = "Transfer-Encoding: chunked"
WHOLE = "5\r\nhello\r\n0\r\n\r\n"

FRAMING = {
    "both lengths": lines(POST, "Content-Length: 5", CHUNKED, body=WHOLE),
    "both lengths, other order": lines(POST, CHUNKED, "Content-Length: 5", body=WHOLE),
    "lengths differ": lines(POST, "Content-Length: 5", "Content-Length: 6", body="hello!"),
    "lengths agree": lines(POST, "Content-Length: 5", "Content-Length: 5", body="hello"),
    "a list of lengths": lines(POST, "Content-Length: 5, 6", body="hello!"),
    "a list of one length twice": lines(POST, "Content-Length: 5, 5", body="hello"),
    "length with plus": lines(POST, "Content-Length: +5", body="hello"),
    "length with minus": lines(POST, "Content-Length: -1"),
    "length in hex": lines(POST, "Content-Length: 0x5", body="hello"),
    "length and more": lines(POST, "Content-Length: 5 x", body="hello"),
    "length with underscore": lines(POST, "Content-Length: 1_0", body="hello"),
    "length empty": lines(POST, "Content-Length:"),
    "length of 30 digits": lines(POST, "Content-Length: " + "9" * 30),
    "chunked twice": lines(POST, "Transfer-Encoding: chunked, chunked", body=WHOLE),
    "identity": lines(POST, "Transfer-Encoding: identity", body=WHOLE),
    "gzip": lines(POST, "Transfer-Encoding: gzip", body=WHOLE),
    "xchunked": lines(POST, "Transfer-Encoding: xchunked", body=WHOLE),
    "chunked not last": lines(POST, "Transfer-Encoding: chunked, gzip", body=WHOLE),
    "gzip, chunked": lines(POST, "Transfer-Encoding: gzip, chunked", body=WHOLE),
    "a control before chunked": lines(POST, "Transfer-Encoding: \x0bchunked", body=WHOLE),
    "chunked quoted": lines(POST, 'Transfer-Encoding: "chunked"', body=WHOLE),
    "chunked in two fields": lines(POST, CHUNKED, CHUNKED, body=WHOLE),
    "empty Transfer-Encoding": lines(POST, "Transfer-Encoding:", body=WHOLE),
    "chunked in HTTP/1.0": lines("POST /elsewhere HTTP/1.0", CHUNKED, body=WHOLE),
    "blank before the colon": lines(GET, "X-A : b"),
    "obs-fold": lines(GET, "X-A: b", " c"),
    "first field begins with blank": lines(GET, " X-A: b", host=False),
    "no colon": lines(GET, "X-A"),
    "no name": lines(GET, ": b"),
    "control in a name": lines(GET, "X\x01A: b"),
    "blank in a name": lines(GET, "X A: b"),
    "no token byte in a name": lines(GET, "X(A): b"),
    "NUL in a name": lines(GET, "X\0A: b"),
    "NUL in a value": lines(GET, "X-A: b\0c"),
    "CR in a value": lines(GET, "X-A: b\rc"),
    "LF in a value": lines(GET, "X-A: b\nc: d"),
    "control in a value": lines(GET, "X-A: b\x01c"),
    "LF as line end": f"{GET}\nHost: fit.example\n\n".encode(),
    "LF after the head": f"{GET}\r\nHost: fit.example\r\n\n".encode(),
    "CR as line end": f"{GET}\rHost: fit.example\r\r".encode(),
    "a tab": lines("GET\t/elsewhere\tHTTP/1.1"),
    "no version": lines("GET /elsewhere"),
    "HTTP/1.2": lines("GET /elsewhere HTTP/1.2"),
    "HTTP/2.0": lines("GET /elsewhere HTTP/2.0"),
    "HTTP/1.1x": lines("GET /elsewhere HTTP/1.1x"),
    "http/1.1": lines("GET /elsewhere http/1.1"),
    "control in the target": lines("GET /else\x01where HTTP/1.1"),
    "HTTP/0.9": b"GET /elsewhere\r\n\r\n",
    "TLS hello": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(500),
    "HTTP/2 preface": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "SSH": b"SSH-2.0-OpenSSH_9.2\r\n",
    "a lower-case method": lines("get /elsewhere HTTP/1.1"),
    "no method": lines("/elsewhere HTTP/1.1"),
}
"""Bytes that are no request, or one that two readers would read differently."""

HEADS = {
    "no Host": lines(GET, host=False),
    "two Hosts": lines(GET, "Host: fit.example"),
    "Host with blank": lines(GET, "Host: a b", host=False),
    "Host with userinfo": lines(GET, "Host: me@fit.example", host=False),
    "Host with a path": lines(GET, "Host: fit.example/x", host=False),
    "Host with a comma": lines(GET, "Host: a,b", host=False),
    "Host empty": lines(GET, "Host:", host=False),
    "Host with a control": lines(GET, "Host: a\x01b", host=False),
    "Host with a word for a port": lines(GET, "Host: a:b", host=False),
    "absolute-form with userinfo": lines("GET http://me@fit.example/ HTTP/1.1"),
    "absolute-form without a host": lines("GET http:///x HTTP/1.1"),
    "absolute-form of another scheme": lines("GET ftp://fit.example/x HTTP/1.1"),
    "authority-form": lines("GET fit.example:80 HTTP/1.1"),
    "asterisk-form": lines("GET * HTTP/1.1"),
    "a path without slash": lines("GET elsewhere HTTP/1.1"),
    "a fragment": lines("GET /elsewhere#part HTTP/1.1"),
    "NUL escaped": lines("GET /elsewhere%00 HTTP/1.1"),
    "broken escape": lines("GET /else%zzwhere HTTP/1.1"),
    "half an escape": lines("GET /elsewhere% HTTP/1.1"),
    "raw bytes": lines("GET /\xe4\xf6 HTTP/1.1"),
    "DEL": lines("GET /else\x7fwhere HTTP/1.1"),
    "Connection: Content-Length": lines(
        POST, "Connection: Content-Length", "Content-Length: 5", body="hello"
    ),
}
"""Well-formed bytes that still are no request we would judge and send on."""


@pytest.mark.parametrize("sent", FRAMING.values(), ids=FRAMING.keys())
async def test_what_is_no_clear_request_is_refused(stage: Open, sent: bytes) -> None:
    """Answered with a problem, counted once, and the connection closed; nothing goes upstream."""
    one = await stage()
    caller = await one.dial()
    got = await one.ask(sent, on=caller)
    assert got.status in {400, 501, 505}
    assert got.status == got.problem["status"]
    assert got.one("connection") == b"close"
    assert await caller.is_cut()
    seen = await one.seen(got)
    assert (seen.record.fate, seen.record.served) == (Fate.BAD_REQUEST, "none")
    assert not seen.coach + seen.monolith


@pytest.mark.parametrize("sent", HEADS.values(), ids=HEADS.keys())
async def test_an_ambiguous_head_is_400(stage: Open, sent: bytes) -> None:
    """What we match would not be what the upstream serves, so nobody is asked."""
    one = await stage()
    caller = await one.dial()
    seen = await one.seen(await one.ask(sent, on=caller))
    assert seen.got.status == seen.got.problem["status"] == 400
    assert seen.got.one("connection") == b"close"
    assert await caller.is_cut()
    assert seen.record.fate is Fate.BAD_REQUEST
    assert not seen.coach + seen.monolith


CHUNKS = {
    "size in hex with prefix": "0x5\r\nhello\r\n0\r\n\r\n",
    "size with plus": "+5\r\nhello\r\n0\r\n\r\n",
    "size with minus": "-5\r\nhello\r\n0\r\n\r\n",
    "size with underscore": "5_0\r\nhello\r\n0\r\n\r\n",
    "size too large": "fffffffffffffffff\r\nhello\r\n0\r\n\r\n",
    "size empty": "\r\nhello\r\n0\r\n\r\n",
    "blank before the size": " 5\r\nhello\r\n0\r\n\r\n",
    "LF after the size": "5\nhello\r\n0\r\n\r\n",
    "LF after the data": "5\r\nhello\n0\r\n\r\n",
    "no CRLF after the data": "5\r\nhelloXX0\r\n\r\n",
}


@pytest.mark.parametrize("at_once", [True, False], ids=["one packet", "two packets"])
@pytest.mark.parametrize("body", CHUNKS.values(), ids=CHUNKS.keys())
async def test_broken_chunks_are_400(stage: Open, body: str, at_once: bool) -> None:
    """The upstream never sees a whole request, and the client is told once."""
    one = await stage()
    caller = await one.dial()
    one.expected += 1
    head = lines(POST, CHUNKED)
    if at_once:
        await caller.send(head + body.encode())
    else:
        await caller.send(head)
        await until(lambda: one.monolith.received, "the head at the upstream")
        await caller.send(body.encode())
    seen = await one.seen(await caller.answer())
    assert seen.got.status == seen.got.problem["status"] == 400
    assert await caller.is_cut()
    assert seen.record.fate is Fate.BAD_REQUEST
    assert not any(each.whole for each in seen.monolith)


METHODS = [("TRACE", "/elsewhere"), ("CONNECT", "fit.example:80"), ("CONNECT", "/elsewhere")]


@pytest.mark.parametrize(("method", "target"), METHODS)
async def test_connect_and_trace_are_refused(stage: Open, method: str, target: str) -> None:
    """405: a tunnel or a mirror is nothing that a door should offer."""
    one = await stage()
    caller = await one.dial()
    seen = await one.seen(await one.ask(request(method, target), on=caller))
    assert seen.got.status in {400, 405}
    assert await caller.is_cut()
    assert not seen.coach + seen.monolith


@pytest.mark.parametrize("method", ["OPTIONS", "PATCH", "DELETE", "PROPFIND", "PURGE", "SEARCH"])
async def test_methods_that_the_parser_knows_go_on(scene: Scene, method: str) -> None:
    """What they mean is the application's business."""
    seen = await scene(request(method, "/elsewhere"), method=method)
    assert seen.got.status == 200
    assert seen.monolith[0].method == method


async def test_options_of_the_whole_server_go_on(scene: Scene) -> None:
    """The asterisk-form is for OPTIONS alone."""
    seen = await scene(request("OPTIONS", "*"))
    assert (seen.got.status, seen.monolith[0].line) == (200, b"OPTIONS * HTTP/1.1")


TOO_LARGE = {
    "a field": lines(GET, "X-A: " + "a" * 9000),
    "many fields": lines(GET, *[f"X-{number}: a" for number in range(200)]),
    "a name": lines(GET, "X" * 9000 + ": a"),
    "all of it": lines(GET, *[f"X-{number}: {'a' * 7000}" for number in range(90)]),
}


@pytest.mark.parametrize("sent", TOO_LARGE.values(), ids=TOO_LARGE.keys())
async def test_a_head_over_the_limit_is_431(stage: Open, sent: bytes) -> None:
    """And the connection is closed, the rest of the head unread."""
    one = await stage()
    caller = await one.dial()
    seen = await one.seen(await one.ask(sent, on=caller))
    assert (seen.got.status, seen.record.fate) == (431, Fate.BAD_REQUEST)
    assert await caller.is_cut()
    assert not seen.coach + seen.monolith


async def test_a_target_over_the_limit_is_414(stage: Open) -> None:
    """Or 431, as the parser has it: nothing is read of it, and nothing sent upstream."""
    one = await stage()
    seen = await one.seen(await one.ask(lines(f"GET /{'a' * 65536} HTTP/1.1")))
    assert seen.got.status in {414, 431}
    assert not seen.monolith


async def test_one_empty_line_before_the_request_is_ignored(scene: Scene) -> None:
    """RFC 9112 2.2: some old clients send one after a POST."""
    seen = await scene(b"\r\n" + request())
    assert seen.got.status == 200


async def test_garbage_behind_a_request_is_400_after_its_answer(stage: Open) -> None:
    """The request is served; what follows it is refused, as an exchange of its own."""
    go = asyncio.Event()

    async def play(line: Line) -> None:
        await go.wait()
        await ok().play(line)

    one = await stage([played(play)])
    caller = await one.dial()
    one.expected += 2
    await caller.send(request())
    await until(lambda: one.coach.received, "the request at coach")
    await caller.send(b"\x16\x03garbage\r\n\r\n")
    go.set()
    first, second = await caller.answer(), await caller.answer()
    assert (first.status, second.status) == (200, 400)
    assert await caller.is_cut()
    await one.quiet()
    assert [record.fate for record in one.ledger.records] == [Fate.OK, Fate.BAD_REQUEST]


async def test_nothing_behind_a_refusal_is_read(stage: Open) -> None:
    """Where one request ends cannot be told any more, so there is no next one."""
    one = await stage()
    caller = await one.dial()
    got = await one.ask(FRAMING["both lengths"] + request() * 3, on=caller)
    assert got.status == 400
    assert await caller.is_cut()
    seen = await one.seen(got)
    assert not seen.coach + seen.monolith


PATHS = [
    ("/fitness/../elsewhere", 200, "default"),
    ("/x/../fitness/wod", 400, "none"),
    ("/fitness/./wod", 400, "none"),
    ("/fitness/%2e/wod", 400, "none"),
    ("//fitness/wod", 400, "none"),
    ("/fitness//wod", 400, "none"),
    ("/fitness/wod/", 200, "default"),
    ("/fitness/wod;x=1", 400, "none"),
    ("/fitness%2fwod", 400, "none"),
    ("/fitness%2Fwod", 400, "none"),
    ("/%66itness/wod", 400, "none"),
    ("/fitness\\wod", 400, "none"),
    ("/FITNESS/WOD", 200, "default"),
    ("/fitness/wod?", 200, "wod"),
    ("/fitness/wod?a=/../b", 200, "wod"),
    ("/admin/../elsewhere", 401, "admin"),
    ("/elsewhere/../admin/x", 400, "none"),
    ("/a//b", 200, "default"),
    ("/a%2Fb", 200, "default"),
]


@pytest.mark.parametrize(("path", "status", "route"), PATHS)
async def test_an_odd_path_never_slips_past_a_stricter_route(
    scene: Scene, path: str, status: int, route: str
) -> None:
    """It passes as it is, unless an upstream that tidies it up would serve another route."""
    auth = "" if status != 200 or route == "default" else None
    seen = await scene(request(path=path, auth=auth))
    assert (seen.got.status, seen.record.route) == (status, route)
    asked = seen.coach + seen.monolith
    assert [each.line for each in asked] == [f"GET {path} HTTP/1.1".encode()] * (status == 200)


async def test_a_refusal_tells_nothing_of_the_inside(scene: Scene) -> None:
    """No address, no stack, no version; an id to quote to whoever has the log."""
    seen = await scene(FRAMING["both lengths"])
    assert set(seen.got.problem) == {"type", "title", "status", "detail", "request_id"}
    assert seen.got.problem["request_id"] == seen.record.request_id
    assert seen.got.one("server") is None


async def test_head_gets_a_refusal_without_its_body(stage: Open) -> None:
    """The fields are those of the answer that a GET would have got."""
    one = await stage()
    got = await one.ask(request("HEAD", auth=""), method="HEAD")
    assert (got.status, got.body) == (401, b"")
    assert int(got.one("content-length") or 0) > 100

"""Bodies in both directions: streamed with backpressure, framed for who reads, never made whole."""

import asyncio
import hashlib

import pytest

from router.core.fates import Fate
from router.core.model import Limits
from tests.edge.clients import Caller, Got
from tests.edge.conftest import Open, Scene
from tests.edge.requests import WOD, payload, post, request
from tests.edge.scripts import (
    answer_of,
    bodiless,
    chunk,
    chunked,
    die_between_chunks,
    die_in_mid_body,
    early,
    head,
    ok,
    played,
    raw,
    until_closed,
)
from tests.edge.stages import HASTY_S, SOON_S, until
from tests.edge.upstreams import Line, Step

MIB = 1024 * 1024
PIECE = bytes(range(256)) * 256  # 64 KiB
PIECES = 320  # 20 MiB
WHOLE = hashlib.sha256(PIECE * PIECES).digest()
PATIENT = {"deadline_s": 30.0, "max_body": 64 * MIB}
ELSEWHERE = request(path="/elsewhere")


def download(framing: str, sent: list[int]) -> Step:
    """20 MiB, with a note of how many pieces the router has taken."""

    async def play(line: Line) -> None:
        field = {"chunked": "Transfer-Encoding: chunked", "length": f"Content-Length: {20 * MIB}"}
        await line.send(head(200, *[field[framing]] if framing in field else []))
        for _ in range(PIECES):
            await line.send(chunk(PIECE) if framing == "chunked" else PIECE)
            sent.append(len(PIECE))
        if framing == "chunked":
            await line.send(b"0\r\n\r\n")
        elif framing == "eof":
            line.close()

    return played(play, f"download by {framing}")


FRAMINGS = ["length", "chunked", "eof"]


@pytest.mark.parametrize("framing", FRAMINGS)
@pytest.mark.parametrize("path", [WOD, "/elsewhere"])
async def test_a_large_download_is_exact_and_costs_no_memory(
    stage: Open, framing: str, path: str
) -> None:
    """20 MiB come byte for byte; an upstream waits while the client does not read."""
    sent: list[int] = []
    step = download(framing, sent)
    one = await stage([step], [step], default=PATIENT)
    caller = await one.dial(window=64 * 1024)
    one.expected += 1
    await caller.send(request(path=path))
    await until(lambda: sent, "the first piece")
    before = -1
    while before != len(sent):  # until it stands still
        before = len(sent)
        await asyncio.sleep(0.1)
    assert sum(sent) < 12 * MIB, "the upstream was not told to wait"
    assert one.buffered < MIB
    got = await caller.answer()
    assert (got.status, got.whole) == (200, True)
    assert hashlib.sha256(got.body).digest() == WHOLE
    assert (await one.seen(got)).record.fate is Fate.OK


async def send_upload(caller: Caller, framing: str) -> None:
    """Send 20 MiB as the head has promised."""
    for _ in range(PIECES):
        await caller.send(chunk(PIECE) if framing == "chunked" else PIECE)
    if framing == "chunked":
        await caller.send(b"0\r\n\r\n")


def upload_head(framing: str, *fields: str) -> bytes:
    """The head of a 20 MiB upload."""
    line = {"chunked": "Transfer-Encoding: chunked", "length": f"Content-Length: {20 * MIB}"}
    return request("POST", "/elsewhere", line[framing], *fields)


@pytest.mark.parametrize("framing", ["length", "chunked"])
async def test_a_large_upload_is_exact_and_costs_no_memory(stage: Open, framing: str) -> None:
    """A client waits while the upstream does not read; then every byte arrives."""
    go = asyncio.Event()

    async def play(line: Line) -> None:
        await go.wait()
        await line.read_body()
        await ok().play(line)

    one = await stage(monolith=[played(play, "slow reader", reads_body=False)], default=PATIENT)
    caller = await one.dial()
    one.expected += 1
    await caller.send(upload_head(framing))
    task = asyncio.create_task(send_upload(caller, framing))
    await until(lambda: one.monolith.received, "the head at the upstream")
    waits = caller.writer.transport.get_write_buffer_size
    await until(waits, "the client being told to wait")
    assert not task.done()
    go.set()
    await task
    seen = await one.seen(await caller.answer())
    assert (seen.got.status, seen.record.fate) == (200, Fate.OK)
    assert hashlib.sha256(seen.monolith[0].body).digest() == WHOLE


@pytest.mark.parametrize("sizes", [[1], [1, 1, 1], [65536], [70_000, 3, 200_000]], ids=str)
async def test_chunked_is_exact_both_ways(scene: Scene, sizes: list[int]) -> None:
    """The bytes are the same; where one chunk ends and the next begins may move."""
    pieces = [bytes([65 + place]) * size for place, size in enumerate(sizes)]
    sent = request("POST", "/elsewhere", chunks=pieces)
    seen = await scene(sent, monolith=[chunked(*pieces)])
    assert seen.monolith[0].body == seen.got.body == b"".join(pieces)
    assert seen.monolith[0].one(b"transfer-encoding") == b"chunked"
    assert seen.monolith[0].one(b"content-length") is None
    assert seen.got.one("transfer-encoding") == b"chunked"


@pytest.mark.parametrize("chunks", [[], None], ids=["chunked", "length 0"])
async def test_an_empty_body_is_framed_as_it_came(scene: Scene, chunks: list[bytes] | None) -> None:
    """No body is not the same as a body of nothing."""
    sent = request("POST", "/elsewhere", chunks=chunks, body=b"")
    seen = await scene(sent)
    field = b"content-length" if chunks is None else b"transfer-encoding"
    assert seen.monolith[0].one(field) == (b"0" if chunks is None else b"chunked")


async def test_trailers_go_on_and_extensions_of_chunks_do_not(scene: Scene) -> None:
    """None is merged into the head, and those that would decide something are dropped."""
    body = b"5;a=b\r\nhello\r\n0\r\nX-Sum: 1\r\nAuthorization: Bearer x\r\nHost: evil\r\n\r\n"
    sent = request("POST", "/elsewhere", "Transfer-Encoding: chunked") + body
    data = head(200, "Transfer-Encoding: chunked") + body
    seen = await scene(sent, monolith=[raw(data)])
    assert (seen.got.status, seen.got.body, seen.got.whole) == (200, b"hello", True)
    assert seen.monolith[0].body == b"hello"
    assert b"evil" not in seen.monolith[0].head
    assert seen.got.trailers == seen.monolith[0].trailers == [(b"X-Sum", b"1")]


async def test_a_connection_goes_on_after_trailers(stage: Open) -> None:
    """Both ends know where the message ended."""
    body = b"5\r\nhello\r\n0\r\nX-Sum: 1\r\n\r\n"
    one = await stage(monolith=[raw(head(200, "Transfer-Encoding: chunked") + body), ok()])
    caller = await one.dial()
    sent = request("POST", "/elsewhere", "Transfer-Encoding: chunked") + body
    first = await one.ask(sent, on=caller)
    second = await one.ask(ELSEWHERE, on=caller)
    assert (first.body, second.body) == (b"hello", answer_of("monolith"))
    await one.quiet()
    assert len(one.monolith.lines) == 1


# --- limits ---------------------------------------------------------------------------------------


async def test_a_body_declared_too_large_is_413(scene: Scene) -> None:
    """Nothing of it is read, nothing is sent upstream, and the connection is closed."""
    sent = request("POST", "/elsewhere", "Content-Length: 1001")
    seen = await scene(sent, default={"max_body": 1000})
    assert seen.got.status == seen.got.problem["status"] == 413
    assert seen.got.one("connection") == b"close"
    assert seen.record.fate is Fate.BAD_REQUEST
    assert not seen.monolith


async def test_a_body_of_just_the_limit_is_taken(scene: Scene) -> None:
    """The limit is the most that is taken, not the first that is refused."""
    for how in ({"body": b"x" * 1000}, {"chunks": [b"x" * 1000]}):
        seen = await scene(request("POST", "/elsewhere", **how), default={"max_body": 1000})
        assert (seen.got.status, len(seen.monolith[0].body)) == (200, 1000)


async def test_a_body_that_grows_too_large_is_413(stage: Open) -> None:
    """The upload is stopped where it passes the limit, and the upstream's request broken off."""
    one = await stage(default={"max_body": 1000})
    caller = await one.dial()
    one.expected += 1
    await caller.send(request("POST", "/elsewhere", "Transfer-Encoding: chunked"))
    await caller.send(chunk(b"x" * 600))
    await until(lambda: one.monolith.received, "the head at the upstream")
    await caller.send(chunk(b"x" * 600))
    seen = await one.seen(await caller.answer())
    assert seen.got.status == seen.got.problem["status"] == 413
    assert await caller.is_cut()
    assert seen.record.fate is Fate.BAD_REQUEST
    assert seen.attempts == [("monolith", "cancelled")]
    assert not seen.monolith[0].whole
    await until(lambda: one.monolith.open_lines == 0, "the upstream's connection gone")


# --- Expect ---------------------------------------------------------------------------------------


async def test_100_continue_comes_though_the_upstream_says_nothing(stage: Open) -> None:
    """The expectation goes on; an upstream that does not answer it is not waited for long."""
    one = await stage()
    caller = await one.dial()
    one.expected += 1
    await caller.send(request("POST", "/elsewhere", "Expect: 100-continue", "Content-Length: 5"))
    assert await caller.reader.readexactly(25) == b"HTTP/1.1 100 Continue\r\n\r\n"
    await caller.send(b"hello")
    seen = await one.seen(await caller.answer())
    assert (seen.got.status, seen.got.interim) == (200, [])
    assert (seen.monolith[0].body, seen.monolith[0].one(b"expect")) == (b"hello", b"100-continue")


async def test_the_invitation_is_given_once_though_two_are_asked(stage: Open) -> None:
    """A body that was invited for coach is replayed to legacy from memory."""
    one = await stage([early(500)])
    caller = await one.dial()
    one.expected += 1
    await caller.send(request("PUT", "/write", "Expect: 100-continue", "Content-Length: 5"))
    await caller.reader.readexactly(25)
    await caller.send(b"hello")
    seen = await one.seen(await caller.answer())
    assert (seen.got.status, seen.got.interim, seen.record.fate) == (200, [], Fate.RESCUED)
    assert seen.monolith[0].body == b"hello"


async def test_a_refusal_is_told_before_the_body_is_sent(stage: Open) -> None:
    """The point of the expectation; the connection closes, since a body may come or not."""
    one = await stage()
    caller = await one.dial()
    fields = ("Expect: 100-continue", "Content-Length: 5")
    got = await one.ask(request("POST", "/write", *fields, auth=""), on=caller)
    assert (got.status, got.interim) == (401, [])
    assert got.one("connection") == b"close"


async def test_no_invitation_for_http_1_0_or_without_a_body(stage: Open) -> None:
    """RFC 9110 10.1.1: such a client does not know of interim answers, or waits for none."""
    one = await stage()
    for version, body in (("1.0", b"hello"), ("1.1", b"")):
        sent = request("POST", "/elsewhere", "Expect: 100-continue", body=body, version=version)
        got = await one.ask(sent)
        assert (got.status, got.interim) == (200, [])


@pytest.mark.parametrize("expectation", ["200-ok", "100-continue, more", ""])
async def test_any_other_expectation_is_417(scene: Scene, expectation: str) -> None:
    """RFC 9110 10.1.1: one that cannot be met."""
    seen = await scene(post(b"hello", "/write", f"Expect: {expectation}"))
    assert (seen.got.status, seen.record.fate) == (417, Fate.BAD_REQUEST)
    assert not seen.coach + seen.monolith


# --- an answer before the body is read ------------------------------------------------------------


@pytest.mark.parametrize("closes", [False, True], ids=["stays", "closes"])
async def test_an_early_answer_is_passed_on_and_the_upload_stopped(
    stage: Open, closes: bool
) -> None:
    """The client need not send 20 MiB to learn that they are not wanted."""
    one = await stage(monolith=[early(403, closes=closes)], default=PATIENT)
    caller = await one.dial()
    one.expected += 1
    await caller.send(upload_head("length"), PIECE)
    got = await caller.answer()
    assert (got.status, got.body) == (403, b"early")
    assert got.one("connection") == b"close"
    seen = await one.seen(got)
    assert (seen.record.fate, seen.attempts) == (Fate.OK, [("monolith", "ok")])
    await until(lambda: one.monolith.open_lines == 0, "the upstream's connection gone")


async def test_an_early_answer_to_a_small_body_leaves_the_connection(stage: Open) -> None:
    """Whoever has sent all of it may go on."""
    one = await stage(monolith=[early(403, drains=True), ok()])
    caller = await one.dial()
    first = await one.ask(request("POST", "/elsewhere", body=b"hello"), on=caller)
    second = await one.ask(ELSEWHERE, on=caller)
    assert (first.status, second.status) == (403, 200)


# --- answers without a body, and old clients ------------------------------------------------------


@pytest.mark.parametrize(
    "fields", [("Content-Length: 1000",), ("Transfer-Encoding: chunked",), ()], ids=str
)
async def test_head_has_no_body_whatever_the_fields_say(
    stage: Open, fields: tuple[str, ...]
) -> None:
    """Both connections go on to the next request."""
    one = await stage(monolith=[bodiless(200, *fields, "X-A: b"), ok()])
    caller = await one.dial()
    got = await one.ask(request("HEAD", "/elsewhere"), method="HEAD", on=caller)
    following = await one.ask(ELSEWHERE, on=caller)
    assert (got.status, got.one("x-a")) == (200, b"b")
    assert got.one("content-length") == (b"1000" if "1000" in str(fields) else None)
    assert following.body == answer_of("monolith")
    await one.quiet()
    assert len(one.monolith.lines) == 1


@pytest.mark.parametrize("code", [204, 304])
async def test_204_and_304_end_at_their_head(stage: Open, code: int) -> None:
    """Both connections go on to the next request."""
    one = await stage(monolith=[bodiless(code, 'ETag: "a"'), ok()])
    caller = await one.dial()
    got = await one.ask(ELSEWHERE, on=caller)
    following = await one.ask(ELSEWHERE, on=caller)
    assert (got.status, got.one("etag"), got.one("transfer-encoding")) == (code, b'"a"', None)
    assert following.body == answer_of("monolith")
    await one.quiet()
    assert len(one.monolith.lines) == 1


async def test_304_keeps_the_length_it_tells_of(scene: Scene) -> None:
    """RFC 9110 8.6: it is that of the answer that was not sent."""
    seen = await scene(ELSEWHERE, monolith=[bodiless(304, "Content-Length: 1000")])
    assert (seen.got.status, seen.got.one("content-length")) == (304, b"1000")


@pytest.mark.parametrize("step", [chunked(b"hel", b"lo"), until_closed(b"hel", b"lo")], ids=str)
@pytest.mark.parametrize("asks", [(), ("Connection: keep-alive",)], ids=["plain", "keep-alive"])
async def test_an_old_client_reads_to_the_end_of_the_connection(
    stage: Open, step: Step, asks: tuple[str, ...]
) -> None:
    """HTTP/1.0 knows no chunks: they are taken off, and the end of the connection is the end."""
    one = await stage(monolith=[step])
    caller = await one.dial()
    sent = request("GET", "/elsewhere", *asks, version="1.0")
    got = await one.ask(sent, on=caller)
    assert (got.status, got.body, got.whole) == (200, b"hello", True)
    assert (got.one("transfer-encoding"), got.one("connection")) == (None, b"close")
    assert one.monolith.received[0].line == b"GET /elsewhere HTTP/1.1"


@pytest.mark.parametrize("host", [None, "fit.example"])
async def test_an_old_client_may_keep_its_connection(stage: Open, host: str | None) -> None:
    """Where the length is known, and it asks for it; it need not even name a host."""
    one = await stage()
    caller = await one.dial()
    sent = request("GET", "/elsewhere", "Connection: keep-alive", version="1.0", host=host)
    for _ in range(2):
        got = await one.ask(sent, on=caller)
        assert (got.body, got.one("connection")) == (answer_of("monolith"), b"keep-alive")
    last = await one.ask(request("GET", "/elsewhere", version="1.0", host=host), on=caller)
    assert last.one("connection") == b"close"
    assert await caller.is_cut()


async def test_an_old_upstream_is_understood(scene: Scene) -> None:
    """HTTP/1.0 with a length, and without one."""
    for data in (
        b"HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello",
        b"HTTP/1.0 200 OK\r\n\r\nhello",
    ):
        seen = await scene(coach=[raw(data, closes=True)])
        assert (seen.got.status, seen.got.body, seen.got.whole) == (200, b"hello", True)
        assert seen.record.fate is Fate.OK


async def test_an_answer_ended_by_the_connection_becomes_chunked(scene: Scene) -> None:
    """So the client's connection can live on, and the end is told apart from a fault."""
    seen = await scene(ELSEWHERE, monolith=[until_closed(b"hel", b"lo")])
    assert (seen.got.body, seen.got.whole) == (b"hello", True)
    assert seen.got.one("transfer-encoding") == b"chunked"


async def test_close_is_granted(stage: Open) -> None:
    """A client that asks for the end of its connection gets it, after the answer."""
    one = await stage()
    caller = await one.dial()
    got = await one.ask(request("GET", WOD, "Connection: close"), on=caller)
    assert (got.status, got.one("connection")) == (200, b"close")
    assert await caller.is_cut()


async def test_pipelined_requests_are_served_in_order(stage: Open) -> None:
    """One after the other, whatever they are."""
    one = await stage(monolith=[played(tell_path)])
    caller = await one.dial()
    sent = [request(path=f"/{number}") for number in range(20)]
    sent[5] = request("POST", "/5", body=b"hello")
    sent[7] = request("POST", "/7", chunks=[b"hel", b"lo"])
    one.expected += len(sent)
    await caller.send(b"".join(sent))
    got = [await caller.answer() for _ in sent]
    assert [each.body for each in got] == [f"/{number}".encode() for number in range(20)]


async def tell_path(line: Line) -> None:
    """Answer with the path that was asked for."""
    await ok(line.request.line.split(b" ")[1]).play(line)


async def test_endless_pipelining_is_made_to_wait(stage: Open) -> None:
    """What is queued is bounded: a client that sends without end cannot fill our memory."""
    go = asyncio.Event()

    async def play(line: Line) -> None:
        await go.wait()
        await ok().play(line)

    one = await stage(monolith=[played(play)], default=PATIENT)
    caller = await one.dial()
    sent = request(path="/" + "a" * 7000)
    while caller.writer.transport.get_write_buffer_size() < 256 * 1024:
        caller.writer.write(sent)
        one.expected += 1
        await asyncio.sleep(0)
        assert one.expected < 4000, "nobody told the client to wait"
    go.set()
    for _ in range(one.expected):
        assert (await caller.answer()).status == 200


# --- committing -----------------------------------------------------------------------------------


def commits_at_once(*fields: str) -> tuple[Step, asyncio.Event]:
    """A head with *fields*, a first piece, and the rest only when the event is set."""
    go = asyncio.Event()

    async def play(line: Line) -> None:
        await line.send(head(200, *fields))
        await line.send(
            b"data: 1\n\n" if "Content-Length" in str(fields) else chunk(b"data: 1\n\n")
        )
        await go.wait()
        await line.send(chunk(b"data: 2\n\n") + b"0\r\n\r\n")

    return played(play), go


async def test_an_event_stream_passes_at_once(stage: Open) -> None:
    """It commits at its head, on a route with fallback too, and each event as it comes."""
    fields = ("Content-Type: text/event-stream; charset=utf-8", "Transfer-Encoding: chunked")
    step, go = commits_at_once(*fields)
    one = await stage([step], route={"timeout_s": HASTY_S})
    caller = await one.dial()
    one.expected += 1
    await caller.send(request())
    first = await caller.reader.readuntil(b"data: 1\n\n")
    assert first.startswith(b"HTTP/1.1 200")
    await asyncio.sleep(HASTY_S + 0.1)  # a stream that began is not cut by the timeout
    go.set()
    rest = await caller.reader.readuntil(b"0\r\n\r\n")
    assert b"data: 2\n\n" in rest
    await one.quiet()
    assert one.ledger.records[-1].fate is Fate.OK


async def test_a_length_over_the_buffer_commits_at_its_head(stage: Open) -> None:
    """It could not be held whole, so there is nothing to wait for."""
    step, go = commits_at_once("Content-Length: 65537")
    one = await stage([step])
    caller = await one.dial()
    one.expected += 1
    await caller.send(request())
    async with asyncio.timeout(SOON_S):  # less than the route's timeout
        await caller.reader.readuntil(b"data: 1\n\n")
    caller.leave()
    await one.quiet()
    go.set()


async def bad_second_chunk(line: Line) -> None:
    """A chunk far past the buffer, which the router must pass on, and then one that is none."""
    await line.send(head(200, "Transfer-Encoding: chunked") + chunk(b"x" * MIB))
    await line.send(b"zz\r\n")
    await line.until_left()


@pytest.mark.parametrize(
    "broken",
    [
        die_in_mid_body(100_000, after=b"x" * 70_000),
        die_in_mid_body(100_000, after=b"x" * 70_000, by_reset=True),
        die_between_chunks(b"x" * 70_000),
        played(bad_second_chunk, "bad second chunk"),
    ],
    ids=str,
)
async def test_an_answer_that_breaks_after_its_commit_is_cut(stage: Open, broken: Step) -> None:
    """Nothing can be taken back: the client's connection ends, and never looks cleanly ended."""
    one = await stage([broken])
    caller = await one.dial()
    seen = await one.seen(await one.ask(request(), on=caller))
    assert (seen.got.status, seen.got.whole) == (200, False)
    assert seen.got.body == b"x" * len(seen.got.body)
    assert seen.record.fate is Fate.FAIL_AFTER_COMMIT
    assert seen.attempts == [("coach", "body")]
    assert one.total("attempts_total", outcome="body", upstream="coach") == 1
    assert not seen.monolith


@pytest.mark.parametrize("version", ["1.0", "1.1"])
@pytest.mark.parametrize("broken", [die_in_mid_body(), die_between_chunks()], ids=str)
async def test_a_truncated_answer_never_looks_whole(
    stage: Open, broken: Step, version: str
) -> None:
    """Not to a client of HTTP/1.0 either, to which the end of the connection is the end: RST."""
    one = await stage(monolith=[broken])
    caller = await one.dial()
    one.expected += 1
    await caller.send(request(path="/elsewhere", version=version))
    seen = await one.seen(await read_until_reset(caller))
    assert seen.record.fate is Fate.FAIL_AFTER_COMMIT


async def read_until_reset(caller: Caller) -> Got:
    """Read what comes until the connection is reset, which it must be."""
    with pytest.raises(ConnectionResetError):
        await caller.reader.read()
    return Got()


async def test_a_client_that_does_not_read_is_cut(stage: Open) -> None:
    """After a minute (less here) without taking a byte; nobody's failure but its own."""
    step = download("length", [])
    one = await stage(monolith=[step], default=PATIENT, limits=Limits(slow_reader_s=0.1))
    caller = await one.dial(window=4096)
    one.expected += 1
    await caller.send(ELSEWHERE)
    await one.quiet()
    assert one.ledger.records[-1].fate is Fate.CLIENT_GONE


async def test_an_upstream_that_stalls_in_mid_stream_is_given_up(stage: Open) -> None:
    """After a minute (less here) without a byte; the client's connection is cut."""
    step, go = commits_at_once("Content-Length: 65537")
    one = await stage([step], address={"pause_s": 0.5})
    seen = await one.seen(await one.ask(request()))
    go.set()
    assert (seen.got.body, seen.got.whole) == (b"data: 1\n\n", False)
    assert seen.record.fate is Fate.FAIL_AFTER_COMMIT


async def test_a_client_that_stalls_in_its_upload_is_408(stage: Open) -> None:
    """After half a minute (less here) without a byte; the upstream's request is broken off."""
    one = await stage(limits=Limits(body_timeout_s=0.1))
    caller = await one.dial()
    one.expected += 1
    await caller.send(request("POST", "/elsewhere", "Content-Length: 10"), b"half")
    seen = await one.seen(await caller.answer())
    assert (seen.got.status, seen.record.fate) == (408, Fate.BAD_REQUEST)
    assert await caller.is_cut()


async def test_a_body_with_broken_chunks_is_400(stage: Open) -> None:
    """Told once, counted once, and the upstream's request is broken off."""
    one = await stage()
    caller = await one.dial()
    one.expected += 1
    await caller.send(request("POST", "/elsewhere", "Transfer-Encoding: chunked"))
    await until(lambda: one.monolith.received, "the head at the upstream")
    await caller.send(b"5\r\nhello\r\nzz\r\n\r\n")
    seen = await one.seen(await caller.answer())
    assert (seen.got.status, seen.record.fate) == (400, Fate.BAD_REQUEST)
    assert await caller.is_cut()
    assert not seen.monolith[0].whole


def test_payload_of_chunks_is_what_the_parser_must_read() -> None:
    """The tests' own chunking, checked against the RFC's example."""
    assert payload(None, [b"Wiki", b"pedia"]) == b"4\r\nWiki\r\n5\r\npedia\r\n0\r\n\r\n"

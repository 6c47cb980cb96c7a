"""Uploads: what is invited, what is answered early, what is broken off (RFC 9110 10.1.1; 9112)."""

import pytest

from router.core.fates import Fate
from tests.conformance.talking import FIRST, Talk
from tests.conformance.ways import Way
from tests.conformance.writing import CHUNKED, HELLO, line, post
from tests.edge.clients import Got
from tests.edge.conftest import Open
from tests.edge.requests import WOD, bearer
from tests.edge.scripts import early, head, ok, played
from tests.edge.stages import Stage, until
from tests.edge.upstreams import Line, Step

EXPECT = "Expect: 100-continue"
INVITED = b"HTTP/1.1 100 "
FRAMED = [("Content-Length: 5", "hello"), (CHUNKED, HELLO)]
every_way = pytest.mark.parametrize("way", Way, ids=str)
every_framing = pytest.mark.parametrize("framing", FRAMED, ids=["length", "chunked"])


def inviting() -> Step:
    """An upstream that answers 100 itself, where it is asked to."""

    async def play(told: Line) -> None:
        if told.request.one(b"expect") is not None:
            await told.send(head(100))
        await told.read_body()
        await ok().play(told)

    return played(play, "inviting", reads_body=False)


async def begin(one: Stage, way: Way, data: bytes) -> Talk:
    """Send *data*, behind a whole exchange where that is the way, and leave it unanswered."""
    talk = await Talk.begin(one, way)
    one.expected += 1
    if way is Way.BEHIND:
        one.expected += 1
        await talk.send(FIRST + data)
        assert (await talk.caller.answer()).status == 200
    else:
        await talk.send(data)
    return talk


# --- RFC 9110 10.1.1: Expect --------------------------------------------------------------------


@every_way
@every_framing
async def test_a_body_that_waits_is_invited(
    stage: Open, way: Way, framing: tuple[str, str]
) -> None:
    """9110 10.1.1: the client gets 100 before it sends its body, by us or from the upstream."""
    one = await stage(monolith=[*[ok()] * (way is Way.BEHIND), inviting(), ok()])
    field, body = framing
    talk = await begin(one, way, post(field, EXPECT))
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


# --- RFC 9112 9.3, 9.5: answers before the end of the upload ------------------------------------


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
    talk = await begin(one, way, post(framing[0], body=framing[1][:4]))
    got = await talk.caller.answer()
    assert (got.status, got.body, got.whole) == (code, b"early", True)
    assert got.one("connection") == b"close"
    assert await talk.is_over()
    await until(lambda: one.monolith.open_lines == 0, "the upstream's connection gone")


@every_way
async def test_an_early_failure_is_rescued_where_the_body_is_kept(stage: Open, way: Way) -> None:
    """FAULTS 5: what has come of the body is sent again, and the rest of it follows."""
    steps = [early(500), ok()]
    one = await stage(steps, route={"timeout_s": 2.0, "deadline_s": 4.0})
    sent = line("PUT /write HTTP/1.1", bearer(), "Content-Length: 5", body="he")
    talk = await begin(one, way, sent)
    await until(lambda: one.coach.received, "the head at coach")
    await talk.send(b"llo")
    got = await talk.caller.answer()
    assert (got.status, got.body) == (200, b'{"from": "monolith"}')
    await one.quiet()
    assert talk.arrived[-1].body == b"hello"


# --- RFC 9112 8: requests that never end ---------------------------------------------------------


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
    talk = await begin(one, way, sent)
    await until(lambda: talk.arrived, "the head at the upstream")
    if by_reset:
        talk.caller.reset()
    else:
        talk.caller.leave()
    await one.quiet()
    assert one.ledger.records[-1].fate is Fate.CLIENT_GONE
    assert not talk.arrived[0].whole
    await until(lambda: one.monolith.open_lines == 0, "the upstream's connection gone")


# --- RFC 9112 9.3.2: pipelining ------------------------------------------------------------------


async def path_told(told: Line) -> None:
    """Answer with the path that was asked for."""
    await ok(told.request.line.split(b" ")[1]).play(told)


PIPELINES = {
    "GET": [line(f"GET /{number} HTTP/1.1") for number in range(8)],
    "bodies by length": [post("Content-Length: 5", path=f"/{n}", body="hello") for n in range(8)],
    "bodies in chunks": [post(CHUNKED, path=f"/{number}", body=HELLO) for number in range(8)],
    "requests that look like bodies": [
        post("Content-Length: 25", path="/0", body="GET /evil HTTP/1.1\r\nX: y\r\n"[:25]),
        line("GET /1 HTTP/1.1"),
    ],
    "an upload that waits, and what follows": [
        post("Content-Length: 5", EXPECT, path="/0", body="hello"),
        line("GET /1 HTTP/1.1"),
    ],
}


@pytest.mark.parametrize("way", [Way.WHOLE, Way.SPLIT], ids=str)
@pytest.mark.parametrize("sent", PIPELINES.values(), ids=PIPELINES)
async def test_answers_come_in_the_order_of_requests(
    stage: Open, way: Way, sent: list[bytes]
) -> None:
    """9112 9.3.2: each its own, whatever lies between them."""
    one = await stage(monolith=[played(path_told)])
    talk = await Talk.begin(one, way)
    one.expected += len(sent)
    await talk.send(b"".join(sent))
    got = [await talk.caller.answer() for _ in sent]
    assert [each.body for each in got] == [b"/%d" % number for number in range(len(sent))]


BEHIND_IT = {
    "garbage": b"\0garbage\r\n\r\n",
    "no framing": post("Content-Length: x"),
    "half a request": b"GET /half HTT\x01",
    "a body that was not announced": b"hello\r\n\r\n",
}


@pytest.mark.parametrize("way", [Way.WHOLE, Way.SPLIT], ids=str)
@pytest.mark.parametrize("bad", BEHIND_IT.values(), ids=BEHIND_IT)
async def test_what_is_no_request_is_refused_behind_two_that_are_served(
    stage: Open, way: Way, bad: bytes
) -> None:
    """9112 9.3.2, 2.2: the sound ones have their answers first, and nothing is read behind it."""
    one = await stage(monolith=[played(path_told)])
    talk = await Talk.begin(one, way)
    one.expected += 3
    await talk.send(line("GET /0 HTTP/1.1") + line("GET /1 HTTP/1.1") + bad)
    got: list[Got] = [await talk.caller.answer() for _ in range(3)]
    assert [each.status for each in got][:2] == [200, 200]
    assert got[2].status in {400, 501}
    assert await talk.is_over()


@every_way
async def test_nothing_behind_close_is_answered(stage: Open, way: Way) -> None:
    """9112 9.6: whoever says close says no more."""
    one = await stage()
    talk = await Talk.begin(one, way)
    got = await talk.ask(line(f"GET {WOD} HTTP/1.1", bearer(), "Connection: close"))
    await talk.caller.send(line("GET /more HTTP/1.1"))
    assert got.status == 200
    assert await talk.is_over()
    await one.quiet()
    assert not one.monolith.received or one.monolith.received[-1].line != b"GET /more HTTP/1.1"

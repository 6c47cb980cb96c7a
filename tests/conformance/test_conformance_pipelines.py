"""Several requests in a row (RFC 9112 9.3.2): answered in order, and none behind the last."""

import pytest

from tests.conformance.talking import Talk
from tests.conformance.ways import Way
from tests.conformance.writing import CHUNKED, HELLO, line, post
from tests.edge.clients import Got
from tests.edge.conftest import Open
from tests.edge.requests import WOD, bearer
from tests.edge.scripts import ok, played
from tests.edge.upstreams import Line

EXPECT = "Expect: 100-continue"
every_way = pytest.mark.parametrize("way", Way, ids=str)


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

"""Whether what was seen is what a row says."""

from tests.conformance.rows import NEVER_WHOLE, NOTHING, Arrives, Request
from tests.conformance.talking import Talk
from tests.edge.clients import Got
from tests.edge.upstreams import Pairs, Received

ADDED = frozenset(
    {
        *(b"x-forwarded-for", b"x-forwarded-proto", b"x-forwarded-host", b"x-forwarded-port"),
        *(b"forwarded", b"x-real-ip", b"via", b"x-request-id", b"traceparent", b"tracestate"),
        *(b"x-user-id", b"x-user-role"),
        *(b"content-length", b"transfer-encoding", b"connection", b"te", b"trailer"),
    }
)
"""Fields of a forwarded request that are judged by a row's `has` and `lacks` only."""


def stays(got: Got, *, is_http_1_0: bool = False) -> bool:
    """Whether the answer promises that the connection lives on (RFC 9112 9.3)."""
    options = {one.strip().lower() for one in b",".join(got.all("connection")).split(b",")}
    return b"keep-alive" in options if is_http_1_0 else b"close" not in options


async def judge_request(row: Request, talk: Talk, got: Got) -> None:
    """The answer, the arrival, and the connection, as *row* has them."""
    assert got.status in row.status, got
    assert got.whole
    if got.status >= 400 and not isinstance(row.arrives, Arrives):
        assert got.problem["status"] == got.status
    await talk.stage.quiet()
    judge_arrival(row.arrives, talk.arrived)
    promised = stays(got, is_http_1_0=row.is_http_1_0)
    if row.closes is not None:
        assert promised is not row.closes
    assert await (talk.goes_on() if promised else talk.is_over())


def judge_arrival(right: Arrives | str, arrived: list[Received]) -> None:
    """What reached the upstreams."""
    if right == NOTHING:
        assert not arrived
    elif right == NEVER_WHOLE:
        assert not any(one.whole for one in arrived)
    elif isinstance(right, Arrives):
        assert len(arrived) == 1, arrived
        judge_head(right, arrived[0])
        judge_body(right, arrived[0])


def judge_head(right: Arrives, told: Received) -> None:
    """The head that the upstream got."""
    assert told.line == right.line.encode("latin-1")
    if right.fields is not None:
        kept = [pair for pair in told.pairs if pair[0].lower() not in ADDED]
        assert kept == written(right.fields)
    for one in right.has:
        assert written((one,))[0] in told.pairs, (one, told.pairs)
    for name in right.lacks:
        assert not told.all(name.encode()), name


def judge_body(right: Arrives, told: Received) -> None:
    """The body that the upstream got, and how it was framed."""
    assert told.whole
    if right.body is not None:
        assert told.body == right.body.encode("latin-1")
    if right.framing is not None:
        assert framing_of(told) == right.framing
    if right.trailers is not None:
        assert told.trailers == written(right.trailers)


def framing_of(told: Received) -> str:
    """How the end of the request's body was told."""
    if told.one(b"transfer-encoding") is not None:
        assert told.one(b"content-length") is None
        return "chunked"
    return "none" if told.one(b"content-length") is None else "length"


def written(lines: tuple[str, ...]) -> Pairs:
    """Header lines of a table as pairs."""
    split = (one.encode("latin-1").partition(b":") for one in lines)
    return [(name, value.strip(b" \t")) for name, _, value in split]

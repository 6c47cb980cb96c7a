"""Heads of requests: what goes upstream is the very request that came, less what must not go on."""

import asyncio

from dev.fuzz import strict
from dev.fuzz.cutting import cuts
from router.core.headers import Sorted, sort_out
from router.core.model import Limits
from router.core.onward import upstream_head
from router.core.problems import Problem
from router.core.targets import Target, read_target
from router.edge.client.familiar import Familiar
from router.edge.client.heads import BadRequest, HeadReader, Message

OURS = (
    (b"X-Forwarded-For", b"192.0.2.1"),
    (b"Via", b"1.1 strangler"),
    (b"X-Request-ID", b"0123456789abcdef"),
    (b"X-User-Id", b"user-1"),
)
LINES = b"".join(b"%b: %b\r\n" % pair for pair in OURS)
REFUSALS = frozenset({400, 405, 414, 417, 431, 501, 505, 508})
HOP = frozenset(
    b"connection keep-alive proxy-connection proxy-authenticate proxy-authorization te"
    b" transfer-encoding upgrade http2-settings expect".split()
)
"""Never sent on as they came; some are said anew."""
IDENTITY = frozenset(
    b"x-user-id x-user-role x-forwarded-for x-forwarded-proto x-forwarded-host x-forwarded-port"
    b" x-real-ip forwarded x-request-id traceparent".split()
)
"""What only the router may say."""
READER = HeadReader(asyncio.new_event_loop(), Limits())
FAMILIAR = Familiar(READER, Limits())


def check(data: bytes) -> None:
    """Read a head in one piece and in several, refuse it well, or send on what it says."""
    end = data.find(b"\r\n\r\n")
    raw = data if end < 0 else data[: end + 4]
    message = read(raw) if end >= 0 else None
    if message is None:
        return
    for pieces in cuts(raw):
        look_at_parts(pieces)
    asked = strict.request(raw)
    assert [message.method.encode(), message.target.encode()] == asked.start[:2]
    head, target = sort_out(message.block, version=message.version), target_of(message)
    if isinstance(head, Problem) or isinstance(target, Problem):
        for refused in (head, target):
            assert not isinstance(refused, Problem) or refused.status in REFUSALS, refused
        return
    assert message.has_body == head.has_body, "a body that only one of two sees"
    check_stay(message, head, asked)
    check_again(raw, head, target)
    for upgrade in {False, may_upgrade(head)}:
        sent = upstream_head(raw, message.method, target, head, (LINES,), upgrade=upgrade)
        check_sent(sent, asked, target, head, upgrade=upgrade)


def check_again(raw: bytes, head: Sorted, target: Target) -> None:
    """The second time the same goes on as the first, whatever came before."""
    for _ in range(2):
        message = FAMILIAR.read(raw)
        again = message.head
        assert isinstance(again, Sorted)
        sent = upstream_head(raw, message.method, target, again, (LINES,), token=message.token)
        assert sent == upstream_head(raw, message.method, target, head, (LINES,))


def read(raw: bytes) -> Message | None:
    """The message, or None where it was refused as it should be."""
    try:
        return READER.read(raw)
    except BadRequest as bad:
        problem = bad.problem
    assert problem.status in REFUSALS, problem
    return None


def look_at_parts(pieces: list[bytes]) -> None:
    """A head that is good as a whole is not given up while it comes."""
    come, searched = b"", 0
    for piece in pieces[:-1]:
        come += piece
        if come.find(b"\r\n\r\n") < 0 and come not in {b"", b"\r"}:
            READER.check_part(come, since=searched)
            searched = max(0, len(come) - 3)


def target_of(message: Message) -> Target | Problem:
    """What the request line asks for."""
    return read_target(message.method, message.target)


def may_upgrade(head: Sorted) -> bool:
    """As a route that allows upgrades decides it, roughly."""
    return bool(head.upgrade) and b"upgrade" in head.named and not head.has_body


def check_stay(message: Message, head: Sorted, asked: strict.Message) -> None:
    """No connection is kept whose client says that it will not (RFC 9112 9.3)."""
    options = asked.members(b"connection")
    if message.stays and b"close" not in head.named:
        assert b"close" not in options
        assert asked.start[2] == b"HTTP/1.1" or b"keep-alive" in options


def check_sent(
    sent: bytes, asked: strict.Message, target: Target, head: Sorted, *, upgrade: bool
) -> None:
    """One message, whole, that says what was asked, then what the router says."""
    got = strict.request(sent)
    assert got.rest == b"", "more than one head"
    assert got.start == [asked.start[0], target.raw.encode(), b"HTTP/1.1"]
    assert got.fields == [*kept(asked, target, head), *OURS, *said_anew(head, upgrade=upgrade)]
    assert len(got.all(b"host")) == 1
    assert strict.length_of(got) == (None if head.chunked else head.content_length)


def kept(asked: strict.Message, target: Target, head: Sorted) -> strict.Fields:
    """The fields of the client that go on, in order, by the letter of RFC 9110 7.6.1."""
    gone = HOP | frozenset(asked.members(b"connection"))
    if target.authority is not None:
        gone |= {b"host"}
    fields = [
        pair
        for pair in asked.fields
        if pair[0].lower() not in gone and pair[0].lower().replace(b"_", b"-") not in IDENTITY
    ]
    if asked.start[0] == b"OPTIONS" and head.max_forwards is not None:
        fields = [one_hop_less(pair, head.max_forwards) for pair in fields]
    if target.authority is not None:
        return [(b"Host", target.authority.encode()), *fields]
    return fields if head.host is not None else [(b"Host", b""), *fields]


def one_hop_less(pair: tuple[bytes, bytes], left: int) -> tuple[bytes, bytes]:
    """A `Max-Forwards` counted down."""
    return (pair[0], b"%d" % (left - 1)) if pair[0].lower() == b"max-forwards" else pair


def said_anew(head: Sorted, *, upgrade: bool) -> strict.Fields:
    """What the router says of its own connection."""
    said: strict.Fields = [(b"Transfer-Encoding", b"chunked")] * head.chunked
    said += [(b"Expect", b"100-continue")] * (head.expects_continue and head.has_body)
    if upgrade:
        return [*said, (b"Connection", b"Upgrade"), (b"Upgrade", head.upgrade or b"")]
    return [*said, *[(b"Connection", b"TE"), (b"TE", b"trailers")] * head.trailers]


SEEDS = (
    b"GET /fitness/wod?a=b HTTP/1.1\r\nHost: fit.example:8080\r\nAccept: */*\r\n\r\n",
    b"POST http://a/b HTTP/1.1\r\nHost: c\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n",
    b"PUT /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTE: trailers, gzip\r\n\r\n",
    b"GET /w HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, X-Y\r\nUpgrade: websocket\r\n"
    b"X-Y: 1\r\n\r\n",
    b"OPTIONS * HTTP/1.1\r\nHost: a\r\nMax-Forwards: 5\r\nVia: 1.1 strange\r\n\r\n",
    b"GET / HTTP/1.0\r\nConnection: keep-alive\r\nX-User-Id: me\r\nX_Forwarded-For: me\r\n\r\n",
    b"DELETE /a HTTP/1.1\r\nHost: [::1]:1\r\nX-Request-ID: a-b_c\r\ntraceparent: 00-"
    b"0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\nCookie: a=b\r\ncookie:\tc \r\n\r\n",
    b"TRACE / HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer a.b.c\r\n\r\n",
    b"CONNECT \r\n\r\n",  # broke once
)

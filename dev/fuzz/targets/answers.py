"""Heads of answers: what the client gets is the very head that came, framed in one way only."""

from dev.fuzz import strict
from router.core.answers import BadHead, Head, read_head
from router.core.framing import Framing
from router.core.onward import client_head, interim_head

HOP = frozenset(
    b"connection keep-alive proxy-connection proxy-authenticate proxy-authorization te"
    b" transfer-encoding upgrade http2-settings".split()
)
METHODS = ("GET", "HEAD")
BODILESS = frozenset({b"204", b"304"})


def check(data: bytes) -> None:
    """Read the head as the answer to GET and to HEAD, refuse it, or send it on."""
    end = data.find(b"\r\n\r\n")
    if end < 0:
        return
    raw = data[: end + 4]
    for method in METHODS:
        try:
            head = read_head(method, raw)
        except BadHead:
            continue
        asked = strict.answer(raw)
        check_framing(method, head, asked)
        check_sent(head, asked)


def check_framing(method: str, head: Head, asked: strict.Message) -> None:
    """The end of the body is known as RFC 9112 6.3 has it."""
    status = asked.start[1]
    assert head.status == int(status)
    length = strict.length_of(asked)  # none of two, whatever the status
    if method == "HEAD" or status[:1] == b"1" or status in BODILESS:
        assert head.framing is Framing.NONE
    elif asked.all(b"transfer-encoding"):
        assert head.framing is Framing.CHUNKED
        assert asked.start[0] == b"HTTP/1.1"
    elif length is not None:
        assert (head.framing, head.length) == (Framing.LENGTH, length)
    else:
        assert head.framing is Framing.EOF
    options = asked.members(b"connection")
    if head.keep_alive:
        assert head.framing is not Framing.EOF
        assert b"close" not in options
        assert asked.start[0] == b"HTTP/1.1" or b"keep-alive" in options


def check_sent(head: Head, asked: strict.Message) -> None:
    """One head, whole, with the fields that were the upstream's to say."""
    if head.status < 200:
        got = strict.answer(interim_head(head))
        assert (got.fields, got.rest) == (kept(head, asked), b"")
        return
    for http_1_0 in (False, True):
        for close in (False, True):
            sent = client_head(head, http_1_0=http_1_0, close=close, extra=b"Date: now\r\n")
            got = strict.answer(sent)
            assert got.start[1:] == asked.start[1:]
            said = said_anew(head, http_1_0=http_1_0, close=close)
            assert (got.fields, got.rest) == ([*kept(head, asked), (b"Date", b"now"), *said], b"")


def kept(head: Head, asked: strict.Message) -> strict.Fields:
    """The fields that go on, in order."""
    gone = HOP | (frozenset(asked.members(b"connection")) - {b"content-length"})
    if head.status < 200 or head.status == 204:
        gone |= {b"content-length"}
    return [pair for pair in asked.fields if pair[0].lower() not in gone]


def said_anew(head: Head, *, http_1_0: bool, close: bool) -> strict.Fields:
    """What the router says of the client's connection."""
    said: strict.Fields = []
    if close or http_1_0:
        said.append((b"Connection", b"close" if close else b"keep-alive"))
    if not http_1_0 and head.framing in {Framing.CHUNKED, Framing.EOF}:
        said.append((b"Transfer-Encoding", b"chunked"))
    return said


SEEDS = (
    b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Type: text/event-stream\r\n\r\n",
    b"HTTP/1.1 200 \r\nTransfer-Encoding: chunked\r\nDate: now\r\nSet-Cookie: a\r\n"
    b"set-cookie:b\r\n\r\n",
    b"HTTP/1.0 304 Not Modified\r\nConnection: keep-alive, X-Y\r\nX-Y: \x80\r\n"
    b"Content-Length: 7\r\n\r\n",
    b"HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
    b"HTTP/1.1 103 Early Hints\r\nLink: <a>\r\n\r\n",
    b"HTTP/1.1 503 No\r\nRetry-After: 1\r\nConnection: close, Content-Length\r\n\r\n",
    b"HTTP/1.1 204\r\nContent-Length: 0\r\n\r\n",
)

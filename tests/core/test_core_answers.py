"""The head of an upstream's answer: framing that two readers could read differently is refused."""

import pytest

from router.core.answers import BadHead, Framing, Head, client_head, read_head
from router.core.headers import Pair


def head(*pairs: Pair, method: str = "GET", version: str = "1.1", status: int = 200) -> Head:
    """The head of an answer with these fields."""
    return read_head(method, version, status, b"OK", list(pairs))


LENGTH, CHUNKED = (b"Content-Length", b"5"), (b"Transfer-Encoding", b"chunked")

FRAMED = [
    ((LENGTH,), {}, Framing.LENGTH, 5),
    (((b"content-length", b"0"),), {}, Framing.LENGTH, 0),
    ((CHUNKED,), {}, Framing.CHUNKED, None),
    (((b"TRANSFER-ENCODING", b"Chunked"),), {}, Framing.CHUNKED, None),
    ((), {}, Framing.EOF, None),
    ((LENGTH,), {"method": "HEAD"}, Framing.NONE, None),
    ((CHUNKED,), {"method": "HEAD"}, Framing.NONE, None),
    ((), {"method": "HEAD"}, Framing.NONE, None),
    ((), {"status": 204}, Framing.NONE, None),
    ((LENGTH,), {"status": 304}, Framing.NONE, None),
    ((), {"version": "1.0"}, Framing.EOF, None),
    ((LENGTH,), {"version": "1.0"}, Framing.LENGTH, 5),
]


@pytest.mark.parametrize(("pairs", "fields", "framing", "length"), FRAMED, ids=repr)
def test_framing(
    pairs: tuple[Pair, ...], fields: dict[str, str], framing: Framing, length: int | None
) -> None:
    """How the end of the body is known (RFC 9112 6.3)."""
    found = head(*pairs, **fields)  # type: ignore[arg-type]
    assert (found.framing, found.length) == (framing, length)


REFUSED = [
    ((), {"status": 99}),
    ((), {"status": 100}),
    ((), {"status": 101}),
    ((), {"status": 600}),
    ((), {"status": 1000}),
    ((), {"version": "0.9"}),
    ((), {"version": "2.0"}),
    ((LENGTH, LENGTH), {}),
    ((LENGTH, (b"content-length", b"6")), {}),
    (((b"Content-Length", b"5, 5"),), {}),
    (((b"Content-Length", b"-5"),), {}),
    (((b"Content-Length", b"+5"),), {}),
    (((b"Content-Length", b"5 "),), {}),
    (((b"Content-Length", b""),), {}),
    (((b"Content-Length", b"9" * 19),), {}),
    ((LENGTH, CHUNKED), {}),
    ((CHUNKED, CHUNKED), {}),
    (((b"Transfer-Encoding", b"gzip"),), {}),
    (((b"Transfer-Encoding", b"gzip, chunked"),), {}),
    (((b"Transfer-Encoding", b"identity"),), {}),
    (((b"Transfer-Encoding", b""),), {}),
    ((CHUNKED,), {"version": "1.0"}),
    (((b"X", b"a\0b"),), {}),
    (((b"X", b"a\rb"),), {}),
    (((b"X", b"a\n b"),), {}),
    ((LENGTH, LENGTH), {"method": "HEAD"}),
    ((LENGTH, CHUNKED), {"status": 304}),
]


@pytest.mark.parametrize(("pairs", "fields"), REFUSED, ids=repr)
def test_what_cannot_be_trusted_is_refused(pairs: tuple[Pair, ...], fields: dict[str, str]) -> None:
    """It is a `protocol` failure and never passed on."""
    with pytest.raises(BadHead):
        head(*pairs, **fields)  # type: ignore[arg-type]


def test_fields_go_on_as_they_came() -> None:
    """Several Set-Cookie, order, case, empty values and bytes above ASCII; hop-by-hop does not."""
    kept = [
        (b"set-COOKIE", b"a=1"), (b"Set-Cookie", b"b=2"), (b"X-Empty", b""), (b"X", b"caf\xe9"),
        LENGTH, (b"Content-Encoding", b"br"),
    ]  # fmt: skip
    hops = [
        (b"Connection", b"keep-alive, X-Hop"), (b"x-hop", b"1"), (b"Keep-Alive", b"timeout=5"),
        (b"Upgrade", b"h2c"), (b"Trailer", b"X-Sum"), (b"Proxy-Authenticate", b"Basic"),
    ]  # fmt: skip
    assert list(head(*kept, *hops).pairs) == kept


def test_connection_cannot_take_the_length_away() -> None:
    """Else the client would wait for the end of a body that it cannot know."""
    found = head((b"Connection", b"Content-Length"), LENGTH)
    assert LENGTH in found.pairs


KEPT = [
    ((LENGTH,), "1.1", True),
    ((LENGTH, (b"Connection", b"close")), "1.1", False),
    ((LENGTH, (b"Connection", b"x, CLOSE")), "1.1", False),
    ((LENGTH,), "1.0", False),
    ((LENGTH, (b"Connection", b"Keep-Alive")), "1.0", True),
    ((), "1.1", False),
]


@pytest.mark.parametrize(("pairs", "version", "is_kept"), KEPT, ids=repr)
def test_whether_the_connection_can_be_kept(
    pairs: tuple[Pair, ...], version: str, is_kept: bool
) -> None:
    """Not if either side says so, nor where the end of the body is the end of the connection."""
    assert head(*pairs, version=version).keep_alive is is_kept


def test_what_else_is_noted() -> None:
    """Retry-After makes an overload, an event stream commits at its head."""
    assert head((b"Retry-After", b"1")).retry_after
    assert head((b"Content-Type", b"Text/Event-Stream; charset=utf-8")).event_stream
    assert not head((b"Content-Type", b"text/html")).event_stream


CLIENTS = [
    (head(LENGTH), False, False, b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"),
    (head(CHUNKED), False, False, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"),
    (head(), False, False, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"),
    (head(), True, True, b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"),
    (
        head(LENGTH),
        True,
        False,
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: keep-alive\r\n\r\n",
    ),
    (head(status=204), False, False, b"HTTP/1.1 204 OK\r\n\r\n"),
    (head(LENGTH, method="HEAD"), False, False, b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"),
]


@pytest.mark.parametrize(("found", "http_1_0", "close", "wire"), CLIENTS, ids=repr)
def test_the_clients_head(found: Head, http_1_0: bool, close: bool, wire: bytes) -> None:
    """Framing as the client's version allows; the rest as it came."""
    assert client_head(found, http_1_0=http_1_0, close=close) == wire


def test_what_we_add_comes_after_what_came() -> None:
    """Debug headers, for instance."""
    wire = client_head(head(LENGTH), http_1_0=False, close=False, extra=b"X-Served-By: coach\r\n")
    assert wire.endswith(b"Content-Length: 5\r\nX-Served-By: coach\r\n\r\n")

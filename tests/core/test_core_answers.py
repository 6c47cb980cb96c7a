"""The head of an upstream's answer: framing that two readers could read differently is refused."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from router.core.answers import (
    KNOWN,
    LONGEST_KNOWN,
    MAX_FIELDS,
    MAX_HEAD,
    MOST_KNOWN,
    BadHead,
    Head,
    read_head,
)
from router.core.fields import FIELD, VALUE, Pair
from router.core.framing import Chunked, Counted, Framing, UntilClosed
from router.core.onward import client_head, interim_head, switching_head
from tests.core.blocks import block_of, pairs_of


def raw_head(*pairs: Pair, version: str = "1.1", status: int | str = 200) -> bytes:
    """The head of an answer as it comes."""
    return f"HTTP/{version} {status} OK".encode() + block_of(*pairs) + b"\r\n\r\n"


def head(*pairs: Pair, method: str = "GET", version: str = "1.1", status: int | str = 200) -> Head:
    """The head of an answer with these fields."""
    return read_head(method, raw_head(*pairs, version=version, status=status))


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
    (((b"Content-Length", b" 5\t"),), {}, Framing.LENGTH, 5),
    ((), {"status": 100}, Framing.NONE, None),
    ((), {"status": 101}, Framing.NONE, None),
    ((LENGTH,), {"status": 204}, Framing.NONE, None),
    ((CHUNKED,), {"status": 304}, Framing.NONE, None),
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
    ((), {"status": "099"}),
    ((), {"status": 600}),
    ((), {"status": 999}),
    ((), {"status": 1000}),
    ((), {"status": "2_0"}),
    ((), {"status": "+20"}),
    ((), {"status": " 200"}),
    ((), {"status": "20\u00b2"}),
    ((), {"status": "OK"}),
    ((), {"version": "1.2"}),
    ((), {"version": "1.1 "}),
    ((), {"version": "01.1"}),
    ((), {"version": "0.9"}),
    ((), {"version": "2.0"}),
    ((LENGTH, LENGTH), {}),
    ((LENGTH, (b"content-length", b"6")), {}),
    (((b"Content-Length", b"5, 5"),), {}),
    (((b"Content-Length", b"-5"),), {}),
    (((b"Content-Length", b"+5"),), {}),
    (((b"Content-Length", b"5 x"),), {}),
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
    (((b"X", b"a\nb"),), {}),
    (((b"X", b"a\r\n b"),), {}),
    (((b"X", b"a\r\n\tb: c"),), {}),
    (((b"X", b"a\x01b"),), {}),
    (((b"X", b"a\x7fb"),), {}),
    (((b"X\0", b"a"),), {}),
    (((b"X ", b"a"),), {}),
    (((b"X\t", b"a"),), {}),
    (((b" X", b"a"),), {}),
    (((b"X Y", b"a"),), {}),
    (((b"X\xe9", b"a"),), {}),
    (((b"", b"a"),), {}),
    (((b"X", b"a"),) * (MAX_FIELDS + 1), {}),
    (((b"X", b"a" * MAX_HEAD),), {}),
    ((LENGTH, LENGTH), {"method": "HEAD"}),
    ((LENGTH, CHUNKED), {"status": 304}),
]


@pytest.mark.parametrize(("pairs", "fields"), REFUSED, ids=repr)
def test_what_cannot_be_trusted_is_refused(pairs: tuple[Pair, ...], fields: dict[str, str]) -> None:
    """It is a `protocol` failure and never passed on."""
    with pytest.raises(BadHead):
        head(*pairs, **fields)  # type: ignore[arg-type]


RAW = [
    b"HTTP/1.1 200 OK\r\nFoo\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Length\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nA: 1\r\nFoo\r\nB: 2\r\n\r\n",
    b"HTTP/1.1 200 OK\r\n: x\r\n\r\n",
    b"HTTP/1.1 200 OK\r\n:\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nA: 1\r\n\r\nB: 2\r\n\r\n",
    b"HTTP/1.1 200 OK\r\n folded\r\n\r\n",
    b"HTTP/1.1 200 OK\nA: 1\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nA: 1\nB: 2\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nA: 1\rB: 2\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nA: 1\r\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nA: 1\rx\nB: 2\r\n\r\n",
    b"HTTP/1.1 200 OK\r\r\n\r\n",
    b"HTTP/1.1 204\rContent-Length: 0\r\n\r\n",
    b"HTTP/1.1 200\r\r\n\r\n",
    b"HTTP/1.1 200 O\0K\r\n\r\n",
    b"HTTP/1.1 200 O\x1bK\r\n\r\n",
    b"HTTP/1.1 200\tOK\r\n\r\n",
    b"HTTP/1.1 200OK\r\n\r\n",
    b"HTTP/1.1 20 OK\r\n\r\n",
    b"HTTP/1.1 20\r\n\r\n",
    b"HTTP/1.1  200 OK\r\n\r\n",
    b"HTTP/1.1\t200 OK\r\n\r\n",
    b"HTTP/1.1\r\n\r\n",
    b"http/1.1 200 OK\r\n\r\n",
    b" HTTP/1.1 200 OK\r\n\r\n",
    b"\r\nHTTP/1.1 200 OK\r\n\r\n",
    b"ICY 200 OK\r\n\r\n",
    b"<html>\r\n\r\n",
    b"\r\n\r\n",
]


@pytest.mark.parametrize("raw", RAW, ids=repr)
def test_what_is_no_head_is_refused(raw: bytes) -> None:
    """Lines without a colon or a name, bare CR and LF, controls, a status line that is none."""
    with pytest.raises(BadHead):
        read_head("GET", raw)


def test_as_much_as_is_allowed_is_taken() -> None:
    """The bounds themselves are inside."""
    assert len(pairs_of(head(*[(b"X", b"a")] * MAX_FIELDS).block)) == MAX_FIELDS
    filling = b"a" * (MAX_HEAD - len(raw_head((b"X", b""))))
    assert pairs_of(head((b"X", filling)).block) == [(b"X", filling)]


@pytest.mark.parametrize("line", [b"HTTP/1.1 200", b"HTTP/1.1 200 "], ids=repr)
def test_a_reason_may_be_missing(line: bytes) -> None:
    """Many leave it out, some with the blank before it (RFC 9112 4)."""
    found = read_head("GET", line + b"\r\nContent-Length: 0\r\n\r\n")
    assert (found.status, found.reason) == (200, b"")
    assert found.block == b"\r\nContent-Length: 0"


pieces = st.sampled_from(
    [b"\r\n", b"\r", b"\n", b":", b" ", b"\t", b"A", b"A: 1\r\n", b"Content-Length: 5\r\n",
     b"Transfer-Encoding: chunked\r\n", b"Connection: a, content-length\r\n", b"\0", b"\x7f"]
)  # fmt: skip
texts = st.lists(pieces | st.binary(max_size=3), max_size=8).map(b"".join)


@given(texts)
@example(b"\r\n: x")
@example(b"\r\nA")
def test_what_is_taken_can_be_read_in_one_way_only(text: bytes) -> None:
    """Whatever comes behind the status: each line that goes on is a field, or all is refused."""
    try:
        found = read_head("GET", b"HTTP/1.1 200 OK" + text + b"\r\n\r\n")
    except BadHead:
        return
    first, *lines = found.block.split(b"\r\n")
    assert first == b""
    assert all(FIELD.fullmatch(line) for line in lines)
    assert re.fullmatch(VALUE, found.reason)


def test_fields_go_on_as_they_came() -> None:
    """Several Set-Cookie, order, case, empty values and bytes above ASCII; hop-by-hop does not."""
    kept = [
        (b"set-COOKIE", b"a=1"), (b"Set-Cookie", b"b=2"), (b"X-Empty", b""), (b"X", b"caf\xe9"),
        LENGTH, (b"Content-Encoding", b"br"), (b"Trailer", b"X-Sum"),
    ]  # fmt: skip
    hops = [
        (b"Connection", b"keep-alive, X-Hop"), (b"x-hop", b"1"), (b"Keep-Alive", b"timeout=5"),
        (b"Upgrade", b"h2c"), (b"Proxy-Authenticate", b"Basic"),
    ]  # fmt: skip
    assert head(*kept, *hops).block == block_of(*kept)


def test_lines_go_on_byte_for_byte() -> None:
    """Blanks around a value too."""
    block = b"\r\nX:a\r\nY: \t b \r\nContent-Length:5"
    assert read_head("GET", b"HTTP/1.1 200 OK" + block + b"\r\n\r\n").block == block


def test_connection_cannot_take_the_length_away() -> None:
    """Else the client would wait for the end of a body that it cannot know."""
    found = head((b"Connection", b"Content-Length"), LENGTH)
    assert LENGTH in pairs_of(found.block)


@pytest.mark.parametrize("status", [101, 204])
def test_what_can_have_no_body_says_no_length(status: int) -> None:
    """RFC 9110 8.6."""
    assert head((b"X", b"1"), LENGTH, status=status).block == block_of((b"X", b"1"))


KEPT = [
    ((LENGTH,), "1.1", True),
    ((LENGTH, (b"Connection", b"close")), "1.1", False),
    ((LENGTH, (b"Connection", b"x, CLOSE")), "1.1", False),
    ((LENGTH,), "1.0", False),
    ((LENGTH, (b"Connection", b"Keep-Alive")), "1.0", True),
    ((LENGTH, (b"Connection", b"keep-alive, close")), "1.0", False),
    ((CHUNKED,), "1.1", True),
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


def test_only_a_switch_says_to_what() -> None:
    """Anywhere else, Upgrade is an offer to us alone."""
    upgrade = (b"Upgrade", b"websocket")
    assert head(upgrade, status=101).upgrade == b"websocket"
    assert head(status=101).upgrade is None
    assert head(upgrade, status=426).upgrade is None


READERS = [(head(LENGTH), Counted), (head(CHUNKED), Chunked), (head(), UntilClosed)]


@pytest.mark.parametrize(("found", "reader"), READERS, ids=repr)
def test_each_framing_has_its_reader(found: Head, reader: type) -> None:
    """Of the body that follows the head."""
    assert type(found.reader()) is reader
    assert not found.has_no_body


def test_where_the_head_is_all() -> None:
    """By the method, by the status, or because the length is none."""
    for found in (head(LENGTH, method="HEAD"), head(status=204), head((b"Content-Length", b"0"))):
        assert found.has_no_body


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


def test_interim_and_switching_heads() -> None:
    """A 1xx goes on with its fields; a 101 says again what we took out as this hop's."""
    early = head((b"Link", b"</a>"), (b"Connection", b"x"), status=103)
    assert interim_head(early) == b"HTTP/1.1 103 OK\r\nLink: </a>\r\n\r\n"
    switch = head((b"X", b"1"), (b"Connection", b"Upgrade"), (b"Upgrade", b"a/1"), status=101)
    assert switching_head(switch) == (
        b"HTTP/1.1 101 OK\r\nX: 1\r\nConnection: Upgrade\r\nUpgrade: a/1\r\n\r\n"
    )


def test_a_head_that_came_before_is_read_as_the_first_time() -> None:
    """That of an answer to a HEAD apart: no body follows it."""
    raw = raw_head((b"Content-Length", b"5"), (b"X", b"1"))
    first = read_head("GET", raw)
    second = read_head("GET", raw)
    assert read_head("HEAD", raw).has_no_body
    assert read_head("POST", raw) is second
    assert second.begin == first.begin
    assert not read_head("GET", raw).has_no_body


def test_what_is_remembered_of_answers_is_bounded_and_tells_no_session() -> None:
    """Neither in number nor in size can an upstream make it grow."""
    for number in range(3 * MOST_KNOWN):
        raw = raw_head((b"X-Number", b"%d" % number))
        read_head("GET", raw)
        assert raw not in KNOWN  # it came but once
        assert read_head("GET", raw) is read_head("GET", raw)
        assert len(KNOWN) <= MOST_KNOWN
    long = raw_head((b"X-Long", LONGEST_KNOWN * b"a"))
    session = raw_head((b"SET-Cookie", b"s=1"))
    for raw in (long, session):
        read_head("GET", raw)
        assert read_head("GET", raw) is not read_head("GET", raw)
        assert raw not in KNOWN

"""The head of an upstream's answer: what is refused as bad framing, what goes on to the client.

The head is read as strictly as RFC 9112 has it, not by a lenient parser: an answer that two
readers could read differently is a failure of the upstream, and is answered by legacy.
"""

from dataclasses import dataclass
from typing import Final

from router.core.fields import (
    HOP_BY_HOP,
    Look,
    Looks,
    drop,
    sift,
    tokens,
    without,
)
from router.core.framing import BodyReader, Chunked, Counted, Framing, UntilClosed

MAX_HEAD = 64 * 1024
"""Bytes of an answer's head that are read before it counts as `protocol`."""

MAX_FIELDS = 200

MAX_INTERIM = 32
"""How many 1xx answers may come before the final one."""

HARMLESS: Final = HOP_BY_HOP | {b"close"}
"""Options of `Connection` that name no field which would have gone on."""

START: Final = b"HTTP/1."
BEHIND_CODE: Final = frozenset({b" ", b"\r"})
VERSIONS: Final = {b"HTTP/1.1 ": True, b"HTTP/1.0 ": False}
ALLOWED: Final = bytes({ord("\t"), *range(0x20, 0x7F), *range(0x80, 0x100)})
"""What may stand in a status line and in field lines (RFC 9112 4, 5; RFC 9110 5.5): no control."""

SWITCHING = 101
NEVER_BODY: Final = frozenset({204, 304})

# Looked up at each answer, and an enum's members cost a call.
NONE, LENGTH, CHUNKED, EOF = Framing.NONE, Framing.LENGTH, Framing.CHUNKED, Framing.EOF


@dataclass(slots=True)
class Head:
    """The head of an answer, checked.

    `block` is its end-to-end fields as they came, the line end before each. `length` is declared,
    of a body that comes. `upgrade` is what a 101 switches to, `dated` whether it says when it was
    made. `reader` makes a reader for the body.
    """

    status: int
    reason: bytes
    block: bytes
    framing: Framing
    length: int | None = None
    keep_alive: bool = True
    retry_after: bool = False
    event_stream: bool = False
    upgrade: bytes | None = None
    dated: bool = True

    @property
    def has_no_body(self) -> bool:
        """Whether the answer ends with this head."""
        return self.framing is NONE or self.length == 0

    def reader(self) -> BodyReader:
        """A reader for the body that follows this head."""
        if self.framing is LENGTH:
            return Counted(self.length or 0)
        return Chunked() if self.framing is CHUNKED else UntilClosed()


class BadHead(ValueError):
    """The upstream's head cannot be trusted: what is wrong with it, in words."""


class Seen:
    """The values of those fields that are looked at; None where a field is not there."""

    connection: frozenset[bytes] = frozenset()
    length: bytes | None = None
    encoding: bytes | None = None
    upgrade: bytes | None = None
    retry_after: bool = False
    event_stream: bool = False
    dated: bool = False


def read_head(method: str, raw: bytes) -> Head:
    """The answer's head, or `BadHead` if it could be read in two ways.

    *raw* is all of it, to the empty line. *method* is the request's, since HEAD has no body
    whatever the head says.
    """
    is_1_1, code = VERSIONS.get(raw[:9]), raw[9:12]
    if is_1_1 is None or not code.isdigit() or raw[12:13] not in BEHIND_CODE or not is_lines(raw):
        raise BadHead("not the head of an HTTP/1 answer")
    end = raw.index(b"\r\n")
    reason, block = raw[13:end], raw[end:-4]
    status, seen = int(code), Seen()
    if not 100 <= status <= 599:
        raise BadHead("a status that is none")
    try:
        block = sift(block, LOOKS, seen)
    except ValueError as error:
        raise BadHead(str(error)) from None
    framing, length = framing_of(method, status, is_1_1, seen)
    if status < 200 or status == 204:  # they say no length (RFC 9110 8.6)
        block = without(block, {b"content-length"})
    named = seen.connection
    if not named <= HARMLESS:
        block = without(block, named)
    keeps = b"close" not in named and (is_1_1 or b"keep-alive" in named)
    return Head(
        status,
        reason,
        block,
        framing,
        length,
        keeps and framing is not EOF,
        seen.retry_after,
        seen.event_stream,
        seen.upgrade if status == SWITCHING else None,
        seen.dated,
    )


def is_lines(raw: bytes) -> bool:
    """Whether *raw* is lines that end in CR LF, not too many, with no other control in them."""
    ends = raw.translate(None, ALLOWED)
    count = raw.count(b"\r\n")
    return len(raw) <= MAX_HEAD and count <= MAX_FIELDS + 2 and ends == b"\r\n" * count


def see_length(seen: Seen, value: bytes) -> bool:
    """A Content-Length that is there once and is a number."""
    if seen.length is not None:
        raise BadHead("more than one length")
    if not value.isdigit() or len(value) > 18:
        raise BadHead("a Content-Length that is no number")
    seen.length = value
    return True


def see_encoding(seen: Seen, value: bytes) -> bool:
    """The one Transfer-Encoding there is; it is this hop's."""
    if seen.encoding is not None or value.lower() != b"chunked":
        raise BadHead("an unknown Transfer-Encoding")
    seen.encoding = value
    return False


def see_connection(seen: Seen, value: bytes) -> bool:
    """Whether the connection stays, and which further fields were for this hop only."""
    seen.connection |= tokens(value) - {b"content-length"}
    return False


def see_upgrade(seen: Seen, value: bytes) -> bool:
    """What a 101 switches to; where two are named, to none that could be told."""
    seen.upgrade = value if seen.upgrade is None else b""
    return False


def see_date(seen: Seen, _: bytes) -> bool:
    """That the answer says when it was made."""
    seen.dated = True
    return True


def see_type(seen: Seen, value: bytes) -> bool:
    """Whether the body is a stream of events, which is never held."""
    seen.event_stream = value[:17].lower() == b"text/event-stream"
    return True


def see_retry_after(seen: Seen, _: bytes) -> bool:
    """That the upstream asks for patience."""
    seen.retry_after = True
    return True


LOOKED_AT: Final[dict[bytes, Look]] = {
    b"content-length": see_length,
    b"transfer-encoding": see_encoding,
    b"connection": see_connection,
    b"upgrade": see_upgrade,
    b"content-type": see_type,
    b"date": see_date,
    b"retry-after": see_retry_after,
}
LOOKS: Final = Looks(lambda name: LOOKED_AT.get(name, drop if name in HOP_BY_HOP else None))


def framing_of(method: str, status: int, is_1_1: bool, seen: Seen) -> tuple[Framing, int | None]:
    """How the body ends (RFC 9112 6.3), and its length where that is declared."""
    if seen.encoding is not None and (seen.length is not None or not is_1_1):
        raise BadHead("more than one length, or a Transfer-Encoding in HTTP/1.0")
    if method == "HEAD" or status < 200 or status in NEVER_BODY:
        return NONE, None
    if seen.length is not None:
        return LENGTH, int(seen.length)
    return (EOF, None) if seen.encoding is None else (CHUNKED, None)


def client_head(head: Head, *, http_1_0: bool, close: bool, extra: bytes = b"") -> bytes:
    """The head as the client gets it: fields as they came, framing as its HTTP version allows."""
    if close:
        extra += b"Connection: close\r\n"
    elif http_1_0:
        extra += b"Connection: keep-alive\r\n"
    if not http_1_0 and head.framing in UNSIZED:
        extra += b"Transfer-Encoding: chunked\r\n"
    return b"HTTP/1.1 %d %b%b\r\n%b\r\n" % (head.status, head.reason, head.block, extra)


UNSIZED: Final = frozenset({CHUNKED, EOF})
"""Bodies that go to a client in chunks, or until the connection's end where it knows no chunks."""


def interim_head(head: Head) -> bytes:
    """A 1xx answer as the client gets it."""
    return b"HTTP/1.1 %d %b%b\r\n\r\n" % (head.status, head.reason, head.block)


def switching_head(head: Head) -> bytes:
    """A 101 as the client gets it: what follows is no longer HTTP (RFC 9110 7.8)."""
    return b"HTTP/1.1 101 %b%b\r\nConnection: Upgrade\r\nUpgrade: %b\r\n\r\n" % (
        head.reason,
        head.block,
        head.upgrade or b"",
    )

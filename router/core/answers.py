"""The head of an upstream's answer: what is refused as bad framing, what is told by the rest.

The head is read as strictly as RFC 9112 has it, not by a lenient parser: an answer that two
readers could read differently is a failure of the upstream, and is answered by legacy.
"""

from functools import lru_cache
from typing import Final

from router.core.fields import (
    HOP_BY_HOP,
    Look,
    Looks,
    drop,
    has_control,
    sift,
    tells_secrets,
    tokens,
    without,
)
from router.core.framing import BodyReader, Chunked, Counted, Framing, UntilClosed
from router.core.sightings import Sightings

MAX_HEAD: Final = 64 * 1024
"""Bytes of an answer's head that are read before it counts as `protocol`."""

MAX_FIELDS: Final = 200

MAX_INTERIM = 32
"""How many 1xx answers may come before the final one."""

HARMLESS: Final = HOP_BY_HOP | {b"close"}
"""Options of `Connection` that name no field which would have gone on."""

START: Final = b"HTTP/1."
BEHIND_CODE: Final = frozenset({b" ", b""})
"""What may stand behind the status: the blank before a reason, or the end of the line."""
VERSIONS: Final = {b"HTTP/1.1 ": True, b"HTTP/1.0 ": False}
NOTHING_NAMED: Final[frozenset[bytes]] = frozenset()
SWITCHING: Final = 101
NEVER_BODY: Final = frozenset({204, 304})

# Looked up at each answer, and an enum's members cost a call.
NONE: Final = Framing.NONE
LENGTH: Final = Framing.LENGTH
CHUNKED: Final = Framing.CHUNKED
EOF: Final = Framing.EOF


class Head:
    """The head of an answer, checked.

    `block` is its end-to-end fields as they came, the line end before each, and `begin` the status
    line and those fields, as a client gets them. `length` is declared,
    of a body that comes. `upgrade` is what a 101 switches to, `dated` whether it says when it was
    made, `named` what `Connection` names, which its trailers may have as well. `reader` makes a
    reader for the body.
    """

    __slots__ = (
        "begin",
        "block",
        "dated",
        "event_stream",
        "framing",
        "keep_alive",
        "length",
        "named",
        "reason",
        "retry_after",
        "status",
        "upgrade",
    )

    def __init__(
        self,
        status: int,
        reason: bytes,
        block: bytes,
        framing: Framing,
        length: int | None,
        seen: "Seen",
        keep_alive: bool,
    ) -> None:
        self.status = status
        self.reason = reason
        self.block = block
        self.begin = b"HTTP/1.1 %d %b%b\r\n" % (status, reason, block)
        self.framing = framing
        self.length = length
        self.keep_alive = keep_alive
        self.retry_after = seen.retry_after
        self.event_stream = seen.event_stream
        self.upgrade = seen.upgrade if status == SWITCHING else None
        self.dated = seen.dated
        self.named = seen.connection

    def __repr__(self) -> str:
        return f"<Head {self.status}, {self.framing}, {self.block!r}>"

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

    __slots__ = (
        "connection",
        "dated",
        "encoding",
        "event_stream",
        "length",
        "retry_after",
        "upgrade",
    )

    def __init__(self) -> None:
        self.connection = NOTHING_NAMED
        self.length: bytes | None = None
        self.encoding: bytes | None = None
        self.upgrade: bytes | None = None
        self.retry_after = False
        self.event_stream = False
        self.dated = False


MOST_KNOWN: Final = 256
LONGEST_KNOWN: Final = 1024
"""Heads that are remembered, and bytes that each may have."""

SIGHTINGS: Final = Sightings()
KNOWN: Final[dict[bytes, Head]] = {}
KNOWN_OF_HEAD: Final[dict[bytes, Head]] = {}
"""What was read in heads, those that answer a HEAD apart."""


def read_head(method: str, raw: bytes) -> Head:
    """The answer's head, or `BadHead` if it could be read in two ways.

    *raw* is all of it, to the empty line. *method* is the request's, since HEAD has no body
    whatever the head says. The busier an upstream, the more of its answers within a second have
    the very same head, so what was read in one is remembered, as in `fields.Looks`.
    """
    known = KNOWN_OF_HEAD if method == "HEAD" else KNOWN
    head = known.get(raw)
    if head is None:
        head = read_anew(method, raw)
        if len(raw) <= LONGEST_KNOWN and SIGHTINGS.again(raw):
            learn(known, raw, head)
    return head


def learn(known: dict[bytes, Head], raw: bytes, head: Head) -> None:
    """Remember what was read in *raw*, unless it tells a secret."""
    if tells_secrets(raw.split(b"\r\n")):
        return
    if len(known) >= MOST_KNOWN:
        known.clear()
    known[raw] = head


def read_anew(method: str, raw: bytes) -> Head:
    """The answer's head, as if none had been read before."""
    is_1_1, code = VERSIONS.get(raw[:9]), raw[9:12]
    end = raw.find(b"\r\n")
    line, block = raw[:end], raw[end:-4]
    is_status = code.isdigit() and line[12:13] in BEHIND_CODE
    if is_1_1 is None or not is_status or len(raw) > MAX_HEAD:
        raise BadHead("not the head of an HTTP/1 answer")
    reason, status, seen = line[13:], int(code), Seen()
    if not 100 <= status <= 599 or not is_reason(reason):
        raise BadHead("a status that is none")
    if block.count(b"\r\n") > MAX_FIELDS:
        raise BadHead("too many fields")
    try:
        block = sift(block, LOOKS, seen)
    except ValueError as error:
        raise BadHead(str(error)) from None
    framing, length = framing_of(method, status, is_1_1, seen)
    if seen.length is not None and (status < 200 or status == 204):
        block = without(block, {b"content-length"})  # they say no length (RFC 9110 8.6)
    named = seen.connection
    if not named <= HARMLESS:
        block = without(block, named)
    keeps = b"close" not in named and (is_1_1 or b"keep-alive" in named)
    return Head(status, reason, block, framing, length, seen, keeps and framing is not EOF)


@lru_cache(maxsize=64)
def is_reason(phrase: bytes) -> bool:
    """Whether a status line may say *phrase*; remembered, since nearly all say one of a few."""
    return not has_control(phrase)


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
    seen.connection |= options(value)
    return False


@lru_cache(maxsize=64)
def options(value: bytes) -> frozenset[bytes]:
    """What a `Connection` names; the length of an answer is nobody's to take away."""
    return tokens(value) - {b"content-length"}


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

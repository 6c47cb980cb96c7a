"""The head of an upstream's answer: what is refused as bad framing, what goes on to the client."""

import re
from dataclasses import dataclass
from enum import StrEnum

from router.core.headers import HOP_BY_HOP, Pair, lines, tokens

MAX_HEAD = 64 * 1024
"""Bytes of an answer's head that are read before it counts as `protocol`."""

MAX_FIELDS = 200
REASON = re.compile(rb"[\t\x20-\x7e\x80-\xff]*")
"""A reason phrase (RFC 9112 4): llhttp lets a NUL pass in it."""

MAX_INTERIM = 32
"""How many 1xx answers may come before the final one."""


class Framing(StrEnum):
    """How the end of an answer's body is known (RFC 9112 6.3)."""

    NONE = "none"
    LENGTH = "length"
    CHUNKED = "chunked"
    EOF = "eof"


@dataclass(frozen=True, slots=True)
class Head:
    """The head of a final answer, checked: raw end-to-end fields and the framing of the body."""

    status: int
    reason: bytes
    pairs: tuple[Pair, ...]
    framing: Framing
    length: int | None = None
    keep_alive: bool = True
    retry_after: bool = False
    event_stream: bool = False


class BadHead(ValueError):
    """The upstream's head cannot be trusted: what is wrong with it, in words."""


def read_head(method: str, version: str, status: int, reason: bytes, pairs: list[Pair]) -> Head:
    """The answer's head, or `BadHead` if its framing could be read in two ways.

    *method* is the request's, since HEAD has no body whatever the head says.
    """
    if not 200 <= status <= 599:
        raise BadHead(f"status {status}")
    if version not in {"1.1", "1.0"}:
        raise BadHead(f"HTTP version {version}")
    if REASON.fullmatch(reason) is None:
        raise BadHead("a control character in the reason")
    end_to_end, seen = take_apart(pairs)
    framing, length = framing_of(method, status, version, seen)
    if status == 204:
        end_to_end = [one for one in end_to_end if one[0].lower() != b"content-length"]
    connection = tokens(b",".join(seen.get(b"connection", []))) - {b"content-length"}
    keep_alive = b"close" not in connection and (version == "1.1" or b"keep-alive" in connection)
    content_type = b",".join(seen.get(b"content-type", [])).lower()
    return Head(
        status=status,
        reason=reason,
        pairs=tuple(pair for pair in end_to_end if pair[0].lower() not in connection),
        framing=framing,
        length=length,
        keep_alive=keep_alive and framing is not Framing.EOF,
        retry_after=b"retry-after" in seen,
        event_stream=content_type.startswith(b"text/event-stream"),
    )


NOTED = frozenset(
    {b"connection", b"content-length", b"transfer-encoding", b"content-type", b"retry-after"}
)


def take_apart(pairs: list[Pair]) -> tuple[list[Pair], dict[bytes, list[bytes]]]:
    """End-to-end fields as they came, and the values of those that `read_head` looks at."""
    end_to_end: list[Pair] = []
    seen: dict[bytes, list[bytes]] = {}
    for pair in pairs:
        name, value = pair[0].lower(), pair[1]
        if b"\0" in value or b"\r" in value or b"\n" in value:
            raise BadHead("a control character in a value")
        if name in NOTED:
            seen.setdefault(name, []).append(value)
        if name not in HOP_BY_HOP:
            end_to_end.append(pair)
    return end_to_end, seen


def framing_of(
    method: str, status: int, version: str, seen: dict[bytes, list[bytes]]
) -> tuple[Framing, int | None]:
    """How the body ends (RFC 9112 6.3), and its length where that is declared."""
    lengths = seen.get(b"content-length", [])
    encodings = seen.get(b"transfer-encoding", [])
    if len(lengths) > 1 or len(encodings) > 1 or (lengths and encodings):
        raise BadHead("more than one length")
    if encodings and (encodings[0].strip().lower() != b"chunked" or version == "1.0"):
        raise BadHead("an unknown Transfer-Encoding")
    if lengths and (not lengths[0].isdigit() or len(lengths[0]) > 18):
        raise BadHead("a Content-Length that is no number")
    length = int(lengths[0]) if lengths else None
    if method == "HEAD" or status in {204, 304}:
        return Framing.NONE, None
    if encodings:
        return Framing.CHUNKED, None
    return (Framing.EOF, None) if length is None else (Framing.LENGTH, length)


def client_head(head: Head, *, http_1_0: bool, close: bool, extra: bytes = b"") -> bytes:
    """The head as the client gets it: fields as they came, framing as its HTTP version allows."""
    chunked = head.framing in {Framing.CHUNKED, Framing.EOF} and not http_1_0
    return b"".join(
        (
            b"HTTP/1.1 %d %b\r\n" % (head.status, head.reason),
            lines(head.pairs),
            extra,
            b"Transfer-Encoding: chunked\r\n" if chunked else b"",
            b"Connection: close\r\n"
            if close
            else (b"Connection: keep-alive\r\n" if http_1_0 else b""),
            b"\r\n",
        )
    )

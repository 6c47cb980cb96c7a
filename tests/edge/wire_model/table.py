"""Whole exchanges: what the client sends, what the upstream says, how the client must see it."""

from dataclasses import dataclass, field
from functools import cached_property

from tests.edge.requests import bearer

TO_WOD = f"GET /fitness/wod HTTP/1.1\r\nHost: a\r\n{bearer()}\r\n\r\n".encode()


@dataclass(frozen=True)
class Row:
    """One client's connection.

    `says`: the answers, in order; with `ends` the upstream closes behind the last. `statuses` and
    `bodies` are what the client gets. `until_closed`: only the end ends the answer.
    """

    name: str
    sends: bytes
    says: tuple[bytes, ...]
    bodies: tuple[bytes, ...]
    statuses: tuple[int, ...] = (200,)
    methods: tuple[bytes, ...] = (b"GET",)
    uploads: tuple[bytes, ...] = (b"",)
    ends: bool = False
    until_closed: bool = False
    trailers: list[bytes] = field(default_factory=list)

    def __str__(self) -> str:
        return self.name

    @cached_property
    def said(self) -> bytes:
        """All that the upstream says."""
        return b"".join(self.says)


def lines(*these: str, body: bytes = b"") -> bytes:
    """A head of these lines, and what follows it."""
    return "\r\n".join([*these, "", ""]).encode() + body


GET = lines("GET /a HTTP/1.1", "Host: a")
OK = lines("HTTP/1.1 200 OK", "Content-Length: 5", body=b"hello")
CHUNKS = b"3;x=y\r\nhel\r\n2\r\nlo\r\n0\r\nX-Sum: 1\r\n\r\n"
CHUNKED = lines("HTTP/1.1 200 OK", "Transfer-Encoding: chunked", body=CHUNKS)
UNTIL_CLOSED = lines("HTTP/1.1 200 OK", body=b"hello")
CLOSING = lines("HTTP/1.1 200 OK", "Connection: close", "Content-Length: 1", body=b"x")

ROWS = [
    Row("length", GET, (OK,), (b"hello",)),
    Row("chunked with trailers", GET, (CHUNKED,), (b"hello",), trailers=[b"X-Sum: 1"]),
    Row("until closed", GET, (UNTIL_CLOSED,), (b"hello",), ends=True, until_closed=True),
    Row(
        "until closed, to HTTP/1.0",
        lines("GET /a HTTP/1.0"),
        (UNTIL_CLOSED,),
        (b"hello",),
        ends=True,
        until_closed=True,
    ),
    Row("chunked to HTTP/1.0", lines("GET /a HTTP/1.0"), (CHUNKED,), (b"hello",)),
    Row(
        "interim answers",
        GET,
        (lines("HTTP/1.1 100 Continue") + lines("HTTP/1.1 103 Hints", "Link: x") + OK,),
        (b"hello",),
    ),
    Row(
        "HEAD",
        lines("HEAD /a HTTP/1.1", "Host: a"),
        (lines("HTTP/1.1 200 OK", "Content-Length: 5"),),
        (b"",),
        methods=(b"HEAD",),
    ),
    Row("204", GET, (lines("HTTP/1.1 204 No Content"),), (b"",), (204,)),
    Row("304", GET, (lines("HTTP/1.1 304 Same", "Content-Length: 5"),), (b"",), (304,)),
    Row("empty", GET, (lines("HTTP/1.1 200 OK", "Content-Length: 0"),), (b"",)),
    Row(
        "that closes",
        GET,
        (lines("HTTP/1.1 200 OK", "Connection: close", "Content-Length: 1", body=b"x"),),
        (b"x",),
        ends=True,
    ),
    Row(
        "an upload with a length",
        lines("POST /a HTTP/1.1", "Host: a", "Content-Length: 5", body=b"there"),
        (OK,),
        (b"hello",),
        methods=(b"POST",),
        uploads=(b"there",),
    ),
    Row(
        "a chunked upload",
        lines("PUT /a HTTP/1.1", "Host: a", "Transfer-Encoding: chunked", body=CHUNKS),
        (CHUNKED,),
        (b"hello",),
        methods=(b"PUT",),
        uploads=(b"hello",),
        trailers=[b"X-Sum: 1"],
    ),
    Row(
        "pipelined",
        lines("POST /a HTTP/1.1", "Host: a", "Content-Length: 2", body=b"ab") + GET,
        (CHUNKED, OK),
        (b"hello", b"hello"),
        (200, 200),
        methods=(b"POST", b"GET"),
        uploads=(b"ab", b""),
    ),
    Row(
        "pipelined behind chunks",
        lines("PUT /a HTTP/1.1", "Host: a", "Transfer-Encoding: chunked", body=CHUNKS) + GET,
        (OK, OK),
        (b"hello", b"hello"),
        (200, 200),
        methods=(b"PUT", b"GET"),
        uploads=(b"hello", b""),
    ),
    Row("held for a fallback", TO_WOD, (OK,), (b"hello",)),
    Row("held in chunks", TO_WOD, (CHUNKED,), (b"hello",), trailers=[b"X-Sum: 1"]),
]

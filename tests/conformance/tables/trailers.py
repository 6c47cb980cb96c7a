"""Trailers, both ways: they go on where the other side is chunked, and never into a head."""

from tests.conformance.answers import Answer, passes
from tests.conformance.rows import NEVER_WHOLE, Request, refused, served
from tests.conformance.writing import CHUNKED, HOST, answer, chunks

RFC = "9110 6.5; 9112 7.1.2"
ASKS = ("TE: trailers", "Connection: TE")

FORBIDDEN = [
    "Content-Length: 5",
    "Transfer-Encoding: chunked",
    "Connection: close",
    "Trailer: X-Sum",
    "TE: trailers",
    "Upgrade: h2c",
    "Keep-Alive: timeout=5",
    "Content-Encoding: gzip",
    "Content-Type: text/html",
    "Content-Range: bytes 0-4/9",
]
"""Framing, routing and how to read the content: no trailer may say it (RFC 9110 6.5.1)."""

OF_REQUESTS = [
    "Host: evil.example",
    "Authorization: Bearer x",
    "Proxy-Authorization: Basic x",
    "Cookie: a=b",
    "Expect: 100-continue",
    "Max-Forwards: 0",
    "X-User-Id: admin",
    "x_user_id: admin",
    "X-Forwarded-For: 10.0.0.1",
    "Forwarded: for=10.0.0.1",
]

OF_ANSWERS = ["Set-Cookie: a=b", "WWW-Authenticate: Basic", "Location: /x", "Cache-Control: public"]


def trailing(*lines: str) -> str:
    """The body `hello` in one chunk, with trailers."""
    return "\r\n".join(("5", "hello", "0", *lines, "", ""))


def sent(name: str, *lines: str, goes: tuple[str, ...], fields: tuple[str, ...] = ()) -> Request:
    """Trailers of a request: *goes* are those that the upstream gets."""
    return served(
        name,
        RFC,
        chunks(trailing(*lines), *fields),
        fields=(f"Host: {HOST}",),
        body="hello",
        framing="chunked",
        trailers=goes,
    )


def told(
    name: str,
    *lines: str,
    goes: tuple[str, ...] | None,
    asks: tuple[str, ...] = ASKS,
    fields: tuple[str, ...] = (),
    **also: object,
) -> Answer:
    """Trailers of an answer: *goes* are those that the client gets."""
    return passes(
        name,
        RFC,
        answer(CHUNKED, "X-A: b", *fields, body=trailing(*lines)),
        body="hello",
        fields=("X-A: b",),
        trailers=goes,
        asks=asks,
        reused=True,
        **also,
    )


REQUESTS = [
    sent("one", "X-Sum: 1", goes=("X-Sum: 1",)),
    sent(
        "several, in order and case",
        "x-b: 1",
        "X-A: 2",
        "X-b: 3",
        goes=("x-b: 1", "X-A: 2", "X-b: 3"),
    ),
    sent("announced", "X-Sum: 1", goes=("X-Sum: 1",), fields=("Trailer: X-Sum",)),
    sent("an empty value, and bytes from 0x80", "X-A:", "X-B: \xe4", goes=("X-A:", "X-B: \xe4")),
    sent(
        "what Connection names",
        "X-Sum: 1",
        "X-Kept: 2",
        goes=("X-Kept: 2",),
        fields=("Connection: X-Sum",),
    ),
    sent(
        "what Connection names, with an underscore",
        "x_sum: 1",
        "X-Kept: 2",
        goes=("X-Kept: 2",),
        fields=("Connection: X_Sum",),
    ),
    *(
        sent(f"dropped: {one}", one, "X-Sum: 1", goes=("X-Sum: 1",))
        for one in [*FORBIDDEN, *OF_REQUESTS]
    ),
    *(
        refused(f"no field: {one!r}", "9112 5, 7.1.2", chunks(trailing(one)), upstream=NEVER_WHOLE)
        for one in (
            "no colon",
            "X A: b",
            "X-A : b",
            ": b",
            "X-A: b\0",
            "X-A: b\rc",
            "X-A: b\r\n c",
            "X\x01: b",
        )
    ),
    refused(
        "a mebibyte",
        "9112 7.1.2",
        chunks(trailing("X-Sum: " + "a" * 2**20)),
        400,
        431,
        upstream=NEVER_WHOLE,
    ),
    refused(
        "a thousand",
        "9112 7.1.2",
        chunks(trailing(*["X-Sum: 1"] * 1000)),
        400,
        431,
        upstream=NEVER_WHOLE,
    ),
]

ANSWERS = [
    told("one", "X-Sum: 1", goes=("X-Sum: 1",)),
    told(
        "several, in order and case",
        "x-b: 1",
        "X-A: 2",
        "X-b: 3",
        goes=("x-b: 1", "X-A: 2", "X-b: 3"),
    ),
    *(
        told(
            f"what Connection names: {one}",
            f"{one}: 1",
            "X-Kept: 2",
            goes=("X-Kept: 2",),
            fields=(f"Connection: {one.lower()}",),
        )
        for one in ("X-Sum", "X_Sum")
    ),
    told("to a client that did not ask: either", "X-Sum: 1", goes=None, asks=()),
    told("to HTTP/1.0: none", "X-Sum: 1", goes=(), asks=(), version="1.0", framing="end"),
    *(
        told(f"dropped: {one}", one, "X-Sum: 1", goes=("X-Sum: 1",))
        for one in [*FORBIDDEN, *OF_ANSWERS]
    ),
]

"""Bodies of answers: how their end is known upstream, how the client is told (RFC 9112 6, 7)."""

from collections.abc import Mapping
from typing import Any

from tests.conformance.answers import passes
from tests.conformance.writing import CHUNKED, HELLO, answer

LENGTH = "Content-Length: 5"
OLD: Mapping[str, Any] = {"version": "1.0"}
KEPT: Mapping[str, Any] = {"version": "1.0", "asks": ("Connection: keep-alive",)}
LAST = "0\r\n\r\n"

BY_LENGTH = answer(LENGTH, body="hello")
IN_CHUNKS = answer(CHUNKED, body=HELLO)
TO_THE_END = answer(body="hello")


def chunked(body: str) -> bytes:
    """An answer with this chunked body, written as it goes over the wire."""
    return answer(CHUNKED, body=body)


FRAMING = [
    passes("a length", "9112 6.3", BY_LENGTH, framing="length", reused=True),
    passes(
        "a length of nought", "9112 6.3", answer("Content-Length: 0"), framing="length", reused=True
    ),
    passes(
        "a length in lower case",
        "9110 5.1",
        answer("content-length: 5", body="hello"),
        framing="length",
        reused=True,
    ),
    passes("chunks", "9112 7.1", IN_CHUNKS, body="hello", framing="chunked", reused=True),
    passes("no chunk but the last", "9112 7.1", chunked(LAST), framing="chunked", reused=True),
    passes(
        "several chunks",
        "9112 7.1",
        chunked(f"3\r\nhel\r\n2\r\nlo\r\n{LAST}"),
        body="hello",
        framing="chunked",
        reused=True,
    ),
    passes(
        "digits in both cases",
        "9112 7.1",
        chunked(f"A\r\nhelloworld\r\n0a\r\nhelloworld\r\n{LAST}"),
        body="helloworld" * 2,
        reused=True,
    ),
    passes(
        "extensions are dropped",
        "9112 7.1.1",
        chunked("5;a=b\r\nhello\r\n0;c\r\n\r\n"),
        body="hello",
        reused=True,
    ),
    passes(
        "chunked in any case",
        "9112 7",
        answer("Transfer-Encoding: Chunked", body=HELLO),
        body="hello",
        framing="chunked",
        reused=True,
    ),
    passes(
        "every byte there is",
        "9112 6",
        answer("Content-Length: 256", body="".join(map(chr, range(256)))),
        reused=True,
    ),
    passes(
        "an answer in the body",
        "9112 6.3",
        answer("Content-Length: 38", body="HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n"),
        reused=True,
    ),
    passes("until it closes", "9112 6.3", TO_THE_END, ends=True, framing="chunked", reused=False),
    passes(
        "nothing until it closes", "9112 6.3", answer(), ends=True, framing="chunked", reused=False
    ),
    passes(
        "HTTP/1.0 and a length",
        "9112 9.3",
        answer(LENGTH, body="hello", version="1.0"),
        framing="length",
        reused=False,
    ),
    passes(
        "HTTP/1.0 and keep-alive",
        "9112 9.3",
        answer(LENGTH, "Connection: keep-alive", body="hello", version="1.0"),
        framing="length",
        reused=True,
    ),
    passes(
        "HTTP/1.0 until it closes",
        "9112 6.3",
        answer(body="hello", version="1.0"),
        ends=True,
        framing="chunked",
        reused=False,
    ),
    passes(
        "closed behind a whole answer",
        "9112 9.6",
        BY_LENGTH,
        ends=True,
        framing="length",
        reused=False,
    ),
]

OLD_CLIENTS = [
    passes("a length", "9112 9.3", BY_LENGTH, framing="length", **OLD),
    passes("a length, keep-alive", "9112 9.3, C.2.2", BY_LENGTH, framing="length", **KEPT),
    passes(
        "chunks are taken off, and the end is the end",
        "9112 7.1, C.3",
        IN_CHUNKS,
        body="hello",
        framing="end",
        **OLD,
    ),
    passes("chunks, keep-alive", "9112 7.1, C.3", IN_CHUNKS, body="hello", framing="end", **KEPT),
    passes("until it closes", "9112 6.3", TO_THE_END, ends=True, framing="end", **OLD),
    passes("until it closes, keep-alive", "9112 6.3", TO_THE_END, ends=True, framing="end", **KEPT),
    passes(
        "204, keep-alive", "9110 15.3.5", answer(status="204 No Content"), framing="none", **KEPT
    ),
]

BODILESS = [
    passes(
        "HEAD and a length",
        "9110 9.3.2",
        answer("Content-Length: 1000"),
        method="HEAD",
        framing="length",
        reused=True,
    ),
    passes("HEAD and chunked", "9110 9.3.2", answer(CHUNKED), method="HEAD", reused=True),
    passes("HEAD and nothing said", "9110 9.3.2", answer("X-A: b"), method="HEAD", reused=True),
    passes(
        "HEAD and 404",
        "9110 9.3.2",
        answer("Content-Length: 9", status="404 No"),
        method="HEAD",
        framing="length",
        reused=True,
    ),
    passes(
        "HEAD from HTTP/1.0",
        "9110 9.3.2",
        answer("Content-Length: 1000"),
        method="HEAD",
        framing="length",
        reused=True,
        **OLD,
    ),
    passes(
        "204",
        "9110 15.3.5; 9112 6.3",
        answer("X-A: b", status="204 No Content"),
        framing="none",
        reused=True,
    ),
    passes(
        "204 and a length, which it may not have",
        "9110 8.6",
        answer("Content-Length: 0", status="204 No Content"),
        fields=(),
        framing="none",
        reused=True,
    ),
    passes(
        "204 and chunked, which it may not be",
        "9112 6.1",
        answer(CHUNKED, status="204 No Content"),
        framing="none",
        or_broken=True,
    ),
    passes(
        "304",
        "9110 15.4.5",
        answer('ETag: "a"', "Cache-Control: max-age=5", status="304 Not Modified"),
        framing="none",
        reused=True,
    ),
    passes(
        "304 and the length it tells of",
        "9110 8.6, 15.4.5",
        answer("Content-Length: 1000", status="304 Not Modified"),
        framing="length",
        reused=True,
    ),
    passes(
        "304 and chunked",
        "9112 6.1",
        answer(CHUNKED, status="304 Not Modified"),
        framing="none",
        or_broken=True,
    ),
    passes(
        "205 and no length: until it closes",
        "9112 6.3",
        answer(status="205 Reset"),
        ends=True,
        reused=False,
    ),
]

LEFT_OVER = [
    passes(
        "more than the length says",
        "9112 6.3, 9.3",
        answer(LENGTH, body="hello!"),
        body="hello",
        reused=False,
    ),
    passes("a second answer", "9112 9.3.2", BY_LENGTH * 2, body="hello", reused=False),
    passes(
        "bytes behind the last chunk", "9112 7.1", chunked(f"{HELLO}x"), body="hello", reused=False
    ),
    passes(
        "a line end behind the body",
        "9112 2.2",
        answer(LENGTH, body="hello\r\n"),
        body="hello",
        reused=False,
    ),
    passes("a body with HEAD", "9110 9.3.2", BY_LENGTH, method="HEAD", body="", reused=False),
    passes(
        "a body with 204",
        "9110 15.3.5",
        answer(LENGTH, status="204 No Content", body="hello"),
        fields=(),
        body="",
        reused=False,
    ),
    passes(
        "a body with 304",
        "9110 15.4.5",
        answer(LENGTH, status="304 Not Modified", body="hello"),
        body="",
        reused=False,
    ),
]

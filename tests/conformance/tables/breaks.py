"""Bodies of answers that break off or break their framing: never to be taken for whole."""

from typing import Any

from tests.conformance.answers import Answer, cut
from tests.conformance.writing import CHUNKED, answer

LAST = "0\r\n\r\n"


def chunked(body: str) -> bytes:
    """An answer with this chunked body, written as it goes over the wire."""
    return answer(CHUNKED, body=body)


BAD_CHUNKS = [
    *(
        cut(f"size {said!r}", "9112 7.1", chunked(f"{said}\r\nhello\r\n{LAST}"))
        for said in ("0x5", "+5", "-5", "5_0", "", " 5", "5g", "z", "fffffffffffffffff", "5\0")
    ),
    cut("a bad second size", "9112 7.1", chunked(f"5\r\nhello\r\nz\r\nhello\r\n{LAST}")),
    cut("LF after the size", "9112 2.2, 7.1", chunked(f"5\nhello\r\n{LAST}")),
    cut("CR after the size", "9112 2.2, 7.1", chunked(f"5\rhello\r\n{LAST}")),
    cut("nothing after the data", "9112 7.1", chunked(f"5\r\nhello{LAST}")),
    cut("other bytes after the data", "9112 7.1", chunked(f"5\r\nhelloXX{LAST}")),
    cut("more data than the size says", "9112 7.1", chunked(f"5\r\nhello!\r\n{LAST}")),
    cut("a trailer that is none", "9112 7.1.2", chunked("5\r\nhello\r\n0\r\nno colon\r\n\r\n")),
]


def truncated(name: str, said: bytes, *, rfc: str = "9112 8", **also: Any) -> list[Answer]:
    """An answer that ends too early, to clients of both versions."""
    return [
        cut(f"{name}, HTTP/{version}", rfc, said, ends=True, version=version, **also)
        for version in ("1.1", "1.0")
    ]


TRUNCATED = [
    *truncated("no byte of its length", answer("Content-Length: 100")),
    *truncated("less than its length", answer("Content-Length: 100", body="half")),
    *truncated("one byte less than its length", answer("Content-Length: 6", body="hello")),
    *truncated("no chunk", chunked("")),
    *truncated("in a size", chunked("5")),
    *truncated("behind a size", chunked("5\r\n")),
    *truncated("in a chunk", chunked("64\r\nhalf")),
    *truncated("between chunks", chunked("5\r\nhello\r\n")),
    *truncated("in the last chunk", chunked("5\r\nhello\r\n0\r\n")),
    *truncated("in the trailers", chunked("5\r\nhello\r\n0\r\nX-Sum: 1\r\n")),
]

"""What else clients of the soak do: ask for what is not there, upload, stream, and leave."""

from dataclasses import dataclass

KIB = 1024
UPLOAD = 256 * KIB
STREAM = 4 * KIB * KIB


@dataclass(frozen=True, slots=True)
class Kind:
    """A request on a connection of its own.

    It is answered with *status*; or its client leaves, by reset once *after* bytes of the answer
    have come, else at once. *counts* says whether the router gets to see a request at all.
    """

    name: str
    request: bytes
    status: int | None = None
    after: int = 0
    counts: bool = True


def head(line: str, *fields: str) -> bytes:
    """A whole head of a client that asks once."""
    lines = (f"{line} HTTP/1.1", "Host: soak.example", "Connection: close", *fields)
    return "".join(f"{each}\r\n" for each in lines).encode() + b"\r\n"


def chunked(size: int) -> bytes:
    """A body of *size* bytes in chunks of 16 KiB."""
    chunk = b"4000\r\n" + b"u" * (16 * KIB) + b"\r\n"
    return chunk * (size // (16 * KIB)) + b"0\r\n\r\n"


SIZED = head("PUT /sink", f"Content-Length: {UPLOAD}")
PART = b"u" * (UPLOAD // 4)
KINDS = (
    Kind("not found", head("GET /missing"), 404),
    Kind("without a token", head("GET /fitness/wod"), 401),
    Kind("not well-formed", head("GET /with a blank"), 400),
    Kind("upload", SIZED + b"u" * UPLOAD, 200),
    Kind(
        "upload in chunks", head("PUT /sink", "Transfer-Encoding: chunked") + chunked(UPLOAD), 200
    ),
    Kind("stream", head("GET /big", f"Range: bytes=0-{STREAM - 1}"), 206),
    Kind("left in its head", b"GET /big HTTP/1.1\r\nHost: so", counts=False),
    Kind("left at once", head("GET /big")),
    Kind("left in its upload", SIZED + PART),
    Kind("left in the answer", head("GET /big"), after=100 * KIB),
)

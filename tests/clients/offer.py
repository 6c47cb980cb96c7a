"""What every upstream offers below `/NAME/`; the files lie in the folder that `OFFER` names.

| request | answer |
|---|---|
| GET told | JSON: method, query and the port of the router's connection |
| POST echo | the body, and in `X-Framing` how it came |
| POST digest | JSON: number of bytes and SHA-256 of the body |
| GET large, gzipped | the file of that name; `gzipped` with its Content-Encoding |
| GET tagged | the file of that name with an ETag, or 304 |
| GET empty, moved, broken, cookies | 204; 302 to told; 503 with a body; three Set-Cookie |
| GET endless | data until the client leaves; GET left: how many did |
| GET held?until=FILE | nothing until the client leaves; WSGI, which cannot tell, waits for FILE |
| GET events | two events, the second once the first was heard of by POST heard?n=N |
"""

import gzip
from hashlib import sha256
from pathlib import Path

COOKIES = ("a=1; Path=/", "b=2; Path=/; HttpOnly", "a=3; Path=/other")
PLAIN = b"the same line over and over\n" * 400
GZIPPED = gzip.compress(PLAIN, mtime=0)
LARGE = bytes(range(251)) * 12_600
"""3 MiB, and no two pieces of a power of two are the same."""
BROKEN = b"out of order\n"
PIECE = 16 * 1024


def pieces(body: bytes) -> list[bytes]:
    """*body* in pieces of no round size, as a program sends what it makes on the way."""
    size = max(1, min(len(body) // 3, 40_009))
    return [body[at : at + size] for at in range(0, len(body), size)]


def digest(body: bytes) -> dict[str, object]:
    """What `digest` answers to *body*."""
    return {"bytes": len(body), "sha256": sha256(body).hexdigest()}


def lay(folder: Path) -> None:
    """Put the files into *folder*."""
    files = {"large": LARGE, "gzipped": GZIPPED, "tagged": PLAIN}
    for name, content in files.items():
        (folder / name).write_bytes(content)


def event(number: int) -> bytes:
    """One event; a browser that is cut off comes back after 10 ms and says the last it had."""
    return b"retry: 10\nid: %d\ndata: %d\n\n" % (number, number)


def numbers(last: str | None) -> range:
    """The events of one stream: the two after the *last* that the client has had."""
    first = int(last or 0) + 1
    return range(first, first + 2)

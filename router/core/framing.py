"""Where a body ends: readers that take bytes as they come and give the body's own (RFC 9112 6, 7).

One reader serves one message, of a client or of an upstream. It never waits and never keeps more
than an unfinished line.
"""

import re
from enum import Enum
from typing import Final, Protocol

from router.core.fields import FIELD
from router.core.words import Word

MAX_EXTENSIONS = 4 * 1024
"""Bytes of chunk extensions that a body may have in sum; they are legal, useless, and dropped."""

MAX_TRAILERS = 8 * 1024
MOST_TRAILERS = 100

CHUNK_LINE: Final = re.compile(rb"([0-9A-Fa-f]{1,16})(;[\t\x20-\x7e\x80-\xff]*)?")


class Line(Enum):
    """What the next line of a chunked body is."""

    SIZE = "size"
    AFTER_DATA = "after data"
    TRAILER = "trailer"


MOST: Final = {
    Line.SIZE: 16 + MAX_EXTENSIONS + 1,
    Line.AFTER_DATA: 1,
    Line.TRAILER: MAX_TRAILERS + 1,
}
"""How long a line may be, the CR at its end included."""


class BadFraming(ValueError):
    """Bytes that two readers could frame differently: what is wrong with them, in words."""


class Framing(Word):
    """How the end of a body is known (RFC 9112 6.3)."""

    NONE = "none"
    LENGTH = "length"
    CHUNKED = "chunked"
    EOF = "eof"


class BodyReader(Protocol):
    """Takes the bytes of one body from a connection.

    `done` once the end has been read; `rest` is then what came behind it. `trailers` are the
    lines of a trailer section.
    """

    done: bool
    rest: bytes
    trailers: list[bytes]

    def feed(self, data: bytes) -> bytes:
        """The body's bytes in *data*; raises `BadFraming`."""
        ...


class Counted:
    """A body with a Content-Length."""

    __slots__ = ("done", "left", "rest", "trailers")

    def __init__(self, length: int) -> None:
        self.left = length
        self.done = length == 0
        self.rest = b""
        self.trailers: list[bytes] = []

    def feed(self, data: bytes) -> bytes:
        """As much of *data* as belongs to the body."""
        if len(data) < self.left:
            self.left -= len(data)
            return data
        body, self.rest = data[: self.left], data[self.left :]
        self.left, self.done = 0, True
        return body


class UntilClosed:
    """An answer's body that ends with its connection; `done` is never told by bytes."""

    __slots__ = ("done", "rest", "trailers")

    def __init__(self) -> None:
        self.done = False
        self.rest = b""
        self.trailers: list[bytes] = []

    def feed(self, data: bytes) -> bytes:
        """All of it."""
        return data


class Chunked:
    """A chunked body (RFC 9112 7.1): strict, since what is lax here is smuggling elsewhere."""

    __slots__ = (
        "_expects",
        "_extensions",
        "_left",
        "_line",
        "_trailer_bytes",
        "done",
        "rest",
        "trailers",
    )

    def __init__(self) -> None:
        self.done = False
        self.rest = b""
        self.trailers: list[bytes] = []
        self._line = b""
        self._left = 0
        self._expects = Line.SIZE
        self._extensions = 0
        self._trailer_bytes = 0

    def feed(self, data: bytes) -> bytes:
        """What *data* holds of the chunks' content."""
        pieces = []
        at = 0
        while at < len(data) and not self.done:
            if self._left:
                piece = data[at : at + self._left]
                pieces.append(piece)
                self._left -= len(piece)
                at += len(piece)
            else:
                at = self._read_line(data, at)
        self.rest = data[at:]
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def _read_line(self, data: bytes, at: int) -> int:
        """Take one line from *at*, or what there is of it; where the next byte is."""
        end = data.find(b"\n", at)
        if end < 0:
            self._line += data[at:]
            if len(self._line) > MOST[self._expects]:
                raise BadFraming("a line of the chunked framing is too long")
            return len(data)
        line, self._line = self._line + data[at:end], b""
        if not line.endswith(b"\r") or len(line) > MOST[self._expects]:
            raise BadFraming("a line of the chunked framing does not end in CR LF, or is too long")
        self._take(line[:-1])
        return end + 1

    def _take(self, line: bytes) -> None:
        match self._expects:
            case Line.SIZE:
                self._size(line)
            case Line.AFTER_DATA:  # its length was checked: it is empty
                self._expects = Line.SIZE
            case Line.TRAILER:
                self._trailer(line)

    def _size(self, line: bytes) -> None:
        found = CHUNK_LINE.fullmatch(line)
        if found is None:
            raise BadFraming("a chunk size is not a hexadecimal number")
        self._extensions += len(found[2] or b"")
        if self._extensions > MAX_EXTENSIONS:
            raise BadFraming("the chunk extensions are too long")
        self._left = int(found[1], 16)
        self._expects = Line.AFTER_DATA if self._left else Line.TRAILER

    def _trailer(self, line: bytes) -> None:
        if not line:
            self.done = True
            return
        self._trailer_bytes += len(line)
        if self._trailer_bytes > MAX_TRAILERS or len(self.trailers) == MOST_TRAILERS:
            raise BadFraming("the trailer section is too large")
        if FIELD.fullmatch(line) is None:
            raise BadFraming("a trailer line is not a field")
        self.trailers.append(line)


def as_chunk(data: bytes) -> bytes:
    """*data* as one chunk; nothing for nothing, since an empty chunk is the end."""
    return b"%x\r\n%b\r\n" % (len(data), data) if data else b""


def last_chunk(trailers: bytes = b"") -> bytes:
    """The end of a chunked body, with *trailers* as whole lines."""
    return b"0\r\n%b\r\n" % trailers

"""What a client has sent and nobody has read yet, and the head of a request in it."""

from typing import Final

from router.edge.client.familiar import Familiar
from router.edge.client.heads import END, HeadReader, Message

LAST_OF_LINE_ENDS: Final = ord("\r")


class Unread:
    """The bytes that wait, as `data`: what comes behind a body, or a head that is not whole."""

    __slots__ = ("_searched", "_skipped", "data")

    def __init__(self) -> None:
        self.data = b""
        self._searched = 0
        self._skipped = False

    def __len__(self) -> int:
        return len(self.data)

    def add(self, data: bytes) -> None:
        """Put *data* behind what waits."""
        self.data = self.data + data if self.data else data

    def take(self) -> bytes:
        """All that waits."""
        data, self.data = self.data, b""
        return data

    def head(self, heads: Familiar) -> Message | None:
        """The next head, taken out, or None while it is not whole; raises `BadRequest`."""
        if self.data[0] <= LAST_OF_LINE_ENDS:
            self._skip_line()
        data = self.data
        may_be_known = not self._searched and data[-len(END) :] == END
        known = heads.known(data) if may_be_known else None
        if known is not None:
            self.data, self._skipped = b"", False
            return known
        end = self.data.find(END, self._searched)
        if end < 0:
            self._check_part(heads.reader)
            return None
        raw, self.data = self.data[: end + len(END)], self.data[end + len(END) :]
        self._searched, self._skipped = 0, False
        return heads.read_anew(raw) if may_be_known and raw == data else heads.read(raw)

    @property
    def has_begun(self) -> bool:
        """Whether a head has begun: an empty line before one says nothing yet."""
        return self.data not in {b"", b"\r"} or bool(self._skipped and self.data)

    def _skip_line(self) -> None:
        """Pass over one empty line before a request (RFC 9112 2.2)."""
        if not self._skipped and self.data.startswith(b"\r\n"):
            self.data, self._skipped = self.data[2:], True

    def _check_part(self, reader: HeadReader) -> None:
        """Raise `BadRequest` where what has come can become no head."""
        if self.has_begun:
            reader.check_part(self.data, since=self._searched)
            self._searched = max(0, len(self.data) - len(END) + 1)

"""An answer read out of the bytes that come of it: heads, interim ones first, then its body.

`core.answers.read_head` judges the head, `core.framing` finds the end of the body. Nothing here
reads or writes a socket.
"""

from typing import Final

from router.core.answers import (
    EOF,
    MAX_HEAD,
    MAX_INTERIM,
    NONE,
    START,
    SWITCHING,
    BadHead,
    Head,
    read_head,
)
from router.core.framing import BadFraming, BodyReader

END: Final = b"\r\n\r\n"


class Copy:
    """What has come of a body, though it was sent on: at most a byte past *most*."""

    __slots__ = ("_room", "pieces")

    def __init__(self, most: int) -> None:
        self._room = most + 1
        self.pieces: list[bytes] = []

    def add(self, piece: bytes) -> None:
        """Keep *piece*, as far as there is room."""
        if self._room > 0:
            self.pieces.append(piece[: self._room])
            self._room -= min(self._room, len(piece))


class AnswerReader:
    """Reads one answer after another, each from its `begin` on.

    After each `feed`, `interim` has the 1xx that were read, `head` the final head if it is here,
    and `take` gives what there is of the body, of which `buffered` bytes wait. `complete` says that
    the answer is whole, `broken` that it never will be, `switched` that what follows is a tunnel.
    """

    __slots__ = (
        "_come",
        "_copy",
        "_left_over",
        "_many_interim",
        "_method",
        "_pieces",
        "_reader",
        "_upgrade",
        "broken",
        "buffered",
        "complete",
        "head",
        "interim",
        "started",
        "switched",
    )

    def __init__(self) -> None:
        self.head: Head | None = None
        self.interim: list[Head] = []
        self.started = False
        self.complete = False
        self.broken = False
        self.switched = False
        self.buffered = 0
        self._method = ""
        self._upgrade = False
        self._many_interim = 0
        self._come = b""
        self._reader: BodyReader | None = None
        self._pieces: list[bytes] = []
        self._copy: Copy | None = None
        self._left_over = False

    def begin(self, method: str, upgrade: bool) -> None:
        """Expect the answer to a request of *method*, which may ask for another protocol."""
        self.head = self._reader = self._copy = None
        self.complete = self.started = False
        self._method, self._upgrade = method, upgrade
        self._many_interim, self._come = 0, b""

    @property
    def expects(self) -> bool:
        """Whether bytes that come now belong to an answer."""
        return bool(self._method) and not self.complete

    @property
    def is_clean(self) -> bool:
        """Whether another answer may follow: this one ended whole, with nothing left over.

        What was a tunnel never is: either way of it may be open still, and speaks no HTTP.
        """
        return (
            self.complete
            and not (self.switched or self.broken or self._left_over or self._pieces)
            and self.head is not None
            and self.head.keep_alive
        )

    def feed(self, data: bytes) -> None:
        """Read *data*, which has come."""
        self.started = True
        if self.head is None:
            self._read_head(data)
        else:
            self._read_body(data)

    def end(self) -> bool:
        """Nothing more will come; whether that is how the answer ends."""
        if self.head is not None and self.head.framing is EOF and not self.complete:
            self.complete = True
            return True
        return False

    def take(self) -> bytes:
        """What has come of the body since it was last taken."""
        pieces = self._pieces
        if not pieces:
            return b""
        data = pieces[0] if len(pieces) == 1 else b"".join(pieces)
        self._pieces = []
        self.buffered = 0
        return data

    def copy(self, most: int) -> None:
        """Keep the body, of which nothing was taken yet, also for `copied`: *most* bytes of it."""
        self._copy = Copy(most)
        for piece in self._pieces:
            self._copy.add(piece)

    @property
    def copied(self) -> bytes:
        """The body as far as it was kept: one byte more than was asked for says that it is cut."""
        return b"" if self._copy is None else b"".join(self._copy.pieces)

    @property
    def trailers(self) -> list[bytes]:
        """The lines of the answer's trailer section, once it is complete."""
        return self._reader.trailers if self._reader is not None else []

    # --- heads -----------------------------------------------------------------------------------

    def _read_head(self, data: bytes) -> None:
        """Take heads, interim ones first, and what comes behind the final one."""
        come = self._come + data if self._come else data
        self._come = b""
        while come and self.head is None and not self.broken:
            end = come.find(END) + len(END)
            if end < len(END):
                self._wait_for_head(come)
                return
            self._take_head(come[:end])
            come = come[end:]
        if come and not self.broken:
            self._begin_body(come)

    def _wait_for_head(self, come: bytes) -> None:
        """Keep what has come of a head, as long as it can become one."""
        self._come = come
        begins = come[: len(START)] == START[: len(come)]
        bare = come.count(b"\n") - come.count(b"\r\n")
        self.broken = not begins or bool(bare) or len(come) > MAX_HEAD

    def _take_head(self, raw: bytes) -> None:
        """Take one whole head."""
        try:
            head = read_head(self._method, raw)
        except BadHead:
            self.broken = True
            return
        if head.status < 200:
            self._take_informational(head)
            return
        self.head = head
        if head.has_no_body:
            self.complete = True

    def _take_informational(self, head: Head) -> None:
        """Take a 1xx: pass it on, or switch protocols where that was asked for."""
        if head.status == SWITCHING:
            if self._upgrade and head.upgrade:
                self.head, self.switched = head, True
            else:
                self.broken = True  # nobody asked for it (RFC 9110 7.8)
        elif self._many_interim == MAX_INTERIM:
            self.broken = True
        else:
            self._many_interim += 1
            self.interim.append(head)

    # --- the body --------------------------------------------------------------------------------

    def _begin_body(self, data: bytes) -> None:
        """The first bytes behind the head: often the whole body, and then no reader is needed."""
        if self.head is not None and self.head.length == len(data):
            self._pieces, self.buffered = [data], len(data)
            self.complete = True
        else:
            self._read_body(data)

    def _read_body(self, data: bytes) -> None:
        """Take what belongs to the body."""
        if self._reader is None and self.head is not None and self.head.framing is not NONE:
            self._reader = self.head.reader()
        if self._reader is None:
            if self.switched:
                self._keep(data)
            else:
                self._left_over = True  # more than the answer
            return
        try:
            piece = self._reader.feed(data)
        except BadFraming:
            self.broken = True
            return
        if piece:
            self._keep(piece)
        if self._reader.done:
            self.complete = True
            self._left_over = bool(self._reader.rest)

    def _keep(self, piece: bytes) -> None:
        self._pieces.append(piece)
        self.buffered += len(piece)
        if self._copy is not None:
            self._copy.add(piece)

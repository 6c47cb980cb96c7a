"""One connection to an upstream: bytes out, an answer in, and what went wrong.

`core.answers.read_head` judges the head, `core.framing` finds the end of the body. The connection
never decides: it reports how far the answer came and which fault ended it.
"""

import asyncio
import os
from collections.abc import Callable
from math import inf
from typing import Final, cast

from router.core.answers import MAX_HEAD, MAX_INTERIM, START, BadHead, Head, read_head
from router.core.framing import BadFraming, BodyReader, Framing
from router.core.outcome import Fault, Phase

HIGH_WATER: Final = 64 * 1024
"""Bytes of body that wait here before the upstream is told to pause."""

END: Final = b"\r\n\r\n"
SWITCHING: Final = 101


def nothing() -> None:
    """What is called where nobody listens."""


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


class Connection:
    """A connection that carries one exchange at a time.

    `begin` starts an exchange. `on_change` is called when something new is known, and then `head`,
    `complete`, `fault`, `phase` and `take` tell what; `on_interim` with each 1xx; `on_writable`
    when more can be sent. `due` is when patience with the answer ends. `is_reusable` says whether
    it may go back to the pool.
    """

    __slots__ = (
        "_come",
        "_copy",
        "_dirty",
        "_interim",
        "_method",
        "_pieces",
        "_reader",
        "_reading",
        "_started",
        "_transport",
        "_upgrade",
        "buffered",
        "closed",
        "complete",
        "due",
        "fault",
        "head",
        "idle_since",
        "is_full",
        "on_change",
        "on_interim",
        "on_writable",
        "reused",
        "switched",
    )

    def __init__(self) -> None:
        self.reused = False
        self.closed = False
        self.switched = False
        self.is_full = False
        self.idle_since = 0.0
        self.due = inf
        self.buffered = 0
        self.head: Head | None = None
        self.complete = False
        self.fault: Fault | None = None
        self.on_change = nothing
        self.on_writable = nothing
        self.on_interim: Callable[[Head], None] | None = None
        self._method = ""
        self._upgrade = False
        self._started = False
        self._interim = 0
        self._come = b""
        self._reader: BodyReader | None = None
        self._pieces: list[bytes] = []
        self._copy: Copy | None = None
        self._dirty = False
        self._reading = True
        self._transport: asyncio.Transport | None = None

    def __repr__(self) -> str:
        state = "closed" if self.closed else f"{self.phase}, {self.buffered} bytes waiting"
        return f"<Connection {state}{', reused' if self.reused else ''}>"

    # --- what the attempt does -----------------------------------------------------------------

    def begin(self, method: str, head: bytes, due: float, *, upgrade: bool = False) -> None:
        """Begin an exchange: the head of the request, and a clean slate for the answer.

        *upgrade* says that the request asks for another protocol: no 101 comes otherwise.
        """
        self.head = self.fault = self._reader = self._copy = None
        self.complete = self._started = False
        self._method, self.due, self._upgrade = method, due, upgrade
        self._interim, self._come = 0, b""
        if self.closed:
            self.fault = Fault.CLOSED
        else:
            self.write(head)

    def write(self, data: bytes) -> None:
        """Send more of the request."""
        if self._transport is not None and not self.closed:
            self._transport.write(data)

    def expire(self) -> None:
        """Time is up: whatever is missing now will not be waited for."""
        self.fail(Fault.TIMEOUT)

    def go_on(self, due: float) -> None:
        """Wait until *due* after all, though time was up: the answer may come yet."""
        self.fault, self.due = None, due

    def fail(self, fault: Fault) -> None:
        """The answer will not become whole: why, said once."""
        if not self.complete and self.fault is None:
            self.fault = fault
            self.on_change()

    def take(self) -> bytes:
        """What has come of the body; the upstream may go on sending."""
        pieces = self._pieces
        if not pieces:
            return b""
        data = pieces[0] if len(pieces) == 1 else b"".join(pieces)
        self._pieces = []
        self.buffered = 0
        if not self._reading and self._transport is not None and not self.closed:
            self._reading = True
            self._transport.resume_reading()
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

    def end_writing(self) -> None:
        """Half-close: the other side of a tunnel has ended."""
        if self._transport is not None and not self.closed:
            self._transport.write_eof()

    def abort(self) -> None:
        """Drop the connection at once; nothing of it is used again."""
        self.closed = True
        self.silence()
        if self._transport is not None:
            self._transport.abort()

    def silence(self) -> None:
        """Tell nobody any more."""
        self.on_change = self.on_writable = nothing
        self.on_interim = None
        self.due = inf

    @property
    def phase(self) -> Phase:
        """How far the exchange has come, told from what has been read."""
        if self.head is not None:
            return Phase.BODY
        return Phase.HEAD if self._started else Phase.AWAIT

    @property
    def is_reusable(self) -> bool:
        """Whether another exchange may use it: this one ended whole, with nothing left over.

        What was a tunnel never is: either way of it may be open still, and speaks no HTTP.
        """
        return (
            self.complete
            and not self.switched
            and not (self.closed or self._dirty or self._pieces or self.is_full)
            and self.fault is None
            and self.head is not None
            and self.head.keep_alive
        )

    # --- what asyncio tells us ---------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        if self.complete or self.fault is not None or not self._method:
            self._dirty = True  # bytes that belong to no answer: nobody may read them as one
            self._drop()
            return
        self._started = True
        if self.head is None:
            self._read_head(data)
        else:
            self._read_body(data)
        self.on_change()

    def eof_received(self) -> bool:
        if self.switched and not self.closed:
            self.complete = True
            self.on_change()
            return True  # the other way may still be open
        self._ended()  # the connection is lost only once all that was written has gone
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        self.closed = True
        transport, self._transport = self._transport, None
        if exc is None:
            self._ended()
            return
        if transport is not None and transport.get_extra_info("sslcontext") is None:
            self._hear_out(transport)
        self.fail(Fault.CLOSED)

    def pause_writing(self) -> None:
        self.is_full = True

    def resume_writing(self) -> None:
        self.is_full = False
        self.on_writable()

    # --- within --------------------------------------------------------------------------------

    def _read_head(self, data: bytes) -> None:
        """Take heads, interim ones first, and what comes behind the final one."""
        come = self._come + data if self._come else data
        self._come = b""
        while come and self.head is None and self.fault is None:
            end = come.find(END) + len(END)
            if end < len(END):
                self._wait_for_head(come)
                return
            self._take_head(come[:end])
            come = come[end:]
        if come and self.fault is None:
            self._begin_body(come)

    def _wait_for_head(self, come: bytes) -> None:
        """Keep what has come of a head, as long as it can become one."""
        self._come = come
        begins = come[: len(START)] == START[: len(come)]
        bare = come.count(b"\n") - come.count(b"\r\n")
        if not begins or bare or len(come) > MAX_HEAD:
            self._spoil()

    def _take_head(self, raw: bytes) -> None:
        """Take one whole head."""
        try:
            head = read_head(self._method, raw)
        except BadHead:
            self._spoil()
            return
        if head.status < 200:
            self._take_informational(head)
            return
        self.head = head
        if head.has_no_body:
            self.complete = True

    def _take_informational(self, head: Head) -> None:
        """Take a 1xx: tell of it, or switch protocols where that was asked for."""
        if head.status == SWITCHING:
            if self._upgrade and head.upgrade:
                self.head, self.switched = head, True
            else:
                self._spoil()  # nobody asked for it (RFC 9110 7.8)
        elif self._interim == MAX_INTERIM:
            self._spoil()
        else:
            self._interim += 1
            if self.on_interim is not None:
                self.on_interim(head)

    def _begin_body(self, data: bytes) -> None:
        """The first bytes behind the head: often the whole body, and then no reader is needed."""
        if self.head is not None and self.head.length == len(data):
            self._pieces, self.buffered = [data], len(data)
            self.complete = True
        else:
            self._read_body(data)

    def _read_body(self, data: bytes) -> None:
        if self._reader is None and self.head is not None and self.head.framing is not Framing.NONE:
            self._reader = self.head.reader()
        if self._reader is None:
            if self.switched:
                self._keep(data)
            else:
                self._dirty = True  # more than the answer
            return
        try:
            piece = self._reader.feed(data)
        except BadFraming:
            self._spoil()
            return
        if piece:
            self._keep(piece)
        if self._reader.done:
            self.complete = True
            self._dirty = bool(self._reader.rest)

    def _keep(self, piece: bytes) -> None:
        self._pieces.append(piece)
        self.buffered += len(piece)
        if self._copy is not None:
            self._copy.add(piece)
        if self.buffered >= HIGH_WATER and self._reading and self._transport is not None:
            self._reading = False
            self._transport.pause_reading()

    def _hear_out(self, transport: asyncio.Transport) -> None:
        """Read what came before the connection broke.

        An upstream that answers early and closes has bytes of our upload unread, and so it resets
        (RFC 9112 9.6). A write of ours may be the first to find out, and its failure ends the
        transport, while the answer is still in the kernel's buffer. (Under TLS it is lost: what is
        read past the transport is no plain text.)
        """
        sock = transport.get_extra_info("socket")
        try:
            while not (sock is None or self.complete or self.fault or self.buffered >= HIGH_WATER):
                if not (data := os.read(sock.fileno(), HIGH_WATER)):
                    return
                self.data_received(data)
        except OSError:
            return  # that was all

    def _ended(self) -> None:
        """Nothing more will come: the end of an answer that only this ends, or a break."""
        by_end = self.head is not None and self.head.framing is Framing.EOF
        if by_end and not self.complete and self.fault is None:
            self.complete = True
            self.on_change()
        else:
            self.fail(Fault.CLOSED)

    def _spoil(self) -> None:
        self._dirty = True
        if self.fault is None:
            self.fault = Fault.GARBAGE

    def _drop(self) -> None:
        self.closed = True
        if self._transport is not None:
            self._transport.abort()

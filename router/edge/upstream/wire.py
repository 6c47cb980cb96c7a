"""One connection to an upstream: bytes out, an answer in, and what went wrong.

`reader` makes an answer of the bytes. The connection never decides: it reports how far the answer
came and which fault ended it.
"""

import asyncio
import os
from collections.abc import Callable
from math import inf
from typing import Final, cast

from router.core.answers import Head
from router.core.outcome import Fault, Phase
from router.edge.upstream.reader import AnswerReader

HIGH_WATER: Final = 64 * 1024
"""Bytes of body that wait here before the upstream is told to pause."""


def nothing() -> None:
    """What is called where nobody listens."""


class Connection:
    """A connection that carries one exchange at a time.

    `begin` starts an exchange. `on_change` is called when something new is known, and then `head`,
    `complete`, `fault`, `phase` and `take` tell what; `on_interim` with each 1xx; `on_writable`
    when more can be sent. `due` is when patience with the answer ends. `is_reusable` says whether
    it may go back to the pool.
    """

    __slots__ = (
        "_answer",
        "_reading",
        "_transport",
        "closed",
        "due",
        "fault",
        "idle_since",
        "is_full",
        "on_change",
        "on_interim",
        "on_writable",
        "reused",
    )

    def __init__(self) -> None:
        self.reused = False
        self.closed = False
        self.is_full = False
        self.idle_since = 0.0
        self.due = inf
        self.fault: Fault | None = None
        self.on_change = nothing
        self.on_writable = nothing
        self.on_interim: Callable[[Head], None] | None = None
        self._answer = AnswerReader()
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
        self._answer.begin(method, upgrade)
        self.fault, self.due = None, due
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
        data = self._answer.take()
        if data and not self._reading and self._transport is not None and not self.closed:
            self._reading = True
            self._transport.resume_reading()
        return data

    def copy(self, most: int) -> None:
        """Keep the body, of which nothing was taken yet, also for `copied`: *most* bytes of it."""
        self._answer.copy(most)

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

    # --- how far the answer is -----------------------------------------------------------------

    @property
    def head(self) -> Head | None:
        """The head of the answer, once it is here."""
        return self._answer.head

    @property
    def buffered(self) -> int:
        """Bytes of the body that wait to be taken."""
        return self._answer.buffered

    @property
    def copied(self) -> bytes:
        """The body as far as it was kept: one byte more than was asked for says that it is cut."""
        return self._answer.copied

    @property
    def trailers(self) -> list[bytes]:
        """The lines of the answer's trailer section, once it is complete."""
        return self._answer.trailers

    @property
    def complete(self) -> bool:
        """Whether the whole answer has come."""
        return self._answer.complete

    @property
    def switched(self) -> bool:
        """Whether what comes is HTTP no longer."""
        return self._answer.switched

    @property
    def phase(self) -> Phase:
        """How far the exchange has come, told from what has been read."""
        if self._answer.head is not None:
            return Phase.BODY
        return Phase.HEAD if self._answer.started else Phase.AWAIT

    @property
    def is_reusable(self) -> bool:
        """Whether another exchange may use it."""
        return not (self.closed or self.is_full) and self.fault is None and self._answer.is_clean

    # --- what asyncio tells us ---------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        answer = self._answer
        if self.fault is not None or not answer.expects:
            self._drop()  # bytes that belong to no answer: nobody may read them as one
            return
        answer.feed(data)
        if answer.interim:
            self._tell_interim()
        if answer.broken and self.fault is None:
            self.fault = Fault.GARBAGE
        if answer.buffered >= HIGH_WATER and not answer.complete:
            self._pause()
        self.on_change()

    def eof_received(self) -> bool:
        if self._answer.switched and not self.closed:
            self._answer.complete = True
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

    def _tell_interim(self) -> None:
        """Tell of the 1xx that have come."""
        answer = self._answer
        interim, answer.interim = answer.interim, []
        for head in interim:
            if self.on_interim is not None:
                self.on_interim(head)

    def _pause(self) -> None:
        """Let the upstream wait until what has come was taken."""
        if self._reading and self._transport is not None:
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
        if self.fault is None and self._answer.end():
            self.on_change()
        else:
            self.fail(Fault.CLOSED)

    def _drop(self) -> None:
        self.closed = True
        if self._transport is not None:
            self._transport.abort()

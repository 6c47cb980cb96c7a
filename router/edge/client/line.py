"""The line to a client: bytes out, bytes held back, and the moments at which patience ends.

It knows nothing of requests. Each limit of time is a moment in `due`, looked at by the front's
sweep, so that a request sets no timer.
"""

import asyncio
import socket
import struct
from math import inf
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from router.edge.front import Front

LINGER_S = 2.0
"""How long a connection is read off after its last answer, so that RST does not overtake it."""

RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class Line:
    """One line, open as long as there is a transport.

    `due` is when patience with what the client sends ends, `write_due` with how it reads
    (monotonic seconds; infinite while nothing is asked of the client). `is_full` says that it has
    to read before more is written, `was_cut` that we broke it off.
    """

    __slots__ = (
        "_closing",
        "_front",
        "_reading",
        "_transport",
        "address",
        "due",
        "is_full",
        "was_cut",
        "write_due",
    )

    def __init__(self, front: "Front") -> None:
        self.address = "unknown"
        self.due = inf
        self.write_due = inf
        self.is_full = False
        self.was_cut = False
        self._front = front
        self._transport: asyncio.Transport | None = None
        self._closing = False
        self._reading = True

    @property
    def most_waiting(self) -> int:
        """Bytes of an upload that may wait here before the client is told to pause."""
        return self._front.limits.buffer

    @property
    def buffered(self) -> int:
        """Bytes on their way to the client that wait within the process."""
        return self._transport.get_write_buffer_size() if self._transport is not None else 0

    def opened(self, transport: asyncio.BaseTransport) -> None:
        """Speak through *transport* from now on."""
        self._transport = cast("asyncio.Transport", transport)
        self._transport.set_write_buffer_limits(high=self._front.limits.buffer)
        peer = transport.get_extra_info("peername")
        self.address = str(peer[0]) if peer else "unknown"

    def write(self, data: bytes) -> None:
        """Send *data*, unless nobody is there to get it."""
        if self._transport is not None and not self._closing:
            self._transport.write(data)

    def end_writing(self) -> None:
        """Half-close: nothing more will be written."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write_eof()

    def read_on(self, wanted: bool) -> None:
        """Read from the client, or let it wait."""
        if wanted == self._reading or self._transport is None:
            return
        self._reading = wanted
        if wanted:
            self._transport.resume_reading()
        else:
            self._transport.pause_reading()

    def expect_within(self, seconds: float) -> None:
        """Have something come within *seconds*, or be overdue."""
        self.due = self._front.clock() + seconds

    def close(self, *, linger: bool) -> None:
        """Close once what was written has gone out; *linger* where more may still come in."""
        self._closing = True
        if self._transport is None:
            return
        if linger:
            self.end_writing()
            self.expect_within(LINGER_S)
            self.read_on(True)
        else:
            self._transport.close()
            self.expect_within(self._front.limits.slow_reader_s)

    def abort(self) -> None:
        """Break off by RST: to a client of HTTP/1.0 a mere end would be the end of the answer."""
        self.was_cut = True
        self._closing = True
        if self._transport is None:
            return
        sock = self._transport.get_extra_info("socket")
        if sock is not None and not self._transport.is_closing():
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
        self._transport.abort()

    def drop(self) -> None:
        """Break off as fast as that goes."""
        self.was_cut = True
        self._closing = True
        if self._transport is not None:
            self._transport.abort()

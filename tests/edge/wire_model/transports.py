"""A connection without a socket: the protocol's end is asyncio's, the other end is the test's."""

import asyncio
from collections import deque

HIGH = 64 * 1024


class Transport(asyncio.Transport):
    """A peer does `give`, `end`, `reset`, `stall` and `read_on`; `written` is what it has got.

    Bytes written to a peer that stalls wait here, and the protocol is told to pause past `HIGH`.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, protocol: asyncio.Protocol) -> None:
        super().__init__({"peername": ("192.0.2.1", 4711)})
        self.written = bytearray()
        self.waiting = bytearray()
        self.incoming: deque[bytes | None] = deque()
        self.reading = True
        self.stalled = False
        self.aborted = False
        self.ended = False
        self.lost = False
        self._closing = False
        self._full = False
        self._high = HIGH
        self._loop = loop
        self.protocol = protocol

    # --- what the peer does ----------------------------------------------------------------------

    def give(self, data: bytes) -> None:
        """Send *data*, which is read at once if anybody reads."""
        self.incoming.append(data)
        self._deliver()

    def end(self) -> None:
        """Send the end, behind what was sent."""
        self.incoming.append(None)
        self._deliver()

    def reset(self) -> None:
        """Break off."""
        self._lose(ConnectionResetError())

    def stall(self) -> None:
        """Take no further bytes."""
        self.stalled = True

    def read_on(self) -> None:
        """Take what waits, and what comes."""
        self.stalled = False
        self.written += self.waiting
        self.waiting.clear()
        if self._closing:
            self._loop.call_soon(self._lose, None)
        elif self._full:
            self._full = False
            self.protocol.resume_writing()

    # --- what the protocol does ------------------------------------------------------------------

    def write(self, data: bytes) -> None:
        assert isinstance(data, bytes)
        assert not self.ended, "written behind the end"
        if self._closing or self.lost:
            return
        if not self.stalled:
            self.written += data
            return
        self.waiting += data
        if len(self.waiting) > self._high and not self._full:
            self._full = True
            self.protocol.pause_writing()

    def write_eof(self) -> None:
        self.ended = True

    def pause_reading(self) -> None:
        self.reading = False

    def resume_reading(self) -> None:
        self.reading = True
        self._loop.call_soon(self._deliver)

    def close(self) -> None:
        if not self._closing and not self.waiting:
            self._loop.call_soon(self._lose, None)
        self._closing = True

    def abort(self) -> None:
        self.aborted = self.aborted or not self.lost
        self._closing = True
        self.waiting.clear()
        self._loop.call_soon(self._lose, None)

    def is_closing(self) -> bool:
        return self._closing

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        self._high = high or HIGH

    def get_write_buffer_size(self) -> int:
        return len(self.waiting)

    # --- within ----------------------------------------------------------------------------------

    def _deliver(self) -> None:
        while self.incoming and self.reading and not (self._closing or self.lost):
            data = self.incoming.popleft()
            if data:
                self.protocol.data_received(data)
            elif data is None and not self.protocol.eof_received():
                self.close()

    def _lose(self, error: Exception | None) -> None:
        if not self.lost:
            self.lost = self._closing = True
            self.protocol.connection_lost(error)
            self.protocol = asyncio.Protocol()  # nobody holds on to it, as in asyncio

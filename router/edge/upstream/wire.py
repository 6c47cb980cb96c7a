"""One connection to an upstream: bytes out, an answer in, and what went wrong.

httptools (llhttp) takes the bytes apart; `core.answers.read_head` judges the head. The connection
never decides: it reports how far the answer came and which fault ended it.
"""

import asyncio
from collections import deque
from typing import cast

from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser

from router.core.answers import MAX_FIELDS, MAX_HEAD, MAX_INTERIM, BadHead, Framing, Head, read_head
from router.core.headers import Pair
from router.core.outcome import Fault, Phase

HIGH_WATER = 64 * 1024
"""Bytes of body that wait here before the upstream is told to pause."""


class Connection(asyncio.Protocol):
    """A connection that carries one exchange at a time.

    `send` begins an exchange. `changed` waits until something new is known, and then `head`,
    `complete`, `fault`, `phase` and `take` tell what. `is_reusable` says whether it may go back
    to the pool.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self.reused = False
        self.closed = False
        self.idle_since = 0.0
        self.head: Head | None = None
        self.complete = False
        self.fault: Fault | None = None
        self.buffered = 0
        self._method = ""
        self._parser = HttpResponseParser(self)
        self._head_bytes = 0
        self._unparsed = 0
        self._started = False
        self._interim = 0
        self._reason = b""
        self._pairs: list[Pair] = []
        self._pieces: deque[bytes] = deque()
        self._dirty = False
        self._reading = True
        self._writable: asyncio.Future[None] | None = None
        self._waiter: asyncio.Future[None] | None = None
        self._transport: asyncio.Transport | None = None

    def __repr__(self) -> str:
        state = "closed" if self.closed else f"{self.phase}, {self.buffered} bytes waiting"
        return f"<Connection {state}{', reused' if self.reused else ''}>"

    # --- what the attempt does -----------------------------------------------------------------

    def send(self, method: str, head: bytes) -> None:
        """Begin an exchange: the head of the request, and a clean slate for the answer."""
        self.head, self.complete, self.fault = None, False, None
        self._method, self._started = method, False
        self._head_bytes = self._unparsed = self._interim = 0
        self._pairs, self._reason = [], b""
        if self.closed:
            self.fault = Fault.CLOSED
        else:
            self.write(head)

    def write(self, data: bytes) -> None:
        """Send more of the request."""
        if self._transport is not None and not self.closed:
            self._transport.write(data)

    async def drained(self) -> None:
        """Wait until the upstream has taken what was written; backpressure for uploads."""
        if self._writable is not None:
            await self._writable

    async def changed(self) -> None:
        """Wait for the next thing that happens to the answer."""
        self._waiter = self.loop.create_future()
        try:
            await self._waiter
        finally:
            self._waiter = None

    def expire(self) -> None:
        """Time is up: whatever is missing now will not be waited for."""
        self.fail(Fault.TIMEOUT)

    def take(self) -> list[bytes]:
        """The pieces of body that have come; the upstream may go on sending."""
        pieces = list(self._pieces)
        self._pieces.clear()
        self.buffered = 0
        if not self._reading and self._transport is not None and not self.closed:
            self._reading = True
            self._transport.resume_reading()
        return pieces

    def abort(self) -> None:
        """Drop the connection at once; nothing of it is used again."""
        self.closed = True
        if self._transport is not None:
            self._transport.abort()

    @property
    def phase(self) -> Phase:
        """How far the exchange has come, told from what has been read."""
        if self.head is not None:
            return Phase.BODY
        return Phase.HEAD if self._started else Phase.AWAIT

    @property
    def is_reusable(self) -> bool:
        """Whether another exchange may use it: this one ended whole, with nothing left over."""
        return (
            self.complete
            and not (self.closed or self._dirty or self._pieces)
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
            self.abort()
            return
        self._started = True
        self._feed(data)
        self._pause_if_full()
        self.wake()

    def eof_received(self) -> bool:
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        self.closed = True
        self._release_writers()
        if self.complete or self.fault is not None:
            return
        if exc is None and self.head is not None and self.head.framing is Framing.EOF:
            self._finish()
        else:
            self.fail(Fault.CLOSED)
        self.wake()

    def pause_writing(self) -> None:
        self._writable = self.loop.create_future()

    def resume_writing(self) -> None:
        self._release_writers()

    def fail(self, fault: Fault) -> None:
        """The answer will not become whole: why, said once, and wake who waits for it."""
        if not self.complete and self.fault is None:
            self.fault = fault
        self.wake()

    # --- what the parser tells us ------------------------------------------------------------

    def on_status(self, status: bytes) -> None:
        self._reason += status

    def on_header(self, name: bytes, value: bytes) -> None:
        if self.head is not None:
            return  # a trailer
        self._pairs.append((name, value))
        self._head_bytes += len(name) + len(value) + 4
        if len(self._pairs) > MAX_FIELDS or self._head_bytes > MAX_HEAD:
            raise BadHead("a head without end")

    def on_headers_complete(self) -> None:
        if self.head is not None:
            self._dirty = True  # the head of an answer that nobody asked for
            return
        status = self._parser.get_status_code()
        pairs, reason = self._pairs, self._reason
        self._pairs, self._reason = [], b""
        if 100 <= status < 200 and status != 101:
            self._interim += 1
            if self._interim > MAX_INTERIM:
                raise BadHead("too many interim answers")
            return
        version = self._parser.get_http_version()
        self.head = read_head(self._method, version, status, reason, pairs)
        if self.head.framing is Framing.NONE:
            # llhttp cannot be told of HEAD, and would read a body here: start it anew afterwards.
            self._parser = HttpResponseParser(self)
            self._finish()

    def on_body(self, piece: bytes) -> None:
        if self.complete:
            self._dirty = True
            return
        self._pieces.append(piece)
        self.buffered += len(piece)

    def on_message_complete(self) -> None:
        if self.head is not None and not self.complete:
            self._finish()

    # --- within --------------------------------------------------------------------------------

    def _feed(self, data: bytes) -> None:
        parser = self._parser
        try:
            parser.feed_data(data)
        except (HttpParserError, HttpParserUpgrade):
            self._dirty = True
            self.fail(Fault.GARBAGE)
            return
        if self.head is None:
            self._unparsed += len(data)
            if self._unparsed > MAX_HEAD:
                self._dirty = True
                self.fail(Fault.GARBAGE)

    def _finish(self) -> None:
        self.complete = True
        self._method = ""

    def _pause_if_full(self) -> None:
        if self.buffered >= HIGH_WATER and self._reading and self._transport is not None:
            self._reading = False
            self._transport.pause_reading()

    def _release_writers(self) -> None:
        writable, self._writable = self._writable, None
        if writable is not None and not writable.done():
            writable.set_result(None)

    def wake(self, _: object = None) -> None:
        """Have whoever waits in `changed` look again."""
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

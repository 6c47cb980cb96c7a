"""A client's connection: requests one after another, each served before the next is begun.

It never decides: it reads, paces, and tells whoever serves the request what happens. Each limit
of time is a moment in `due`, looked at by the front's sweep, so that a request sets no timer.
"""

import asyncio
import socket
import struct
from math import inf
from typing import TYPE_CHECKING, cast

from router.core.problems import Problem
from router.edge.client.client import Client, Handling, Tunnel
from router.edge.client.heads import UNREAD, BadRequest
from router.edge.client.unread import Unread
from router.edge.client.upload import Upload

if TYPE_CHECKING:
    from router.edge.front import Front

LINGER_S = 2.0
"""How long a connection is read off after its last answer, so that RST does not overtake it."""

INVITE_S = 1.0
"""How long an upstream may think about `Expect: 100-continue` before we invite the body."""

RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class ClientConnection:
    """One connection of a client.

    `due` is when patience with what the client sends ends, `write_due` with how it reads
    (monotonic seconds; infinite while nothing is asked of the client).
    """

    __slots__ = (
        "_advancing",
        "_closing",
        "_exchange",
        "_front",
        "_idle",
        "_reading",
        "_transport",
        "_tunnel",
        "_unread",
        "_upload",
        "address",
        "client",
        "due",
        "is_full",
        "is_gone",
        "was_cut",
        "write_due",
    )

    def __init__(self, front: "Front") -> None:
        self.address = "unknown"
        self.client: Client | None = None
        self.due = inf
        self.write_due = inf
        self._idle = True
        self.is_full = False
        self.is_gone = False
        self.was_cut = False
        self._front = front
        self._transport: asyncio.Transport | None = None
        self._exchange: Handling | None = None
        self._upload: Upload | None = None
        self._tunnel: Tunnel | None = None
        self._unread = Unread()
        self._advancing = False
        self._closing = False
        self._reading = True

    def __repr__(self) -> str:
        state = "busy" if self.client else "closing" if self._closing else "idle"
        return f"<ClientConnection of {self.address}, {state}, {len(self._unread)} bytes unread>"

    @property
    def draining(self) -> bool:
        """Whether the process takes no further requests."""
        return self._front.draining

    @property
    def most_waiting(self) -> int:
        """Bytes of an upload that may wait here before the client is told to pause."""
        return self._front.limits.buffer

    @property
    def buffered(self) -> int:
        """Bytes on their way to the client that wait within the process."""
        return self._transport.get_write_buffer_size() if self._transport is not None else 0

    # --- what asyncio tells us -------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._transport.set_write_buffer_limits(high=self._front.limits.buffer)
        peer = transport.get_extra_info("peername")
        self.address = str(peer[0]) if peer else "unknown"
        self.due = self._front.clock() + self._front.limits.head_timeout_s
        refusal = self._front.admit(self)
        if refusal is not None:
            self._refuse(refusal)

    def data_received(self, data: bytes) -> None:
        if self._tunnel is not None:
            self._tunnel.from_client(data)
        elif not self._closing:
            self._unread.add(data)
            self._advance()

    def eof_received(self) -> bool:
        if self._tunnel is not None:
            self._tunnel.client_ended()
            return True
        self._gone()
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        self._front.forget(self)
        self._transport = None
        self._closing = True
        self._unread.take()
        self._gone()

    def pause_writing(self) -> None:
        self.is_full = True
        self.write_due = self._front.clock() + self._front.limits.slow_reader_s

    def resume_writing(self) -> None:
        self.is_full = False
        self.write_due = inf
        if self.client is not None and self.client.on_writable is not None:
            self.client.on_writable()
        elif self.client is None:
            self._advance()

    # --- what a request does ---------------------------------------------------------------------

    def receive(self, upload: Upload) -> None:
        """Read the body of the request under way into *upload*."""
        self._upload = upload
        self.due = self._front.clock() + INVITE_S if upload.invites else self._body_due
        self._advance()

    def write(self, data: bytes) -> None:
        """Send *data*, unless nobody is there to get it."""
        if self._transport is not None and not self._closing:
            self._transport.write(data)

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

    def switch(self, tunnel: Tunnel) -> None:
        """Give *tunnel* what has come and what will come."""
        self.read_on(True)
        self._tunnel = tunnel
        unread = self._unread.take()
        if unread:
            tunnel.from_client(unread)

    def expect_within(self, seconds: float) -> None:
        """Have something move within *seconds*, or be overdue."""
        self.due = self._front.clock() + seconds

    def end_writing(self) -> None:
        """Half-close: the other side of a tunnel has ended."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write_eof()

    def finished(self, *, stays: bool) -> None:
        """The request under way has been served: on to the next, or close."""
        unread_upload = (
            self.client is not None
            and self.client.message.has_body
            and not (self._upload is not None and self._upload.complete)
        )
        self.client = self._exchange = self._upload = None
        if self._transport is None or self._closing:
            return
        if stays and self._tunnel is None:
            self._idle = True
            self.due = self._front.clock() + self._front.limits.keep_alive_s
            self._advance()
        else:
            self._close(linger=unread_upload or bool(self._unread.data))

    # --- time ------------------------------------------------------------------------------------

    def check(self, now: float) -> None:
        """Act on what is overdue at *now*."""
        if now >= self.write_due:
            self.abort()
            if self._exchange is not None:
                self.is_gone = True
                self._exchange.left()
        elif now >= self.due:
            self.due = inf
            self._overdue()

    def close_if_idle(self) -> None:
        """Close where no request is under way, or begun."""
        if self._idle:
            self._close(linger=False)

    def cut(self) -> None:
        """Break off what is under way: the grace time is over."""
        exchange = self._exchange
        self.was_cut = True
        self._closing = True
        if self._transport is not None:
            self._transport.abort()
        if exchange is not None:
            exchange.left()

    def _overdue(self) -> None:
        if self._closing:
            self.abort()
        elif self._tunnel is not None:
            self._tunnel.overdue()
        elif self._upload is not None:
            self._upload_overdue(self._upload)
        elif self._unread.data and self.client is None:
            self._refuse(
                Problem(408, "head-timeout", "The request's head took too long.", close=True)
            )
        elif self.client is None:
            self._close(linger=False)

    def _upload_overdue(self, upload: Upload) -> None:
        if upload.invites:
            upload.invite()
            self.due = self._body_due
        else:
            upload.fail(
                Problem(408, "upload-timeout", "The upload paused for too long.", close=True)
            )

    # --- within ----------------------------------------------------------------------------------

    def pace(self) -> None:
        """Read on while what has come is wanted or small, else let the client wait."""
        upload = self._upload
        if upload is not None and not upload.done:
            wanted = upload.wants_more
        else:
            wanted = len(self._unread) < self._front.limits.buffer
        if wanted == self._reading or self._tunnel is not None:
            return
        self.read_on(wanted)
        if self._upload is not None and not self._upload.done:
            self.due = self._body_due if wanted else inf  # we keep the client waiting, not it us

    def read_on(self, wanted: bool) -> None:
        """Read from the client, or let it wait."""
        if wanted == self._reading or self._transport is None:
            return
        self._reading = wanted
        if wanted:
            self._transport.resume_reading()
        else:
            self._transport.pause_reading()

    @property
    def _body_due(self) -> float:
        return self._front.clock() + self._front.limits.body_timeout_s

    def _advance(self) -> None:
        """Take what is unread as far as it goes: the body under way, then the next request."""
        if self._advancing:
            return
        self._advancing = True
        try:
            while self._unread.data and not self._closing and self._tunnel is None:
                if self._upload is not None and not self._upload.done:
                    self._feed(self._upload)
                elif self.client is not None or self.is_full or not self._next():
                    break  # what is pipelined waits its turn
        finally:
            self._advancing = False
        if self._unread.data or self._upload is not None or not self._reading:
            self.pace()

    def _feed(self, upload: Upload) -> None:
        """Take the body under way from what is unread."""
        rest = upload.feed(self._unread.take())
        if self._upload is upload:  # what was fed has not ended the request
            self._unread.add(rest)
            self.due = inf if upload.done or not self._reading else self._body_due

    def _next(self) -> bool:
        """Begin the next request, if its head is whole."""
        try:
            message = self._unread.head(self._front.heads)
        except BadRequest as bad:
            self._refuse(bad.problem)
            return False
        if message is None:
            self._wait_for_head()
            return False
        self.due, self._idle = inf, False
        self.client = client = Client(self, message)
        exchange = self._front.serve(client)
        if self._serves(client):  # it may have been answered, and another begun
            self._exchange = exchange
        return True

    def _serves(self, client: Client) -> bool:
        return self.client is client

    def _wait_for_head(self) -> None:
        """Be patient with the rest of a head, from its first byte on."""
        if self._idle and self._unread.has_begun:
            self.due = self._front.clock() + self._front.limits.head_timeout_s
            self._idle = False

    def _refuse(self, problem: Problem) -> None:
        """Answer what is no request, and close."""
        self.due, self._idle = inf, False
        self.client = client = Client(self, UNREAD)
        self._front.refuse(client, problem)

    def _close(self, *, linger: bool) -> None:
        """Close once what was written has gone out; *linger* where more may still come in."""
        self._closing = True
        self._idle = False
        self._unread.take()
        if self._transport is None:
            return
        if linger:
            self.end_writing()
            self.due = self._front.clock() + LINGER_S
            self.read_on(True)
        else:
            self._transport.close()
            self.due = self._front.clock() + self._front.limits.slow_reader_s

    def _gone(self) -> None:
        """Nobody is there any more: whatever is under way for the client ends."""
        if self.was_cut:
            return
        self.is_gone = self._closing = True
        exchange, self._exchange = self._exchange, None
        if exchange is not None:
            exchange.left()

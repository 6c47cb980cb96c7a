"""A client's connection: requests one after another, each served before the next is begun.

It never decides: it reads, paces, and tells whoever serves the request what happens.
"""

import asyncio
from math import inf
from typing import TYPE_CHECKING

from router.core.problems import Problem
from router.edge.client.client import Client, Handling, Tunnel
from router.edge.client.heads import UNREAD, BadRequest
from router.edge.client.line import Line
from router.edge.client.unread import Unread
from router.edge.client.upload import Upload

if TYPE_CHECKING:
    from router.edge.front import Front

INVITE_S = 1.0
"""How long an upstream may think about `Expect: 100-continue` before we invite the body."""


class ClientConnection(Line):
    """One connection of a client, and what is asked on it.

    `is_gone` says that it was the client that closed it.
    """

    __slots__ = (
        "_advancing",
        "_exchange",
        "_idle",
        "_tunnel",
        "_unread",
        "_upload",
        "client",
        "is_gone",
    )

    def __init__(self, front: "Front") -> None:
        super().__init__(front)
        self.client: Client | None = None
        self.is_gone = False
        self._exchange: Handling | None = None
        self._upload: Upload | None = None
        self._tunnel: Tunnel | None = None
        self._unread = Unread()
        self._idle = True
        self._advancing = False

    def __repr__(self) -> str:
        state = "busy" if self.client else "closing" if self._closing else "idle"
        return f"<ClientConnection of {self.address}, {state}, {len(self._unread)} bytes unread>"

    @property
    def draining(self) -> bool:
        """Whether the process takes no further requests."""
        return self._front.draining

    # --- what asyncio tells us -------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.opened(transport)
        self.expect_within(self._front.limits.head_timeout_s)
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
        if upload.invites:
            self.expect_within(INVITE_S)
        else:
            self._expect_body(True)
        self._advance()

    def switch(self, tunnel: Tunnel) -> None:
        """Give *tunnel* what has come and what will come."""
        self.read_on(True)
        self._tunnel = tunnel
        unread = self._unread.take()
        if unread:
            tunnel.from_client(unread)

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
            self.expect_within(self._front.limits.keep_alive_s)
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
        self.drop()
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
            self._expect_body(True)
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
            self._expect_body(wanted)

    def _expect_body(self, wanted: bool) -> None:
        """Be patient with more of a body, if it is *wanted*: else we keep the client waiting."""
        self.due = inf
        if wanted:
            self.expect_within(self._front.limits.body_timeout_s)

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
            self._expect_body(self._reading and not upload.done)

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
            self.expect_within(self._front.limits.head_timeout_s)
            self._idle = False

    def _refuse(self, problem: Problem) -> None:
        """Answer what is no request, and close."""
        self.due, self._idle = inf, False
        self.client = client = Client(self, UNREAD)
        self._front.refuse(client, problem)

    def _close(self, *, linger: bool) -> None:
        """Close once what was written has gone out; *linger* where more may still come in."""
        self._idle = False
        self._unread.take()
        self.close(linger=linger)

    def _gone(self) -> None:
        """Nobody is there any more: whatever is under way for the client ends."""
        if self.was_cut:
            return
        self.is_gone = self._closing = True
        exchange, self._exchange = self._exchange, None
        if exchange is not None:
            exchange.left()

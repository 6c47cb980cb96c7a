"""Clients: aiohttp's server, wrapped so that an exchange sees one request and writes raw bytes.

Everything that touches aiohttp's server is in this file. Its own answers, log and defaults are
replaced: an answer here is bytes on the transport, and every refusal is counted.
"""

import asyncio
import contextlib
import socket
import struct
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import http_exceptions, http_parser, web, web_protocol
from aiohttp.abc import AbstractStreamWriter

from router.core.headers import Pairs
from router.core.problems import Problem, bad_request
from router.edge.requestbody import RequestBody

LINE = 8 * 1024
FIELDS = 100
IDLE_S = 75.0
LINGER_S = 2.0
SLOW_READER_S = 60.0
READ_BUFFER = 64 * 1024
DRAIN_STEP_S = 0.02
RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class PureParser(RuntimeError):
    """aiohttp's C parser is not there; its pure-Python one is not strict enough for a door."""


class Answered(web.StreamResponse):
    """What aiohttp is handed once an answer has gone out: nothing is left for it to do."""

    def __init__(self, *, keep_alive: bool) -> None:
        super().__init__()
        self._stays_open = keep_alive

    @property
    def keep_alive(self) -> bool:
        return self._stays_open

    async def prepare(self, request: web.BaseRequest) -> AbstractStreamWriter | None:
        return None

    async def write_eof(self, data: bytes = b"") -> None:
        return


class Client:
    """One client request: what it says, and the way back to who sent it."""

    __slots__ = ("_front", "_request", "_stays", "_writer", "is_http_1_0", "sent", "transport")

    def __init__(self, request: web.BaseRequest, front: "Front") -> None:
        message = request._message
        self._request = request
        self._writer = request.writer
        self.transport = request.transport
        self.is_http_1_0 = message.version < (1, 1)
        self._front = front
        self._stays = not message.should_close
        self.sent = 0

    @property
    def keep_alive(self) -> bool:
        """Whether the connection will take another request after this answer."""
        return self._stays and not self._front.draining

    def begin_answer(self) -> None:
        """Let the answer's head say `close` where the upload has not been read to its end.

        Nobody can tell then whether what comes next is a body or a request (RFC 9112 9.3).
        """
        if not self._request.content.is_eof():
            self._stays = False

    def close_after(self) -> None:
        """Take no further request from this connection."""
        self._stays = False

    @property
    def method(self) -> str:
        return self._request.method

    @property
    def target(self) -> str:
        """The request target, byte for byte (bytes that are no UTF-8 as surrogates)."""
        return self._request._message.path

    @property
    def pairs(self) -> Pairs:
        """The header fields, raw and in order."""
        return self._request.raw_headers

    @property
    def version(self) -> tuple[int, int]:
        version = self._request.version
        return version.major, version.minor

    @property
    def address(self) -> str:
        """The peer's IP address."""
        peer = self._request.protocol.peername
        return str(peer[0]) if peer else "unknown"

    def body(self, *, chunked: bool, limit: int, expects_continue: bool) -> RequestBody:
        """The upload that follows the head."""
        invite = self._invite if expects_continue else None
        return RequestBody(self._request.content, chunked=chunked, limit=limit, invite=invite)

    @property
    def is_gone(self) -> bool:
        """Whether the client has closed its connection, and not we."""
        transport = self._request.transport
        closed = transport is None or transport.is_closing()
        return closed and not self._request.protocol.was_cut  # type: ignore[attr-defined]

    def write(self, data: bytes) -> None:
        """Commit *data* to the client."""
        if self.transport is None:
            raise ConnectionResetError("the client has gone")
        self.sent += len(data)
        self.transport.write(data)

    async def drained(self) -> None:
        """Wait until the client has read enough; one that reads nothing for a minute is cut."""
        if not self._request.protocol.writing_paused:
            return
        try:
            async with asyncio.timeout(SLOW_READER_S):
                await self._writer.drain()
        except TimeoutError:
            self.abort()
            raise ConnectionResetError("the client reads too slowly") from None

    def abort(self) -> None:
        """Break the connection off, so that a truncated answer never looks whole.

        By RST: to a client of HTTP/1.0 a mere end would be the end of the answer.
        """
        self._stays = False
        if self.transport is None or self.transport.is_closing():
            return
        sock = self.transport.get_extra_info("socket")
        if sock is not None:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
        self.transport.abort()

    def _invite(self) -> None:
        if not self.is_http_1_0 and self.transport is not None:
            self.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")


Serve = Callable[[Client], Awaitable[None]]
Refuse = Callable[[Client, Problem], None]


class ClientConnection(web.RequestHandler):
    """aiohttp's connection, but for what it answers when it cannot read a request."""

    __slots__ = ("_front", "was_cut")

    def __init__(self, front: "Front", **settings: Any) -> None:
        super().__init__(front, **settings)
        self._front = front
        self.was_cut = False

    @property
    def is_idle(self) -> bool:
        """Whether it waits for a request, with none under way."""
        return self._current_request is None and not self._messages

    def cut(self) -> None:
        """Break off what is under way: the grace time is over."""
        self.was_cut = True
        if self.transport is not None:
            self.transport.abort()  # close() would wait for a client that reads nothing

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._messages and isinstance(self._messages[-1][0], web_protocol._ErrInfo):
            self._break_body()

    def _break_body(self) -> None:
        """End the body that the bytes just read belong to; aiohttp would let it wait for ever."""
        request = self._current_request
        if len(self._messages) > 1:
            payload: Any = self._messages[-2][1]
        else:
            payload = request.content if request is not None else None
        if payload is not None and not payload.is_eof():
            self._messages.pop()  # it is that request's failure, and no request of its own
            payload.set_exception(web.RequestPayloadError("broken framing"))

    def log_exception(self, *args: Any, **named: Any) -> None:
        """Leave out a broken upload that is read off after its answer: the client was told."""
        if not isinstance(named.get("exc_info"), web.RequestPayloadError):
            super().log_exception(*args, **named)

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        client = Client(request, self._front)
        client.close_after()
        self._front.refuse(client, problem_of(exc))
        return CLOSED


class Front(web.Server):
    """The listener's protocol factory: each client's requests, in order, become exchanges."""

    def __init__(self, serve: Serve, refuse: Refuse, loop: asyncio.AbstractEventLoop) -> None:
        require_c_parser()
        super().__init__(
            self.answer,
            handler_cancellation=True,
            loop=loop,
            access_log=None,
            auto_decompress=False,
            keepalive_timeout=IDLE_S,
            lingering_time=LINGER_S,
            max_field_size=LINE,
            max_headers=FIELDS,
            max_line_size=LINE,
            read_bufsize=READ_BUFFER,
        )
        self.refuse = refuse
        self.draining = False
        self._serve = serve

    def __call__(self) -> web.RequestHandler:
        return ClientConnection(self, loop=self._loop, **self._kwargs)

    async def answer(self, request: web.BaseRequest) -> web.StreamResponse:
        """Run one exchange; tell aiohttp only whether the connection lives on."""
        client = Client(request, self)
        await self._serve(client)
        return OPEN if client.keep_alive else CLOSED

    async def drain(self, grace_s: float) -> None:
        """Close idle connections, let the others finish, and cut what is left after *grace_s*.

        aiohttp's own way would stop reading uploads that are under way.
        """
        self.draining = True
        for connection in self.connections:
            if isinstance(connection, ClientConnection) and connection.is_idle:
                connection.force_close()  # close() alone would leave the transport open
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(grace_s):
                while self.connections:  # noqa: ASYNC110 - aiohttp tells nobody when one goes
                    await asyncio.sleep(DRAIN_STEP_S)
        for connection in self.connections:
            if isinstance(connection, ClientConnection):
                connection.cut()
        await self.shutdown(0.0)


def require_c_parser() -> None:
    """Refuse to serve on aiohttp's pure-Python parser, which lets ambiguous framing pass."""
    if http_parser.HttpRequestParser is http_parser.HttpRequestParserPy:
        raise PureParser(
            "aiohttp was installed without its C parser; install a wheel for this platform, or"
            " unset AIOHTTP_NO_EXTENSIONS"
        )


def problem_of(error: BaseException | None) -> Problem:
    """What a client is told whose bytes are no request."""
    many = isinstance(error, http_exceptions.BadHttpMessage) and "Too many" in error.message
    if many or isinstance(error, http_exceptions.LineTooLong):
        return Problem(431, "head-too-large", "The request's head is too large.", close=True)
    return bad_request("The request is not well-formed HTTP/1.1.")


OPEN = Answered(keep_alive=True)
CLOSED = Answered(keep_alive=False)

"""The body of a client's request on its way to an upstream: streamed, and kept while it is small.

At most `KEEP` bytes are remembered, so that a failed attempt can be repeated; a larger body gives
that up and streams on. No body is ever read whole into memory.
"""

import asyncio
from collections.abc import Callable
from typing import Protocol

from aiohttp import StreamReader

from router.core.problems import Problem, bad_request

KEEP = 64 * 1024
IDLE_S = 30.0
"""How long a client may pause within its upload (docs/configuration.md, limits)."""


class UploadRefused(Exception):
    """The client's body cannot be taken further: `problem` is the answer."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.detail)
        self.problem = problem


class Sink(Protocol):
    """Where a body goes: a connection to an upstream."""

    def write(self, data: bytes) -> None: ...

    async def drained(self) -> None: ...


class RequestBody:
    """One upload. `whole` says whether it can still be sent from its first byte."""

    def __init__(
        self, content: StreamReader, *, chunked: bool, limit: int, invite: Callable[[], None] | None
    ) -> None:
        self.whole = True
        self._content = content
        self._chunked = chunked
        self._limit = limit
        self._invite = invite
        self._size = 0
        self._kept: list[bytes] = []

    async def pump(self, sink: Sink) -> None:
        """Send the body to *sink*: what is kept, then what comes; waits while *sink* is full."""
        for piece in list(self._kept):
            await self._send(sink, piece)
        if self._invite is not None:
            self._invite()  # 100 Continue: only now is somebody there to take the body
            self._invite = None
        while piece := await self._read():
            self._keep(piece)
            await self._send(sink, piece)
        if self._chunked:
            sink.write(b"0\r\n\r\n")

    async def _send(self, sink: Sink, piece: bytes) -> None:
        sink.write(b"%x\r\n%b\r\n" % (len(piece), piece) if self._chunked else piece)
        await sink.drained()

    async def _read(self) -> bytes:
        """The next piece, or nothing at the end."""
        try:
            async with asyncio.timeout(IDLE_S):
                piece = await self._content.readany()
        except TimeoutError:
            raise UploadRefused(
                Problem(408, "upload-timeout", "The upload paused for too long.", close=True)
            ) from None
        except ConnectionError:
            raise
        except Exception as error:
            raise UploadRefused(bad_request("The framing of the body is broken.")) from error
        self._size += len(piece)
        if self._size > self._limit:
            raise UploadRefused(too_large(self._limit))
        return piece

    def _keep(self, piece: bytes) -> None:
        if not self.whole:
            return
        self._kept.append(piece)
        if self._size > KEEP:
            self.whole = False
            self._kept.clear()


def too_large(limit: int) -> Problem:
    """413 with the limit, and no more of the upload is read."""
    return Problem(413, "too-large", f"The body may have {limit} bytes at most.", close=True)

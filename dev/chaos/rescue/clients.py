"""Clients on raw sockets: what they send is their plan's, what they got is told byte for byte."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from dev.chaos.rescue.words import Leaves, Plan

PATIENCE_S = 15.0
MOST_HEAD = 64 * 1024
PIECE = 16 * 1024
NEVER_BODY = frozenset({204, 304})


@dataclass(slots=True)
class Got:
    """What a client got for one request. `whole` as its framing says; `left`: it did not wait."""

    status: int = 0
    head: bytes = b""
    body: bytearray = field(default_factory=bytearray)
    whole: bool = False
    stays: bool = False
    left: bool = False
    error: str = ""

    def one(self, name: bytes) -> bytes:
        """The value of a field of the head."""
        return self.head.partition(b"\r\n" + name + b": ")[2].partition(b"\r\n")[0]


class Client:
    """A user's connection to the router, made anew when it was closed or is not to be kept."""

    def __init__(self, port: int, token: str) -> None:
        self._port = port
        self._token = token
        self._ends: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    def hang_up(self) -> None:
        """Close the connection, if there is one."""
        if self._ends is not None:
            self._ends[1].transport.abort()
        self._ends = None

    async def ask(self, request: bytes, upload: bytes, method: str) -> Got:
        """Send a request, and read its answer."""
        return await self._talk(request, upload, lambda got: self._read(got, method))

    async def ask_and_leave(self, request: bytes, leaves: Leaves, reached: asyncio.Event) -> Got:
        """Send a request, wait for *reached* or the body's beginning, and go."""

        async def wait(got: Got) -> None:
            if leaves is Leaves.IN_BODY:
                await self._read_head(got)
                await self._reader.read(1)
            else:
                await reached.wait()
            got.left = True

        return await self._talk(request, b"", wait)

    @property
    def _reader(self) -> asyncio.StreamReader:
        assert self._ends is not None
        return self._ends[0]

    async def _talk(
        self, request: bytes, upload: bytes, then: Callable[[Got], Awaitable[None]]
    ) -> Got:
        got = Got()
        try:
            async with asyncio.timeout(PATIENCE_S):
                await self._dial()
                sending = asyncio.create_task(self._send(request, upload))
                try:
                    await then(got)
                    if got.stays:
                        await sending  # the next request begins behind this one's end
                finally:
                    sending.cancel()
                    await asyncio.gather(sending, return_exceptions=True)
        except (OSError, EOFError, ValueError, asyncio.LimitOverrunError) as error:
            got.error = f"{type(error).__name__}: {error}"
        if not got.stays or got.error or got.left:
            self.hang_up()
        return got

    async def _dial(self) -> None:
        if self._ends is None:
            self._ends = await asyncio.open_connection("127.0.0.1", self._port, limit=MOST_HEAD)

    async def _send(self, request: bytes, upload: bytes) -> None:
        """Send it all; an answer may come before the end of that, and more not be wanted."""
        assert self._ends is not None
        writer = self._ends[1]
        with contextlib.suppress(OSError):
            writer.write(request)
            for at in range(0, len(upload), PIECE):
                writer.write(upload[at : at + PIECE])
                await writer.drain()

    async def _read(self, got: Got, method: str) -> None:
        await self._read_head(got)
        if method != "HEAD" and got.status not in NEVER_BODY:
            await self._read_body(got)
        got.whole = True
        got.stays = b"\r\nconnection: close" not in got.head.lower()

    async def _read_head(self, got: Got) -> None:
        """The head of the final answer; interim ones are passed over."""
        while got.status < 200:
            got.head = await self._reader.readuntil(b"\r\n\r\n")
            if got.head[:9] != b"HTTP/1.1 ":
                raise ValueError(f"no HTTP: {got.head[:40]!r}")
            got.status = int(got.head[9:12])

    async def _read_body(self, got: Got) -> None:
        length, encoding = got.one(b"Content-Length"), got.one(b"Transfer-Encoding")
        if encoding == b"chunked" and not length:
            while size := int(await self._reader.readuntil(b"\r\n"), 16):
                await self._read_bytes(got, size)
                await self._end_of_chunk()
            await self._end_of_chunk()
        elif length.isdigit() and not encoding:
            await self._read_bytes(got, int(length))
        else:
            raise ValueError(f"no end in sight: {got.head!r}")

    async def _read_bytes(self, got: Got, count: int) -> None:
        while count:
            piece = await self._reader.read(min(count, 2**18))
            if not piece:
                raise EOFError(f"{count} bytes are missing")
            got.body += piece
            count -= len(piece)

    async def _end_of_chunk(self) -> None:
        if await self._reader.readexactly(2) != b"\r\n":
            raise ValueError("a chunk without its end")


def request_of(plan: Plan, token: str, *, primer: bool = False) -> bytes:
    """The head of its request."""
    cell = plan.cell
    method = "GET" if primer else cell.method
    key = plan.primer if primer else plan.key
    lines = [
        f"{method} /{cell.lane.replace(' ', '-')} HTTP/1.1",
        "Host: fit.example",
        f"Authorization: Bearer {token}",
        f"X-Request-ID: chaos.{key}",
        f"X-Chaos: {key}",
    ]
    if cell.upload and not primer:
        framing = (
            "Transfer-Encoding: chunked"
            if plan.chunked_upload
            else f"Content-Length: {cell.upload}"
        )
        lines.append(framing)
    return "\r\n".join([*lines, "", ""]).encode()


def upload_of(plan: Plan) -> bytes:
    """The body of its request, framed."""
    content = (f"upload {plan.number} ".encode() * plan.cell.upload)[: plan.cell.upload]
    if not content or not plan.chunked_upload:
        return content
    pieces = [content[at : at + 5000] for at in range(0, len(content), 5000)]
    return b"".join(b"%x\r\n%b\r\n" % (len(one), one) for one in pieces) + b"0\r\n\r\n"

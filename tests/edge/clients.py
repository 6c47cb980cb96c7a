"""A client that writes bytes as they are told and reads answers exactly, believing nothing."""

import asyncio
import contextlib
import json
import socket
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

from tests.edge.upstreams import LINGER_NONE, pairs_of, read_trailers

PATIENCE_S = 10.0


@dataclass(slots=True)
class Got:
    """One answer: what came, and whether it came whole by its own framing."""

    status: int = 0
    reason: bytes = b""
    pairs: list[tuple[bytes, bytes]] = field(default_factory=list)
    body: bytes = b""
    whole: bool = False
    interim: list[int] = field(default_factory=list)
    interim_pairs: list[list[tuple[bytes, bytes]]] = field(default_factory=list)
    trailers: list[tuple[bytes, bytes]] = field(default_factory=list)
    took_s: float = 0.0

    def all(self, name: str) -> list[bytes]:
        """Every value of field *name*."""
        return [value for one, value in self.pairs if one.lower() == name.lower().encode()]

    def one(self, name: str) -> bytes | None:
        """The value of field *name*, which is there once at most."""
        values = self.all(name)
        assert len(values) < 2, values
        return values[0] if values else None

    @property
    def problem(self) -> dict[str, Any]:
        """The problem document, if the answer is one as RFC 9457 has it."""
        assert self.one("content-type") == b"application/problem+json"
        assert self.one("cache-control") == b"no-store"
        document: dict[str, Any] = json.loads(self.body)
        assert document["status"] == self.status
        assert self.one("x-request-id") == document["request_id"].encode()
        return document


class Caller:
    """A client's connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    @classmethod
    async def dial(cls, port: int, *, window: int | None = None) -> "Caller":
        """Connect; *window* bounds what the kernel takes for a client that does not read."""
        sock = socket.socket()
        if window is not None:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, window)
        sock.setblocking(False)
        await asyncio.get_running_loop().sock_connect(sock, ("127.0.0.1", port))
        return cls(*await asyncio.open_connection(sock=sock, limit=2**18))

    async def __aenter__(self) -> "Caller":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: object, trace: TracebackType | None
    ) -> None:
        self.leave()

    async def send(self, *data: bytes) -> None:
        """Write *data*; a router that has closed already is no matter here."""
        with contextlib.suppress(ConnectionError):
            for piece in data:
                self.writer.write(piece)
                await self.writer.drain()

    def leave(self) -> None:
        """Close without a word."""
        self.writer.close()

    def reset(self) -> None:
        """Break off with RST."""
        sock = self.writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_NONE)
        self.writer.transport.abort()

    async def answer(self, method: str = "GET") -> Got:
        """The next answer, or what came of it; status 0 if nothing did."""
        got = Got()
        clock = asyncio.get_running_loop().time
        began = clock()
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            async with asyncio.timeout(PATIENCE_S):
                await self._read_head(got)
                await self._read_body(got, method)
                got.whole = True
        got.took_s = clock() - began
        return got

    async def _read_head(self, got: Got) -> None:
        while got.status < 200:
            raw = await self.reader.readuntil(b"\r\n\r\n")
            first, *rest = raw.removesuffix(b"\r\n\r\n").split(b"\r\n")
            version, status, got.reason = first.split(b" ", 2)
            assert version == b"HTTP/1.1"
            got.status = int(status)
            got.pairs = pairs_of(rest)
            if got.status < 200:
                got.interim.append(got.status)
                got.interim_pairs.append(got.pairs)

    async def _read_body(self, got: Got, method: str) -> None:
        length, encoding = got.one("content-length"), got.one("transfer-encoding")
        assert length is None or encoding is None
        if method == "HEAD" or got.status in {204, 304}:
            return
        if encoding is not None:
            assert encoding == b"chunked"
            await self._read_chunks(got)
        elif length is not None:
            await self._read_exactly(got, int(length))
        else:
            await self._read_to_end(got)

    async def _read_exactly(self, got: Got, length: int) -> None:
        while len(got.body) < length:
            piece = await self.reader.read(min(length - len(got.body), 2**20))
            if not piece:
                raise asyncio.IncompleteReadError(got.body, length)
            got.body += piece

    async def _read_chunks(self, got: Got) -> None:
        pieces = []
        try:
            while size := int(await self.reader.readuntil(b"\r\n"), 16):
                pieces.append((await self.reader.readexactly(size + 2))[:-2])
            got.trailers = await read_trailers(self.reader)
        finally:
            got.body = b"".join(pieces)

    async def _read_to_end(self, got: Got) -> None:
        pieces = []
        try:
            while piece := await self.reader.read(2**16):
                pieces.append(piece)
        finally:
            got.body = b"".join(pieces)

    async def is_cut(self) -> bool:
        """Whether the router closes the connection without a further byte."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                return await self.reader.read(1) == b""
        except ConnectionError:
            return True

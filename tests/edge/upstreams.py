"""Upstreams that play a script: real sockets, one step for each request they are sent.

The steps of one upstream are taken in order whatever connection they come on, and the last one is
repeated. A step that begins at the connection itself (`closes_at_once`, `tls_bytes`) is taken when
the connection is accepted; `refuse` and `unanswered` are about the port.
"""

import asyncio
import contextlib
import socket
import struct
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

LINGER_NONE = struct.pack("ii", 1, 0)
MOST_HEAD = 1024 * 1024


Pairs = list[tuple[bytes, bytes]]


def pairs_of(lines: list[bytes]) -> Pairs:
    """Header or trailer lines as names and values, without the blanks around a value."""
    split = (line.partition(b":") for line in lines)
    return [(name, value.strip(b" \t")) for name, _, value in split]


async def read_trailers(reader: asyncio.StreamReader) -> Pairs:
    """The trailers of a chunked body whose last chunk has been read, to the empty line."""
    lines = []
    while line := (await reader.readuntil(b"\r\n")).removesuffix(b"\r\n"):
        lines.append(line)
    return pairs_of(lines)


@dataclass(slots=True)
class Received:
    """One request as an upstream got it: the bytes of its head, and of its body."""

    head: bytes
    body: bytes = b""
    chunks: list[int] = field(default_factory=list)
    trailers: Pairs = field(default_factory=list)
    whole: bool = False

    @property
    def line(self) -> bytes:
        """The request line."""
        return self.head.partition(b"\r\n")[0]

    @property
    def method(self) -> str:
        """The method of the request line."""
        return self.line.split(b" ")[0].decode()

    @property
    def pairs(self) -> Pairs:
        """The fields, in order and in the case they came in."""
        return pairs_of(self.head.removesuffix(b"\r\n\r\n").split(b"\r\n")[1:])

    def all(self, name: bytes) -> list[bytes]:
        """Every value of field *name*, whatever its case."""
        return [value for one, value in self.pairs if one.lower() == name.lower()]

    def one(self, name: bytes) -> bytes | None:
        """The value of field *name*, which is there once at most."""
        values = self.all(name)
        assert len(values) < 2, values
        return values[0] if values else None


class Line:
    """The upstream's end of one connection, as a step of a script sees it."""

    def __init__(self, name: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter):
        self.name = name
        self.reader = reader
        self.writer = writer
        self.request = Received(b"")

    async def send(self, data: bytes) -> None:
        """Send *data*; an end that has gone is no matter here (uvloop says RuntimeError)."""
        with contextlib.suppress(ConnectionError, RuntimeError):
            self.writer.write(data)
            await self.writer.drain()

    async def until_left(self) -> None:
        """Wait until the router has closed the connection."""
        with contextlib.suppress(ConnectionError):
            while await self.reader.read(64 * 1024):
                pass

    async def read_body(self) -> None:
        """Read the body that the head announces."""
        request = self.request
        length = request.one(b"content-length")
        if request.one(b"transfer-encoding") is not None:
            await self.read_chunks()
        elif length is not None:
            request.body = await self.reader.readexactly(int(length))
        request.whole = True

    async def read_chunks(self) -> None:
        """Read a chunked body, and note the size of each chunk."""
        pieces = []
        while size := int(await self.reader.readuntil(b"\r\n"), 16):
            piece = await self.reader.readexactly(size + 2)
            assert piece.endswith(b"\r\n")
            self.request.chunks.append(size)
            pieces.append(piece[:-2])
        self.request.trailers = await read_trailers(self.reader)
        self.request.body = b"".join(pieces)

    def close(self) -> None:
        """Close, as a server does that has nothing more to say."""
        self.writer.close()

    def reset(self) -> None:
        """Break off with RST."""
        with contextlib.suppress(OSError):
            sock = self.writer.get_extra_info("socket")
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_NONE)
        self.writer.transport.abort()

    @property
    def is_open(self) -> bool:
        """Whether both ends still hold the connection."""
        gone = self.reader.at_eof() or self.reader.exception() is not None
        return not (gone or self.writer.is_closing())


Play = Callable[[Line], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Step:
    """What an upstream does with one request.

    One that `hangs` is ended by the route's timeout, which is a short one for its sake.
    """

    name: str
    play: Play
    at_accept: bool = False
    reads_body: bool = True
    hangs: bool = False

    def __str__(self) -> str:
        return self.name


class Upstream:
    """A scripted server on a port of its own, and the ledger of what it was sent."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.steps: list[Step] = []
        self.received: list[Received] = []
        self.lines: list[Line] = []
        self.socket = socket.socket()
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(("127.0.0.1", 0))
        self.port: int = self.socket.getsockname()[1]
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._fillers: list[socket.socket] = []
        self.errors: list[BaseException] = []

    async def start(self, steps: list[Step]) -> None:
        """Play *steps*, the last of them for ever. Without a step the port refuses."""
        self.steps = list(steps)
        names = {step.name for step in steps}
        if "unanswered" in names:
            self._fill_backlog()
        elif self._server is None and names - {"refuse"}:
            self._server = await asyncio.start_server(self._accept, sock=self.socket, limit=2**21)

    def _fill_backlog(self) -> None:
        """Have the kernel leave further SYNs unanswered, as a host does that is overrun."""
        self.socket.listen(0)
        for _ in range(4):
            filler = socket.socket()
            filler.setblocking(False)
            filler.connect_ex(("127.0.0.1", self.port))
            self._fillers.append(filler)

    @property
    def open_lines(self) -> int:
        """Connections that are still there."""
        return len(self._tasks)

    async def stop(self) -> None:
        """Close the port and every connection."""
        for filler in self._fillers:
            filler.close()
        if self._server is not None:
            self._server.close()
        for task in list(self._tasks):
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)
        self.socket.close()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        line = Line(self.name, reader, writer)
        self.lines.append(line)
        try:
            await self._serve(line)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # the router hung up, or the test is over
        except asyncio.LimitOverrunError:
            pass  # the rest of a body that the step did not read: no next request
        except Exception as error:
            self.errors.append(error)
        finally:
            writer.close()
            self._tasks.discard(task)

    def _take(self) -> Step:
        return self.steps.pop(0) if len(self.steps) > 1 else self.steps[0]

    async def _serve(self, line: Line) -> None:
        if self.steps[0].at_accept:
            await self._take().play(line)
        while line.is_open:
            head = await line.reader.readuntil(b"\r\n\r\n")
            line.request = Received(head)
            self.received.append(line.request)
            step = self._take()
            if step.reads_body:
                await line.read_body()
            await step.play(line)

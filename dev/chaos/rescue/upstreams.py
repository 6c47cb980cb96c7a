"""Scripted upstreams on raw sockets, and their ledgers: what reached them, how often, on what."""

import asyncio
import contextlib
import fcntl
import socket
import struct
import termios
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass

from dev.chaos.rescue.words import End, Script

NO_LINGER = struct.pack("ii", 1, 0)
MOST_HEAD = 64 * 1024
LOOK_S = 0.002
LONGEST_S = 60.0
"""Longer than the router is given to let go: what it holds, it is seen to hold."""
KEY = b"\r\nx-chaos: "


@dataclass(frozen=True, slots=True)
class Arrival:
    """A request that reached an upstream: on which connection, as which of its requests."""

    connection: int
    nth: int

    @property
    def is_on_reused(self) -> bool:
        """Whether its connection had carried another before."""
        return self.nth > 1


class Ledger:
    """What reached an upstream, by the key of the exchange; who waits for that is woken.

    `on_spoiled` are those that came behind an answer with more bytes than were its own.
    """

    def __init__(self) -> None:
        self.arrivals: defaultdict[str, list[Arrival]] = defaultdict(list)
        self.on_spoiled: list[str] = []
        self.reached: defaultdict[str, asyncio.Event] = defaultdict(asyncio.Event)

    def enter(self, key: str, arrival: Arrival) -> int:
        """Enter *arrival*; how often *key* has arrived with it."""
        self.arrivals[key].append(arrival)
        self.reached[key].set()
        return len(self.arrivals[key])

    def is_on_reused(self, key: str) -> bool:
        """Whether the first arrival of *key* was."""
        return bool(self.arrivals[key]) and self.arrivals[key][0].is_on_reused


Said = Callable[[str, int], Script]


class Upstream:
    """A server that plays, for each request, the script that its key and its time call for."""

    def __init__(self, said: Said, ledger: Ledger) -> None:
        self.ledger = ledger
        self.port = 0
        self._said = said
        self._connections = 0
        self._tasks: set[asyncio.Task[None]] = set()

    async def listen(self) -> None:
        """Take connections."""
        self._server = await asyncio.start_server(
            self._accept, "127.0.0.1", 0, limit=MOST_HEAD, backlog=1024
        )
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """End it all."""
        self._server.close()
        for task in list(self._tasks):
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)

    @property
    def open(self) -> int:
        """Connections that are still there."""
        return len(self._tasks)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self._connections += 1
        try:
            await self._serve(self._connections, reader, writer)
        except (OSError, EOFError, asyncio.CancelledError):
            pass  # the router has left, or the run is over
        finally:
            self._tasks.discard(task)
            writer.transport.abort()

    async def _serve(
        self, connection: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        nth, is_spoiled = 0, False
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            nth += 1
            key = head.partition(KEY)[2].partition(b"\r\n")[0].decode()
            time = self.ledger.enter(key, Arrival(connection, nth))
            if is_spoiled:
                self.ledger.on_spoiled.append(key)
            script = self._said(key, time)
            is_spoiled = is_spoiled or script.spoils
            if not await play(script, head, reader, writer):
                return


async def play(
    script: Script, head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> bool:
    """Do what *script* says with the request; whether another may come."""
    left = await read_body(head, reader, script.reads)
    if script.after_s:
        await asyncio.sleep(script.after_s)
    for piece in script.pieces:
        if writer.is_closing() or reader.at_eof():
            return False
        writer.write(piece)
        await writer.drain()
        if script.every_s:
            await asyncio.sleep(script.every_s)
    if script.drains:
        await read_body(head, reader, None, left)
    return await end(script.end, reader, writer)


async def read_body(
    head: bytes, reader: asyncio.StreamReader, most: int | None, read: int = 0
) -> int:
    """Read the body that *head* announces, *most* bytes of it, *read* already; how many now are."""
    if most == 0:
        return 0
    if b"\r\ntransfer-encoding: chunked" in head:
        return read + await read_chunks(reader, most)
    length = int(head.partition(b"\r\ncontent-length: ")[2].partition(b"\r\n")[0] or 0)
    wanted = length if most is None else min(length, most)
    await reader.readexactly(wanted - read)
    return wanted


async def read_chunks(reader: asyncio.StreamReader, most: int | None) -> int:
    """The same of a body in chunks."""
    read = 0
    while size := int(await reader.readuntil(b"\r\n"), 16):
        await reader.readexactly(size + 2)
        read += size
        if most is not None and read >= most:
            return read
    await reader.readuntil(b"\r\n")
    return read


async def end(how: End, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
    """End as the script has it; whether another request may come."""
    if how is End.KEEP:
        return True
    if how is End.STALL:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LONGEST_S):
                while await reader.read(64 * 1024):
                    pass
        return False
    await sent(writer)
    if how is End.RESET:
        sock = writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, NO_LINGER)
    writer.close() if how is End.CLOSE else writer.transport.abort()
    return False


async def sent(writer: asyncio.StreamWriter) -> None:
    """Wait until the other side's kernel has it all: a reset throws away what is on its way."""
    descriptor = writer.get_extra_info("socket").fileno()
    loop = asyncio.get_running_loop()
    patience = loop.time() + LONGEST_S
    while not writer.is_closing() and loop.time() < patience:
        on_its_way = bytearray(4)
        fcntl.ioctl(descriptor, termios.TIOCOUTQ, on_its_way)
        if not writer.transport.get_write_buffer_size() and not any(on_its_way):
            return
        await asyncio.sleep(LOOK_S)


class Greeter:
    """A server that plays its script to whoever connects, and never reads a request."""

    def __init__(self, script: Script) -> None:
        self.port = 0
        self._script = script

    async def listen(self) -> None:
        """Take connections."""
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0, backlog=1024)
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """Take no more."""
        self._server.close()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, EOFError, asyncio.CancelledError):
            writer.writelines(self._script.pieces)
            await end(self._script.end, reader, writer)
        writer.transport.abort()


class Holes:
    """Ports where no connection comes about: one that refuses, one that never says a word."""

    def __init__(self) -> None:
        self._sockets = [bound() for _ in range(2)]
        self.refusing, self.silent = (one.getsockname()[1] for one in self._sockets)
        self._sockets[1].listen(0)
        for _ in range(4):  # a full queue: the kernel leaves whoever comes then unanswered
            filler = socket.socket()
            filler.setblocking(False)
            filler.connect_ex(("127.0.0.1", self.silent))
            self._sockets.append(filler)

    def close(self) -> None:
        """Let go of them."""
        for one in self._sockets:
            one.close()


def bound() -> socket.socket:
    """A port that nobody else gets, and nobody listens on."""
    made = socket.socket()
    made.bind(("127.0.0.1", 0))
    return made

"""Clients that connect anew for each request, at a steady rate, beside some that stay connected.

    python -m tests.system.dialling 2000

It prints the port of a quick upstream, and reads a line with the router's `HOST PORT`. From then on
it asks 2,000 times a second until its standard input ends (or a minute is over), and prints what it
saw as JSON. A process of its own, so that neither this work nor the test's slows the other.
"""

import asyncio
import contextlib
import json
import sys
import time
from collections import Counter

import uvloop

TICK_S = 0.005
PATIENCE_S = 20.0
LONGEST_S = 60.0
MOST_OPEN = 1000
STAYING = 20
THINK_S = 0.05
REQUEST = b"GET /anything HTTP/1.1\r\nHost: strangler.test\r\n\r\n"
LAST_REQUEST = REQUEST.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
Ends = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Upstream(asyncio.Protocol):
    """Answers each head at once; there are no bodies."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way back."""
        self.transport = transport
        self.waiting = b""

    def data_received(self, data: bytes) -> None:
        """Answer what is complete."""
        *heads, self.waiting = (self.waiting + data).split(b"\r\n\r\n")
        self.transport.write(ANSWER * len(heads))  # type: ignore[attr-defined]


class Caller(asyncio.Protocol):
    """One request on a connection of its own; streams would cost five times as much."""

    def __init__(self) -> None:
        self.got = b""
        self.answered = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask."""
        transport.write(LAST_REQUEST)  # type: ignore[attr-defined]

    def data_received(self, data: bytes) -> None:
        """Collect the answer, which the router ends by closing."""
        self.got += data

    def connection_lost(self, exc: Exception | None) -> None:
        """Judge it."""
        if not self.answered.done():
            self.answered.set_result(exc or self.problem())

    def problem(self) -> Exception | None:
        """What is wrong with the answer."""
        head, _, body = self.got.lower().partition(b"\r\n\r\n")
        try:
            whole = length_of(head + b"\r\n") == len(body)
        except ValueError as error:
            return error
        return None if whole else ValueError("cut off")


class Clients:
    """All of them, and what became of their requests."""

    def __init__(self, host: str, port: int) -> None:
        self.address = host, port
        self.ended: Counter[str] = Counter()
        self.stopped = False
        self.tasks: set[asyncio.Task[None]] = set()

    async def dial(self, rate: float) -> None:
        """Begin *rate* connections a second; fewer where too many are unanswered."""
        began, begun = time.monotonic(), 0
        while not self.stopped:
            due = int((time.monotonic() - began) * rate)
            for _ in range(due - begun):
                if len(self.tasks) < MOST_OPEN:
                    self.start(self.once())
            begun = due
            await asyncio.sleep(TICK_S)

    def start(self, work: object) -> None:
        """Run one client beside the others."""
        task = asyncio.ensure_future(work)  # type: ignore[call-overload]
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def once(self) -> None:
        """Connect, ask, read the answer, go."""
        await self.told("new", self.call())

    async def call(self) -> None:
        """One request on a connection of its own; raises what went wrong."""
        loop = asyncio.get_running_loop()
        transport, caller = await loop.create_connection(Caller, *self.address)
        try:
            problem = await caller.answered
        finally:
            transport.abort()
        if problem is not None:
            raise problem

    async def stay(self) -> None:
        """Ask again and again on one connection, for as long as its answers allow."""
        ends: Ends | None = None
        while not self.stopped:
            ends = await self.told("kept", self.ask(ends, REQUEST))
            await asyncio.sleep(THINK_S)
        if ends is not None:
            ends[1].close()

    async def told(self, kind: str, asking: object) -> Ends | None:
        """What is left of the connection; how it ended is counted."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                ends: Ends | None = await asking  # type: ignore[misc]
        except (OSError, asyncio.IncompleteReadError, ValueError) as error:
            self.ended[f"{kind}: {type(error).__name__} {error}"] += 1
            return None
        self.ended[f"{kind}: ok"] += 1
        return ends

    async def ask(self, ends: Ends | None, request: bytes) -> Ends | None:
        """Send *request* and read its answer whole; the connection, if it may be used again."""
        reader, writer = ends or await asyncio.open_connection(*self.address)
        try:
            writer.write(request)
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            await reader.readexactly(length_of(head))
        except BaseException:
            writer.close()
            raise
        if b"\r\nconnection: close\r\n" in head:
            writer.close()
            return None
        return reader, writer


def length_of(head: bytes) -> int:
    """How many bytes of a good answer's body follow its *head*."""
    if not head.startswith(b"http/1.1 200 "):
        raise ValueError(head.split(b"\r\n")[0].decode())
    return int(head.partition(b"\r\ncontent-length:")[2].partition(b"\r\n")[0])


async def main(rate: float) -> None:
    """Run until standard input ends."""
    loop = asyncio.get_running_loop()
    upstream = await loop.create_server(Upstream, "127.0.0.1", 0, backlog=4096)
    print(upstream.sockets[0].getsockname()[1], flush=True)
    host, port = (await loop.run_in_executor(None, sys.stdin.readline)).split()
    clients = Clients(host, int(port))
    for _ in range(STAYING):
        clients.start(clients.stay())
    began = time.monotonic()
    dialling = asyncio.ensure_future(clients.dial(rate))
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(LONGEST_S):
            await loop.run_in_executor(None, sys.stdin.read)
    clients.stopped = True
    seconds = time.monotonic() - began
    await dialling
    while clients.tasks:
        await asyncio.wait(clients.tasks)
    print(json.dumps({"seconds": seconds, "ended": clients.ended}))


if __name__ == "__main__":
    uvloop.run(main(float(sys.argv[1])))

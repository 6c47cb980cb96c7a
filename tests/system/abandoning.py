"""Clients that leave in the middle, each at its moment, and the upstreams that they waited for.

    python -m tests.system.abandoning

It prints the ports of both upstreams, then reads lines of JSON: where the router is, a token, and
how many requests to abandon. Each is answered by a line: how often each moment was played, and how
long the router took to let go. A process of its own, so that nothing of the test slows it.
"""

import asyncio
import json
import socket
import sys
import time
from collections import Counter
from collections.abc import Mapping
from functools import partial
from typing import Any, cast

import uvloop

from tests.system.moments import MOMENTS, Cue, Line, Moment, Upstreams

AT_ONCE = 100
PATIENCE_S = 10.0
SMALL_WINDOW = 4096
RESET = b"\1\0\0\0\0\0\0\0"


class Caller(asyncio.Protocol):
    """A client: it asks, and is told when something comes."""

    def __init__(self, request: bytes, *, reads: bool) -> None:
        self._request = request
        self._reads = reads
        self.answered = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask."""
        self._transport = cast("asyncio.Transport", transport)
        if not self._reads:
            self._transport.pause_reading()
        self._transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        """Something has come."""
        self.answered.set()

    def leave(self, *, by_reset: bool) -> None:
        """Close without a word, or break off."""
        if by_reset:
            sock = self._transport.get_extra_info("socket")
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            self._transport.abort()
        else:
            self._transport.close()


class Crowd:
    """All of them: *told* says where the router is and what token to show."""

    def __init__(self, upstreams: Upstreams, told: Mapping[str, Any]) -> None:
        self._upstreams = upstreams
        self._address = told["host"], told["port"]
        self._token = f"Bearer {told['token']}".encode()
        self._numbers = iter(range(told["first"], told["first"] + told["count"]))
        self.played: Counter[str] = Counter()
        self.letting_go_s: list[float] = []

    async def run(self) -> None:
        """Come and go, `AT_ONCE` at a time."""
        async with asyncio.TaskGroup() as group:
            for _ in range(AT_ONCE):
                group.create_task(self._work())

    async def _work(self) -> None:
        for number in self._numbers:
            moment = MOMENTS[number % len(MOMENTS)]
            async with asyncio.timeout(PATIENCE_S):
                await self._abandon(moment, number)
            self.played[moment.name] += 1

    async def _abandon(self, moment: Moment, number: int) -> None:
        """Ask, wait for the cue, leave, and see the attempt's connection closed."""
        self._upstreams.expect(number)
        caller = await self._ask(moment, number)
        match moment.cue:
            case Cue.ASKED:
                await self._upstreams.asked[number].wait()
            case Cue.ANSWERED:
                await caller.answered.wait()
        # A request that is reset before it was read may never be seen: those leave in peace.
        caller.leave(by_reset=moment.is_attempted and number // len(MOMENTS) % 2 == 0)
        if moment.is_attempted:
            left = time.monotonic()
            await self._upstreams.let_go[number].wait()
            self.letting_go_s.append(time.monotonic() - left)
        self._upstreams.forget(number)

    async def _ask(self, moment: Moment, number: int) -> Caller:
        request = moment.request.replace(b"{number}", b"%d" % number)
        caller = Caller(request.replace(b"{token}", self._token), reads=moment.reads)
        sock = socket.socket()
        if not moment.reads:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL_WINDOW)
        sock.setblocking(False)
        loop = asyncio.get_running_loop()
        await loop.sock_connect(sock, self._address)
        await loop.create_connection(lambda: caller, sock=sock)
        return caller


async def report(upstreams: Upstreams, told: Mapping[str, Any]) -> dict[str, Any]:
    """Play one round; what came of it."""
    crowd = Crowd(upstreams, told)
    began = time.monotonic()
    await crowd.run()
    return {
        "played": crowd.played,
        "seconds": time.monotonic() - began,
        "letting_go_s": sorted(crowd.letting_go_s),
    }


async def main() -> None:
    """Play rounds until standard input ends."""
    loop = asyncio.get_running_loop()
    upstreams = Upstreams()
    ports = {}
    for name in ("coach", "monolith"):
        line = partial(Line, upstreams, is_coach=name == "coach")
        server = await loop.create_server(line, "127.0.0.1", 0, backlog=1024)
        ports[name] = server.sockets[0].getsockname()[1]
    print(json.dumps(ports), flush=True)
    while told := await loop.run_in_executor(None, sys.stdin.readline):
        print(json.dumps(await report(upstreams, json.loads(told))), flush=True)


if __name__ == "__main__":
    uvloop.run(main())

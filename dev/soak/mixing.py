"""The mix beside the users: each kind of request a few times a second, and what came of it.

Runs as a process of its own: `python -m dev.soak.mixing PORT SECONDS`, prints JSON.
"""

import asyncio
import json
import random
import socket
import sys
import time
from collections import Counter

import uvloop

from dev.soak.kinds import KINDS, Kind

A_SECOND = 4.0
"""Of each kind."""
PATIENCE_S = 20.0
SEED = 4
RESET = b"\1\0\0\0\0\0\0\0"


class Mix:
    """All kinds under way; *surprises* are those that did not end as they should."""

    def __init__(self, port: int, seconds: float) -> None:
        self._port = port
        self._end = time.monotonic() + seconds
        self._chance = random.Random(SEED)  # noqa: S311 - no secret
        self.counted = 0
        self.played: Counter[str] = Counter()
        self.surprises: Counter[str] = Counter()

    async def run(self) -> None:
        """Play every kind until the end."""
        async with asyncio.TaskGroup() as group:
            for kind in KINDS:
                group.create_task(self._repeat(kind))

    async def _repeat(self, kind: Kind) -> None:
        while time.monotonic() < self._end:
            await asyncio.sleep(self._chance.expovariate(A_SECOND))
            self.counted += kind.counts
            self.played[kind.name] += 1
            try:
                async with asyncio.timeout(PATIENCE_S):
                    await self._once(kind)
            except (OSError, asyncio.IncompleteReadError, ValueError) as error:
                self.surprises[f"{kind.name}: {error!r}"] += 1

    async def _once(self, kind: Kind) -> None:
        """Ask, and be answered or leave; raises what went wrong."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        try:
            writer.write(kind.request)
            if kind.status is None:
                await leave(kind, reader, writer)
                return
            status = await answered(reader)
            if status != kind.status:
                raise ValueError(f"{status} for {kind.status}")
        finally:
            writer.close()


async def leave(kind: Kind, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Leave in peace, or break off in the middle of the answer."""
    if kind.after:
        await reader.readexactly(kind.after)
        sock = writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        writer.transport.abort()


async def answered(reader: asyncio.StreamReader) -> int:
    """The status of an answer that is read to its end; it must be as long as it says."""
    head = await reader.readuntil(b"\r\n\r\n")
    _, _, rest = head.lower().partition(b"\r\ncontent-length:")
    if rest:
        await read_off(reader, int(rest.partition(b"\r\n")[0]))
    return int(head.split(b" ", 2)[1])


async def read_off(reader: asyncio.StreamReader, size: int) -> None:
    """Read *size* bytes and keep none."""
    while size:
        piece = await reader.read(min(size, 2**16))
        if not piece:
            raise ValueError(f"{size} bytes of the answer are missing")
        size -= len(piece)


async def main(port: int, seconds: float) -> None:
    """Play and print."""
    mix = Mix(port, seconds)
    await mix.run()
    told = {"counted": mix.counted, "played": mix.played, "surprises": mix.surprises}
    print(json.dumps(told))


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1]), float(sys.argv[2])))

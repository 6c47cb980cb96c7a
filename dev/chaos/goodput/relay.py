"""A slow road to coach: every request is passed on late. A process of its own.

`python -m dev.chaos.goodput.relay HOST PORT TO_PORT DELAY_S` listens as soon as whoever listens
there now has gone, so that no moment is lost between the two.
"""

import asyncio
import contextlib
import sys
from collections.abc import Awaitable, Callable

AGAIN_S = 0.01

Relay = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def relayed(host: str, to_port: int, delay_s: float) -> Relay:
    """What passes a connection on to *host*, each piece of a request *delay_s* later."""

    async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            on_reader, on_writer = await asyncio.open_connection(host, to_port)
        except OSError:
            writer.transport.abort()
            return
        await asyncio.gather(copy(reader, on_writer, delay_s), copy(on_reader, writer, 0.0))

    return relay


async def main(host: str, port: int, to_port: int, delay_s: float) -> None:
    """Relay until killed."""
    relay = relayed(host, to_port, delay_s)
    while True:
        try:
            server = await asyncio.start_server(relay, host, port)
        except OSError:
            await asyncio.sleep(AGAIN_S)
            continue
        print("listening", flush=True)
        await server.serve_forever()


async def copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, delay_s: float) -> None:
    """Pass on what comes, each piece *delay_s* later, and then the end."""
    with contextlib.suppress(OSError):
        while data := await reader.read(65536):
            await asyncio.sleep(delay_s)
            writer.write(data)
            await writer.drain()
    writer.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])))

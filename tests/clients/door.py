"""A door before the router that counts who comes in: connections, which a router does not tell."""

import asyncio
import threading
from contextlib import suppress


class Door:
    """Passes bytes on both ways, from a port of its own; in a thread, for clients that block."""

    def __init__(self, behind: int) -> None:
        self.connections = 0
        self._writers: set[asyncio.StreamWriter] = set()
        self._behind = behind
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()
        self._server = asyncio.run_coroutine_threadsafe(self._open(), self._loop).result(10)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def _open(self) -> asyncio.Server:
        return await asyncio.start_server(self._enter, "127.0.0.1", 0)

    async def _enter(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        there, back = await asyncio.open_connection("127.0.0.1", self._behind)
        self._writers |= {writer, back}
        await asyncio.gather(carry(reader, back), carry(there, writer))

    async def _shut(self) -> None:
        """Cut every connection; whoever reads from one then ends by itself."""
        self._server.close()
        for writer in self._writers:
            writer.transport.abort()
        await asyncio.gather(*asyncio.all_tasks() - {asyncio.current_task()})

    def close(self) -> None:
        """Let everybody go."""
        asyncio.run_coroutine_threadsafe(self._shut(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()


async def carry(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    """Pass on until the end, and then the end."""
    with suppress(OSError):
        while piece := await source.read(65536):
            sink.write(piece)
            await sink.drain()
    sink.close()

"""An upstream that swallows uploads: answers 200 once it has read as much as was announced."""

import asyncio
import re
import sys
from typing import cast

import uvloop

LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)\r\n", re.IGNORECASE)
CHUNKED = re.compile(rb"\r\ntransfer-encoding: *chunked\r\n", re.IGNORECASE)
LAST_CHUNK = b"0\r\n\r\n"
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"


class Sink(asyncio.BufferedProtocol):
    """One connection; nothing of the body is kept, so it is read as fast as it comes."""

    def __init__(self) -> None:
        self._buffer = bytearray(1024 * 1024)
        self._head = b""
        self._left: int | None = None
        self._tail = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is no subclass of it

    def get_buffer(self, sizehint: int) -> bytearray:
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        if self._left is None and not self._tail:
            self._head += bytes(self._buffer[:nbytes])
            self._begin()
        elif self._left is not None:
            self._left -= nbytes
            self._end(is_whole=self._left <= 0)
        else:
            self._tail = (self._tail + bytes(self._buffer[max(0, nbytes - 5) : nbytes]))[-5:]
            self._end(is_whole=self._tail == LAST_CHUNK)

    def _begin(self) -> None:
        """Look how long the body is, once the head is there."""
        head, end, rest = self._head.partition(b"\r\n\r\n")
        if not end:
            return
        if CHUNKED.search(head + b"\r\n"):
            self._tail = b"....." + rest[-5:]
            self._end(is_whole=rest.endswith(LAST_CHUNK))
            return
        found = LENGTH.search(head + b"\r\n")
        self._left = (int(found[1]) if found else 0) - len(rest)
        self._end(is_whole=self._left <= 0)

    def _end(self, *, is_whole: bool) -> None:
        if is_whole:
            self._head, self._left, self._tail = b"", None, b""
            self._transport.write(ANSWER)


async def main(port: int) -> None:
    """Serve until a signal ends it."""
    server = await asyncio.get_running_loop().create_server(Sink, "127.0.0.1", port)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1])))

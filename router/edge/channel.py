"""What supervisor and worker say to each other: JSON objects over a socket pair.

Each is preceded by its length in four bytes. Words that one side does not know are passed over,
since after an upgrade a worker may be newer than its supervisor.
"""

import asyncio
import json
import socket
from typing import Any

Message = dict[str, Any]

LENGTH = 4
MOST_READ = 64 * 1024
FINISH_S = 2.0
"""How long who leaves waits for the other side; less than a supervisor waits for a worker."""


class Channel:
    """One end of the pair."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def over(cls, sock: socket.socket) -> "Channel":
        """A channel over *sock*, which is the channel's from now on."""
        return cls(*await asyncio.open_unix_connection(sock=sock))

    @property
    def is_read(self) -> bool:
        """Whether the other side has taken all that was sent."""
        return self._writer.transport.get_write_buffer_size() == 0

    def send(self, message: Message) -> None:
        """Send *message*, without waiting for it to arrive; to nobody if the other side is gone."""
        text = json.dumps(message, separators=(",", ":")).encode()
        if not self._writer.is_closing():
            self._writer.write(len(text).to_bytes(LENGTH, "big") + text)

    async def receive(self) -> Message | None:
        """The next message; None once the other side has closed or is gone."""
        try:
            length = int.from_bytes(await self._reader.readexactly(LENGTH), "big")
            message: Message = json.loads(await self._reader.readexactly(length))
        except (asyncio.IncompleteReadError, OSError):
            return None
        return message

    async def finish(self, within_s: float = FINISH_S) -> None:
        """Say no more, and close once the other side has: by then it has heard everything.

        To close at once could lose it: whatever the other side sends then fails, and with its
        connection goes what it has not read yet (asyncio drops both ways on one error).
        """
        if not self._writer.is_closing():
            self._writer.write_eof()
        try:
            async with asyncio.timeout(within_s):
                while await self._reader.read(MOST_READ):
                    pass
        except (OSError, TimeoutError):
            pass  # it has gone, or hangs
        await self.close()

    async def close(self) -> None:
        """Close it, once what was sent has gone."""
        self._writer.close()
        try:
            await self._writer.wait_closed()
        except OSError:
            return  # the other side went first

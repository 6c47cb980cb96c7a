"""What supervisor and worker say to each other: JSON objects over a socket pair.

Each is preceded by its length in four bytes. Words that one side does not know are passed over,
since after an upgrade a worker may be newer than its supervisor, and so is what it cannot read.
"""

import asyncio
import json
import logging
import socket
from collections.abc import Callable
from typing import Any

Message = dict[str, Any]

LENGTH = 4
MOST_READ = 64 * 1024
FINISH_S = 2.0
"""How long who leaves waits for the other side; less than a supervisor waits for a worker."""


log = logging.getLogger("router")


class Channel:
    """One end of the pair."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._has_warned = False

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
        while True:
            try:
                length = int.from_bytes(await self._reader.readexactly(LENGTH), "big")
                text = await self._reader.readexactly(length)
            except (asyncio.IncompleteReadError, OSError):
                return None
            message = object_in(text)
            if message is not None:
                return message
            self.pass_over(text)

    async def listen(self, hear: Callable[[Message], None]) -> None:
        """Have *hear* take each message, until the other side has closed or is gone.

        One that it trips over is passed over: to listen no more would be to miss all others, and
        the end.
        """
        while (message := await self.receive()) is not None:
            try:
                hear(message)
            except Exception as error:  # noqa: BLE001 - whatever it is that another version says
                self.pass_over(message, error)

    def pass_over(self, said: object, error: Exception | None = None) -> None:
        """Say once that something *said* cannot be read."""
        if not self._has_warned:
            self._has_warned = True
            log.warning(
                "a message between supervisor and worker cannot be read, and is passed over"
                " (are they of two versions?): %.100r",
                said,
                exc_info=error,
            )

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


def object_in(text: bytes) -> Message | None:
    """The JSON object that *text* is, or None."""
    try:
        message = json.loads(text)
    except ValueError:
        return None
    return message if isinstance(message, dict) else None

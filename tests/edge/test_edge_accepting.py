"""The listener where descriptors run out in the very moment in which it listens again."""

import asyncio
import errno
import socket
from typing import Any

import pytest

from router.edge import accepting
from router.edge.accepting import Accepting


class Short:
    """A loop that has no descriptor for a server the first time that it is asked."""

    def __init__(self) -> None:
        self.refused = 0
        self._loop = asyncio.get_running_loop()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loop, name)

    async def create_server(self, *args: Any, **kwargs: Any) -> asyncio.Server:
        """Fail once."""
        if not self.refused:
            self.refused += 1
            raise OSError(errno.EMFILE, "Too many open files")
        return await self._loop.create_server(*args, **kwargs)


class Door:
    """A front that counts who comes."""

    def __init__(self) -> None:
        self.connections: set[object] = set()
        self.came = asyncio.Event()

    def __call__(self) -> asyncio.Protocol:
        """One more client."""
        self.came.set()
        return asyncio.Protocol()


async def test_it_tries_again_where_it_cannot_listen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Or nobody would be let in any more, for a descriptor that was missing for a moment."""
    monkeypatch.setattr(accepting, "PAUSE_S", 0.01)
    loop, front = Short(), Door()
    with socket.create_server(("127.0.0.1", 0)) as sock:
        door = sock.dup()
        door.setblocking(False)
        listening = Accepting(door, front, loop)  # type: ignore[arg-type]
        await asyncio.wait_for(listening._pause(), 5)
        _, writer = await asyncio.open_connection(*sock.getsockname())
        await asyncio.wait_for(front.came.wait(), 5)
        writer.close()
        await writer.wait_closed()
        listening.close()
    assert loop.refused == 1

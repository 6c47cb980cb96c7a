"""The listener: it takes connections while there are descriptors for them, and else lets them wait.

Left alone, a connection that is one too many would be closed without a word, and those before it
would have taken what their upstreams need. nginx stops accepting for half a second, and so do we:
who comes meanwhile waits in the kernel's queue, for this worker or for another.
"""

import asyncio
import logging
import os
import resource
import socket
from math import inf
from typing import cast

from router.edge.front import Front
from router.edge.listening import BACKLOG

PAUSE_S = 0.5
SAY_EVERY_S = 60.0
MOST_RESERVED = 2048
"""Descriptors kept for upstreams, files and the admin's channel: half of all there are at most."""

log = logging.getLogger("router")


def raise_limit() -> None:
    """Let this process open as many descriptors as it may: the usual 1,024 are a default for
    programs that `select`.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def most_for_clients() -> float:
    """From which descriptor on none is left for clients."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return inf if soft == resource.RLIM_INFINITY else soft - min(soft // 2, MOST_RESERVED)


class Accepting:
    """Connections of *door*, each handed to *front*, from `open` to `close`."""

    def __init__(self, door: socket.socket, front: Front, loop: asyncio.AbstractEventLoop) -> None:
        self._door = door
        self._front = front
        self._loop = loop
        self._most = most_for_clients()
        self._server: asyncio.Server | None = None
        self._pausing: asyncio.Task[None] | None = None
        self._said_at = -inf

    async def open(self) -> None:
        """Take connections from now on."""
        sock = self._door.dup()  # a server closes its socket, and the door itself stays
        try:
            self._server = await self._loop.create_server(
                self._connected, sock=sock, backlog=BACKLOG
            )
        except OSError:
            sock.close()
            raise

    def close(self) -> None:
        """Take no more of them."""
        if self._pausing is not None:
            self._pausing.cancel()
        self._stop()
        self._door.close()

    def _stop(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None

    def _connected(self) -> asyncio.Protocol:
        """A connection was taken: was it the last for which there is room?"""
        if self._pausing is None and self._is_short():
            self._pausing = self._loop.create_task(self._pause())
        return cast("asyncio.Protocol", self._front())  # all of it but the name

    def _is_short(self) -> bool:
        """Whether the next descriptor, the lowest that is free, would be one of those kept back."""
        try:
            free = os.dup(self._door.fileno())
        except OSError:
            return True
        os.close(free)
        return free >= self._most

    async def _pause(self) -> None:
        """Leave the queue alone until descriptors are free again."""
        self._stop()
        while True:
            self._say()
            await asyncio.sleep(PAUSE_S)
            self._most = most_for_clients()
            if not self._is_short() and await self._opened():
                break
        self._pausing = None

    async def _opened(self) -> bool:
        """Whether connections are taken again; upstreams may have used what was free just now."""
        try:
            await self.open()
        except OSError:
            return False
        return True

    def _say(self) -> None:
        """Say so, once in a while."""
        now = self._loop.time()
        if now < self._said_at + SAY_EVERY_S:
            return
        self._said_at = now
        log.warning(
            "no descriptors left for clients: new connections wait; raise the limit of open files",
            extra={"fields": {"connections": len(self._front.connections), "limit": self._most}},
        )

"""Kept connections to one upstream: the youngest is used first, none is kept for long."""

import asyncio
import ssl
from collections.abc import Iterable
from pathlib import Path

from router.core.model import Snapshot, Upstream
from router.edge.upstream.wire import Connection

MAX_IDLE = 256
"""Connections kept for each upstream; more than that are closed when they come back."""


class NoConnection(ConnectionError):
    """No connection could be made: nothing was sent."""


class Pool:
    """The connections to one address.

    They are kept for less than upstreams keep theirs (gunicorn: 2 s), so that a request seldom
    meets a connection that is just being closed.
    """

    def __init__(
        self, upstream: Upstream, loop: asyncio.AbstractEventLoop, folder: Path = Path()
    ) -> None:
        self.upstream = upstream
        self.under_way = 0
        self._loop = loop
        self._idle: list[Connection] = []
        self._tls = tls_of(upstream, folder)
        self._sweep: asyncio.TimerHandle | None = None

    def __repr__(self) -> str:
        return f"<Pool {self.upstream.url}, {len(self._idle)} idle>"

    def count_under_way(self) -> int:
        """How many attempts use a connection, or are about to."""
        return self.under_way

    def kept(self) -> Connection | None:
        """A connection that is open and idle, or None."""
        oldest = self._loop.time() - self.upstream.idle_s
        while self._idle:
            connection = self._idle.pop()
            if not connection.closed and connection.idle_since >= oldest:
                connection.reused = True
                return connection
            connection.abort()
        return None

    async def fresh(self, within_s: float) -> Connection:
        """A new connection, or `NoConnection` after *within_s* at the latest."""
        upstream = self.upstream
        try:
            async with asyncio.timeout(min(within_s, upstream.connect_timeout_s)):
                _, connection = await self._loop.create_connection(
                    lambda: Connection(self._loop), upstream.host, upstream.port, ssl=self._tls
                )
        except (OSError, TimeoutError, UnicodeError) as error:  # the last: no name at all
            raise NoConnection(str(error)) from error
        return connection

    def give_back(self, connection: Connection) -> None:
        """Keep *connection* for the next exchange if it is clean, else drop it."""
        if not connection.is_reusable or len(self._idle) >= MAX_IDLE:
            connection.abort()
            return
        connection.idle_since = self._loop.time()
        self._idle.append(connection)
        if self._sweep is None:
            self._sweep = self._loop.call_later(self.upstream.idle_s, self._sweep_idle)

    def close(self) -> None:
        """Drop every kept connection."""
        if self._sweep is not None:
            self._sweep.cancel()
            self._sweep = None
        for connection in self._idle:
            connection.abort()
        self._idle.clear()

    def _sweep_idle(self) -> None:
        oldest = self._loop.time() - self.upstream.idle_s
        stale = [one for one in self._idle if one.closed or one.idle_since <= oldest]
        self._idle = [one for one in self._idle if one not in stale]
        for connection in stale:
            connection.abort()
        again = self._idle and self._loop.call_later(self.upstream.idle_s, self._sweep_idle)
        self._sweep = again or None


def tls_of(upstream: Upstream, folder: Path) -> ssl.SSLContext | None:
    """The context for an `https` upstream: names and certificates are always checked.

    A relative `ca_file` is looked up in *folder*; `OSError` where it cannot be used.
    """
    if not upstream.tls:
        return None
    ca_file = None if upstream.ca_file is None else folder / upstream.ca_file
    return ssl.create_default_context(cafile=ca_file)


class Pools:
    """A pool for each upstream address; they live on over reloads that keep the address.

    *folder* is that of routes.yaml, from which relative files start.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, folder: Path = Path()) -> None:
        self._loop = loop
        self._folder = folder
        self._pools: dict[Upstream, Pool] = {}

    def __getitem__(self, upstream: Upstream) -> Pool:
        pool = self._pools.get(upstream)
        if pool is None:
            pool = self._pools[upstream] = Pool(upstream, self._loop, self._folder)
        return pool

    def keep(self, snapshot: Snapshot) -> None:
        """Make the pools of *snapshot*, and close those of upstreams that it no longer has."""
        wanted = set(snapshot.upstreams.values())
        for upstream in wanted:
            self[upstream]
        self._drop(upstream for upstream in list(self._pools) if upstream not in wanted)

    def close(self) -> None:
        """Drop every kept connection of every pool."""
        self._drop(list(self._pools))

    def _drop(self, upstreams: Iterable[Upstream]) -> None:
        for upstream in upstreams:
            self._pools.pop(upstream).close()

"""Connections to one upstream: kept ones first, new ones up to a bound, then a queue.

Diverted traffic never waits, and never takes the last places, so native traffic is never behind
it (docs/adr/0025-native-traffic-first.md).
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from pathlib import Path

from router.core.model import Snapshot, Upstream
from router.core.outcome import Fault
from router.edge.upstream.dialling import dial, tls_of
from router.edge.upstream.wire import Connection

SWEEP_S = 0.02
"""How often connections are looked at: a timeout of an attempt is kept to within this."""

Got = Callable[[Connection | Fault], None]


class Wait:
    """Somebody who waits for a connection: `got` is called once, with it or with why not.

    At `due` the connection must be there, at `until` the turn to have one at all.
    """

    __slots__ = ("_queue", "connecting", "due", "fresh", "got", "until")

    def __init__(self, got: Got, due: float, queue: deque["Wait"], *, fresh: bool) -> None:
        self._queue = queue
        self.got: Got | None = got
        self.due = due
        self.until = due
        self.fresh = fresh
        self.connecting: asyncio.Task[None] | None = None

    def end(self, answer: Connection | Fault) -> None:
        """Tell whoever waits, once."""
        got, self.got = self.got, None
        if got is not None:
            got(answer)

    def give_up(self) -> None:
        """Wait no longer: nobody wants it any more, and the place in the queue is another's."""
        self.got = None
        if self.connecting is not None:
            self.connecting.cancel()
        elif self in self._queue:
            self._queue.remove(self)


class Pool:
    """The connections to one address.

    They are kept for less than upstreams keep theirs (gunicorn: 2 s), so that a request seldom
    meets a connection that is just being closed; the youngest is used first.
    """

    def __init__(
        self, upstream: Upstream, loop: asyncio.AbstractEventLoop, folder: Path = Path()
    ) -> None:
        self.upstream = upstream
        self.under_way = 0
        self.clock = loop.time
        self._loop = loop
        self._idle: list[Connection] = []
        self._in_use: set[Connection] = set()
        self._connecting: set[Wait] = set()
        self._queue: deque[Wait] = deque()
        self._tls = tls_of(upstream, folder)
        self._sweep: asyncio.TimerHandle | None = None

    def __repr__(self) -> str:
        return (
            f"<Pool {self.upstream.url}, {len(self._idle)} idle, {len(self._in_use)} in use,"
            f" {len(self._queue)} waiting>"
        )

    def count_under_way(self) -> int:
        """How many attempts use a connection, or are about to."""
        return self.under_way

    def count_queued(self) -> int:
        """How many of them wait for one."""
        return len(self._queue)

    def has_room(self, *, diverted: bool) -> bool:
        """Whether whoever comes now gets a connection without a wait."""
        bounds = self.upstream
        taken = len(self._in_use) + len(self._connecting)
        return taken < (bounds.for_diverted if diverted else bounds.connections)

    def kept(self) -> Connection | None:
        """A connection that is open and idle, in use from now on, or None."""
        oldest = self.clock() - self.upstream.idle_s
        while self._idle:
            connection = self._idle.pop()
            if not connection.closed and connection.idle_since >= oldest:
                connection.reused = True
                self._in_use.add(connection)
                return connection
            connection.abort()
        return None

    def at_once(self, *, diverted: bool = False) -> Connection | None:
        """A kept connection, if there is room for one more in use."""
        connection = self.kept() if self.has_room(diverted=diverted) else None
        if connection is not None:
            self._look_soon()
        return connection

    def get(self, got: Got, due: float, *, fresh: bool, diverted: bool = False) -> Wait | None:
        """Call *got* with a connection, at once where one is kept, else until *due*.

        What is *diverted* is told at once where there is no room. What is given back can be asked
        to give up.
        """
        connection = None if fresh else self.at_once(diverted=diverted)
        if connection is not None:
            got(connection)
            return None
        wait = Wait(got, due, self._queue, fresh=fresh)
        if self.has_room(diverted=diverted):
            self._connect(wait)
        elif diverted or len(self._queue) >= self.upstream.queue:
            wait.end(Fault.BUSY)
        else:
            self._line_up(wait)
        return wait

    def _line_up(self, wait: Wait) -> None:
        """Have it wait, but not so long that its turn would come too late to be of use."""
        now = self.clock()
        wait.until = now + min(self.upstream.queue_s, (wait.due - now) / 2)
        self._queue.append(wait)
        self._look_soon()

    def give_back(self, connection: Connection) -> None:
        """Keep *connection* for the next exchange if it is clean, else drop it."""
        self._in_use.discard(connection)
        connection.silence()
        if connection.is_reusable and len(self._idle) < self.upstream.pool:
            connection.idle_since = self.clock()
            self._idle.append(connection)
            self._look_soon()
        else:
            connection.abort()
        if self._queue:
            self._serve_queue()

    def drop(self, connection: Connection) -> None:
        """Drop *connection*: nothing of it is used again."""
        self._in_use.discard(connection)
        connection.abort()
        if self._queue:
            self._serve_queue()

    def bound(self, upstream: Upstream) -> None:
        """Have the bounds of *upstream* hold from now on, and let in who waits where they allow."""
        self.upstream = upstream
        if self._queue:
            self._serve_queue()

    def close(self) -> None:
        """Drop every kept connection."""
        for connection in self._idle:
            connection.abort()
        self._idle.clear()

    def _serve_queue(self) -> None:
        """Hand what there is to those who have waited longest."""
        while self._queue and self.has_room(diverted=False):
            wait = self._queue.popleft()
            connection = None if wait.fresh else self.kept()
            if connection is None:
                self._connect(wait)
            else:
                wait.end(connection)

    def _connect(self, wait: Wait) -> None:
        self._connecting.add(wait)
        wait.connecting = self._loop.create_task(self._connected(wait))
        wait.connecting.add_done_callback(lambda _: self._connecting_ended(wait))

    def _connecting_ended(self, wait: Wait) -> None:
        """Let the next one in: this one has its connection, or has been refused, or has left."""
        self._connecting.discard(wait)
        if self._queue:
            self._serve_queue()

    async def _connected(self, wait: Wait) -> None:
        within_s = wait.due - self.clock()
        connection = await dial(self._loop, self.upstream, self._tls, within_s)
        self._connecting.discard(wait)
        if isinstance(connection, Connection):
            self._in_use.add(connection)
            self._look_soon()
        wait.end(connection)

    def _look_soon(self) -> None:
        if self._sweep is None:
            self._sweep = self._loop.call_later(SWEEP_S, self._look)

    def _look(self) -> None:
        """Act on what is overdue: answers, waits for a connection, and kept connections."""
        now = self.clock()
        self._sweep = None
        for connection in [one for one in self._in_use if one.due <= now]:
            connection.expire()
        for wait in [one for one in self._queue if one.until <= now]:
            self._queue.remove(wait)
            wait.end(Fault.BUSY)
        oldest = now - self.upstream.idle_s
        if self._idle and self._idle[0].idle_since <= oldest:  # the oldest come first
            stale = [one for one in self._idle if one.closed or one.idle_since <= oldest]
            self._idle = [one for one in self._idle if one not in stale]
            for connection in stale:
                connection.abort()
        if self._in_use or self._queue or self._idle:
            self._look_soon()


class Pools:
    """A pool for each upstream address; they live on over reloads that keep the address.

    *folder* is that of routes.yaml, from which relative files start.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, folder: Path = Path()) -> None:
        self._loop = loop
        self._folder = folder
        self._pools: dict[str, Pool] = {}

    def __getitem__(self, upstream: Upstream) -> Pool:
        pool = self._pools.get(upstream.address)
        if pool is None:
            pool = self._pools[upstream.address] = Pool(upstream, self._loop, self._folder)
        return pool

    def keep(self, snapshot: Snapshot) -> None:
        """Make the pools of *snapshot*, bounds included, and close those that it no longer has."""
        for upstream in snapshot.upstreams.values():
            self[upstream].bound(upstream)
        wanted = {upstream.address for upstream in snapshot.upstreams.values()}
        self._drop(address for address in list(self._pools) if address not in wanted)

    def close(self) -> None:
        """Drop every kept connection of every pool."""
        self._drop(list(self._pools))

    def _drop(self, addresses: Iterable[str]) -> None:
        for address in addresses:
            self._pools.pop(address).close()

"""The listener's side of clients: who is let in, how long anybody may take, and the drain."""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence

from router.core.model import Limits, Network
from router.core.peers import counted_as, is_trusted
from router.core.problems import Problem
from router.edge.client.client import Client, Handling
from router.edge.client.connection import ClientConnection
from router.edge.client.familiar import Familiar
from router.edge.client.heads import HeadReader

SWEEP_S = 0.1
"""How often connections are looked at: a limit of time is kept to within this."""

TOO_MANY = Problem(
    503,
    "connections",
    "There are too many connections; try again later.",
    (("Retry-After", "1"),),
    close=True,
)

Serve = Callable[[Client], Handling]
Refuse = Callable[[Client, Problem], object]


class Front:
    """The listener's protocol factory: each client's requests, in order, become exchanges.

    `serve` begins an exchange, `refuse` answers what is no request. `limits` hold for all
    connections from the moment they are set.
    """

    def __init__(
        self,
        serve: Serve,
        refuse: Refuse,
        loop: asyncio.AbstractEventLoop,
        limits: Limits | None = None,
    ) -> None:
        self.serve = serve
        self.refuse = refuse
        self.clock = loop.time
        self.draining = False
        self.connections: set[ClientConnection] = set()
        self._trusted: Sequence[Network] = ()
        self._loop = loop
        self._of_client: Counter[str] = Counter()
        self._empty: asyncio.Future[None] | None = None
        self._sweep: asyncio.TimerHandle | None = None
        self.limit(limits or Limits())

    def limit(self, limits: Limits) -> None:
        """Have *limits* hold from now on."""
        self.limits = limits
        self.heads = Familiar(HeadReader(self._loop, limits), limits)

    def trust(self, proxies: Sequence[Network]) -> None:
        """Have *proxies*, which speak for many clients, be held to the limit in all only."""
        self._trusted = proxies

    def __call__(self) -> ClientConnection:
        return ClientConnection(self)

    def admit(self, connection: ClientConnection) -> Problem | None:
        """Count *connection*, or say why it is one too many."""
        self.connections.add(connection)
        counted = counted_as(connection.address)
        self._of_client[counted] += 1
        if self._sweep is None:
            self._sweep = self._loop.call_later(SWEEP_S, self._look)
        if len(self.connections) > self.limits.connections:
            return TOO_MANY
        many = self._of_client[counted] > self.limits.connections_per_client
        return TOO_MANY if many and not is_trusted(connection.address, self._trusted) else None

    def forget(self, connection: ClientConnection) -> None:
        """Count *connection* no longer: it has gone."""
        self.connections.discard(connection)
        counted = counted_as(connection.address)
        self._of_client[counted] -= 1
        if self._of_client[counted] <= 0:
            del self._of_client[counted]
        if self._empty is not None and not self.connections and not self._empty.done():
            self._empty.set_result(None)

    async def drain(self, grace_s: float) -> None:
        """Close what is idle, let the others finish, cut the rest in the end."""
        self.draining = True
        self._empty = self._loop.create_future()
        for connection in list(self.connections):
            connection.close_if_idle()
        if not self.connections:
            return
        await asyncio.wait([self._empty], timeout=grace_s)
        self.close()

    def close(self) -> None:
        """Cut every connection."""
        for connection in list(self.connections):
            connection.cut()

    def _look(self) -> None:
        """Have each connection act on what is overdue."""
        now = self.clock()
        for connection in list(self.connections):
            if now >= connection.due or now >= connection.write_due:
                connection.check(now)
        again = self.connections and self._loop.call_later(SWEEP_S, self._look)
        self._sweep = again or None

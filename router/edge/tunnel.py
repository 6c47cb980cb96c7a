"""Upgraded connections: bytes both ways until both ends have ended, or nothing moves any more."""

from collections.abc import Callable
from math import inf

from router.edge.client.client import Client
from router.edge.upstream.wire import Connection


class Tunnel:
    """A client and an upstream that speak another protocol through us (RFC 9110 7.8).

    Each direction waits for its reader. A client that has ended still gets what the upstream has
    to say; an upstream that has ended ends it all. `ended` is called once: with True at the end or
    when nothing moved for *idle_s*, with False where the upstream broke off.
    """

    __slots__ = ("_client", "_connection", "_ended", "_idle_s")

    def __init__(
        self,
        client: Client,
        connection: Connection,
        *,
        idle_s: float,
        ended: Callable[[bool], None],
    ) -> None:
        self._client = client
        self._connection = connection
        self._idle_s = idle_s
        self._ended = ended

    def start(self, head: bytes) -> None:
        """Tell the client that its wish is granted, and let the bytes flow."""
        connection, client = self._connection, self._client
        connection.due = inf
        connection.on_change = self._from_upstream
        connection.on_writable = self._upstream_is_writable
        client.on_writable = self._from_upstream
        client.write(head)
        client.switch(self)
        self._moved()
        self._from_upstream()

    # --- what the client's connection tells ------------------------------------------------------

    def from_client(self, data: bytes) -> None:
        """Bytes for the upstream; the client waits while the upstream does not take them."""
        self._moved()
        self._connection.write(data)
        if self._connection.is_full:
            self._client.read_on(False)

    def client_ended(self) -> None:
        """The client will send no more."""
        self._connection.end_writing()

    def overdue(self) -> None:
        """Nothing has moved for too long."""
        self._ended(True)

    # --- what the upstream's connection tells ----------------------------------------------------

    def _upstream_is_writable(self) -> None:
        self._moved()
        self._client.read_on(True)

    def _from_upstream(self) -> None:
        """Bytes for the client, or the end, or a break."""
        connection, client = self._connection, self._client
        if connection.fault is not None:
            client.abort()
            self._ended(False)
            return
        if client.is_full:
            return
        data = connection.take()
        if data:
            self._moved()
            client.write(data)
        if connection.complete:
            self._ended(True)

    def _moved(self) -> None:
        self._client.expect_within(self._idle_s)

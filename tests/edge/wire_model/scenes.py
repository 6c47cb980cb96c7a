"""The router on the loop of the model: clients and upstreams are transports in the test's hands."""

import gc
import random
import time
from dataclasses import replace

from router.core.model import Auth, Jwt, Key, Match, Route, Snapshot, Upstream
from router.core.record import Record
from router.edge.client.client import Client
from router.edge.client.connection import ClientConnection
from router.edge.client.upload import Upload
from router.edge.current import Current, Surroundings, build
from router.edge.front import Front
from router.edge.metrics import Metrics
from router.edge.upstream.attempt import Attempt
from router.edge.upstream.pool import Pool, Pools, Wait
from router.edge.upstream.wire import Connection
from router.exchange import Edges, Exchange, Ids
from tests.edge.requests import SECRET
from tests.edge.wire_model.loops import Loop
from tests.edge.wire_model.transports import Transport

TIMEOUT_S, DEADLINE_S, PAUSE_S = 0.1, 0.3, 0.2
SILENCE_S = DEADLINE_S + PAUSE_S + 0.1
"""Longer than anybody waits for an upstream."""

OF_AN_EXCHANGE = (Exchange, Attempt, Client, Upload, ClientConnection, Connection, Wait)
LEGACY = Upstream("monolith", "legacy.example", 80, pause_s=PAUSE_S)
COACH = replace(LEGACY, name="coach", host="coach.example")
JWT = Jwt((Key(secret_env="JWT_SECRET"),), issuer="fit-api")


class Ledger:
    """The access log's place."""

    def __init__(self) -> None:
        self.records: list[Record] = []

    def write(self, _: float, record: Record) -> None:
        """Keep what was told."""
        self.records.append(record)


class Scene:
    """A router; `dial` makes a client's connection to it, `lines` are its own to upstreams."""

    def __init__(self) -> None:
        self.loop = Loop()
        self.ledger = Ledger()
        self.pools = Pools(self.loop)
        self.clients: list[Transport] = []
        snapshot = self._snapshot()
        around = Surroundings({"JWT_SECRET": SECRET}, time.time, self.loop.time)
        metrics = Metrics()
        metrics.accepted(snapshot, 0)
        self.edges = Edges(
            current=Current(build(snapshot, around, None), around),
            pools=self.pools,
            metrics=metrics,
            access_log=self.ledger,  # type: ignore[arg-type]  # as much of it as is used
            clock=self.loop.time,
            wall=time.time,
            ids=Ids(random.Random(1)),
        )
        self.front = Front(self._serve, self._refuse, self.loop, snapshot.limits)

    def _snapshot(self) -> Snapshot:
        plain = Route(
            "default", (), LEGACY, LEGACY, auth=Auth.PASS, deadline_s=DEADLINE_S, upgrade=True
        )
        wod = replace(
            plain,
            name="wod",
            matches=(Match("/fitness/wod"),),
            auth=Auth.REQUIRED,
            candidate=COACH,
            percent=100.0,
            timeout_s=TIMEOUT_S,
        )
        upstreams = {one.name: one for one in (LEGACY, COACH)}
        return Snapshot("routes.yaml", "hash", upstreams, plain, (wod,), JWT)

    def _serve(self, client: Client) -> Exchange:
        exchange = Exchange(self.edges, client)
        exchange.begin()
        return exchange

    def _refuse(self, client: Client, problem: object) -> None:
        Exchange(self.edges, client).refuse_unread(problem)

    def dial(self) -> Transport:
        """A client's connection."""
        protocol = self.front()
        transport = Transport(self.loop, protocol)
        protocol.connection_made(transport)
        self.clients.append(transport)
        return transport

    @property
    def lines(self) -> list[Transport]:
        """The connections to upstreams that are open, the latest one last."""
        made = [one.transport for one in self.loop.dials if one.transport is not None]
        return [one for one in made if not one.lost]

    @property
    def legacy(self) -> Pool:
        """The pool of connections to legacy."""
        return self.pools[LEGACY]

    def clear(self) -> None:
        """Have every client go, and every kept connection; nothing may be left then."""
        self.clear_clients()
        for upstream in (LEGACY, COACH):
            self.pools[upstream].close()
        self.loop.settle()
        assert not self.lines, "a connection to an upstream is open that nobody has"
        self.loop.dials.clear()

    def clear_clients(self) -> None:
        """Have every client go: then nothing is in use any more, and nobody waits."""
        for client in self.clients:
            client.reset()
        self.clients.clear()
        self.loop.settle()
        assert not self.front.connections
        for upstream in (LEGACY, COACH):
            pool = self.pools[upstream]
            assert pool.under_way == 0
            assert repr(pool).endswith("0 in use, 0 waiting>"), pool

    def close(self) -> None:
        """End it all, and look whether anything holds on to what was served."""
        self.clear()
        assert all(record.fate is not None for record in self.ledger.records)
        self.ledger.records.clear()
        self.loop.let_pass(1.0)  # the sweeps run out
        gc.collect()
        kept = [one for one in gc.get_objects() if isinstance(one, OF_AN_EXCHANGE)]
        assert not kept, kept[:5]

"""The router between scripted upstreams and raw clients, all on real sockets in one event loop."""

import asyncio
import gc
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from router.core.fates import Fate
from router.core.model import (
    Auth,
    Jwt,
    Key,
    Match,
    Requirement,
    Route,
    Snapshot,
)
from router.core.model import Upstream as Address
from router.core.recent import Recently
from router.core.record import Record
from router.edge.client.client import Client
from router.edge.comparing import Comparing
from router.edge.current import Current, Running, Surroundings, build, running_on
from router.edge.exposing import Collected, total
from router.edge.front import Front
from router.edge.keeping import Keeping
from router.edge.late import LateAnswers
from router.edge.metrics import Metrics
from router.edge.protections import Protections
from router.edge.upstream.pool import Pools
from router.exchange import Edges, Exchange, Ids
from tests.edge.clients import Caller, Got
from tests.edge.requests import SECRET
from tests.edge.upstreams import Received, Step, Upstream

SOON_S = 10.0
CONNECT_S, TIMEOUT_S, DEADLINE_S = 20.0, 20.0, 30.0
"""Longer than any test waits: a machine that stands still for a moment has no timer fire."""
HASTY_S = 0.5
"""The timeout where a step of coach hangs: there it is waited for, and must be met."""
READ = frozenset({"GET", "HEAD"})
SECRET_KEY = Jwt((Key(secret_env="JWT_SECRET"),), issuer="fit-api")
WRITE = frozenset({"POST", "PUT", "PATCH", "DELETE"})


async def until(holds: Callable[[], object], what: str) -> None:
    """Wait until *holds* does, and fail with *what* if it does not soon."""
    deadline = time.monotonic() + SOON_S
    while not holds():
        assert time.monotonic() < deadline, f"never came: {what}"
        await asyncio.sleep(0.002)


class Ledger:
    """The access log's place: it keeps the records."""

    def __init__(self) -> None:
        self.records: list[Record] = []

    def write(self, _: float, record: Record) -> None:
        """Keep *record*, which must be finished and new."""
        assert isinstance(record.fate, Fate)
        assert all(record is not one for one in self.records), "told twice"
        self.records.append(record)


@dataclass(slots=True)
class Seen:
    """One exchange from every side."""

    got: Got
    record: Record
    coach: list[Received]
    monolith: list[Received]

    @property
    def attempts(self) -> list[tuple[str, str]]:
        """Upstream and outcome of each attempt, in order."""
        return [(one.upstream, one.outcome) for one in self.record.attempts]


class Stage:
    """The router, its two upstreams, and everything they will have to answer for at the end."""

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.coach = Upstream("coach")
        self.monolith = Upstream("monolith")
        self.ledger = Ledger()
        self.metrics = Metrics()
        self.pools = Pools(self.loop)
        self.callers: list[Caller] = []
        self.expected = 0
        self.ahead_s = 0.0
        self.begin: Callable[[Exchange], None] = Exchange.begin
        self.escaped: list[Mapping[str, Any]] = []
        self._tasks = asyncio.all_tasks()
        self.loop.set_exception_handler(lambda _, context: self.escaped.append(context))

    async def open(
        self,
        coach: list[Step],
        monolith: list[Step],
        *,
        route: Mapping[str, Any],
        default: Mapping[str, Any],
        address: Mapping[str, Any],
        jwt: Jwt | None = None,
        **settings: Any,
    ) -> None:
        """Start everything; the mappings change the strangled routes, the default, and coach.

        Only where a step of *coach* hangs is the timeout a short one.
        """
        await self.coach.start(coach)
        await self.monolith.start(monolith)
        timeout_s = HASTY_S if any(step.hangs for step in coach) else TIMEOUT_S
        route = {"timeout_s": timeout_s} | dict(route)
        self.snapshot = self._snapshot(route, default, address, jwt or SECRET_KEY, settings)
        around = Surroundings({"JWT_SECRET": SECRET}, self.wall, time.monotonic)
        self.current = Current(build(self.snapshot, around, None), around)
        self.keeping = Keeping(self.loop)
        self.keeping.keep(self.current.running)
        self.recently = Recently()
        self.comparing = Comparing(
            self.pools, self.metrics, clock=time.monotonic, wall=self.wall, chance=random.Random(1)
        )
        self.protections = Protections(1, time.monotonic, random.Random(1))
        self.late = LateAnswers(self.pools, self.comparing)
        self.edges = Edges(
            current=self.current,
            pools=self.pools,
            metrics=self.metrics,
            access_log=self.ledger,
            clock=time.monotonic,
            wall=self.wall,
            ids=Ids(random.Random(1)),
            comparing=self.comparing,
            late=self.late,
            recently=self.recently,
            protections=self.protections,
        )
        self.comparing.keep(self.snapshot)
        self.protections.keep(self.snapshot)
        self.metrics.watch_protections(self.protections.standings)
        self.metrics.accepted(self.snapshot, 0)
        self.front = Front(self._serve, self._refuse, self.loop, self.snapshot.limits)
        self.server = await self.loop.create_server(self.front, "127.0.0.1", 0)
        self.port = self.server.sockets[0].getsockname()[1]

    def wall(self) -> float:
        """The wall clock, as far ahead as a test has put it."""
        return time.time() + self.ahead_s

    def swap(self, snapshot: Snapshot) -> Running:
        """Put *snapshot* in force for the exchanges to come."""
        old = self.current.running
        self.current.running = running_on(snapshot, old.sources, old.tokens)
        return self.current.running

    def swap_route(self, fields: Mapping[str, Any]) -> None:
        """Put other *fields* of the strangled routes in force."""
        routes = (
            replace(one, **fields) if one.candidate is not None else one
            for one in self.current.running.snapshot.routes
        )
        snapshot = replace(self.current.running.snapshot, routes=tuple(routes))
        self.swap(snapshot)
        self.comparing.keep(snapshot)
        self.protections.keep(snapshot)

    def _serve(self, client: Client) -> Exchange:
        exchange = Exchange(self.edges, client)
        self.begin(exchange)
        return exchange

    def _refuse(self, client: Client, problem: Any) -> None:
        Exchange(self.edges, client).refuse_unread(problem)

    def _snapshot(
        self,
        route: Mapping[str, Any],
        default: Mapping[str, Any],
        address: Mapping[str, Any],
        jwt: Jwt,
        settings: Mapping[str, Any],
    ) -> Snapshot:
        monolith = Address("monolith", "127.0.0.1", self.monolith.port, connect_timeout_s=CONNECT_S)
        coach = replace(monolith, name="coach", port=self.coach.port)
        coach = replace(coach, **address)
        plain = Route("plain", (), monolith, monolith, deadline_s=DEADLINE_S)
        plain = replace(plain, breaker=None, budget=None)  # but for tests that are about them
        moving = {"candidate": coach, "percent": 100.0, "salt": "wod"}
        strangled = replace(plain, **(moving | dict(route)))
        routes = (
            replace(strangled, name="wod", matches=(Match("/fitness/wod", methods=READ),)),
            replace(
                strangled,
                name="write",
                matches=(Match("/write", methods=WRITE),),
                idempotent=frozenset({"PUT"}),
            ),
            replace(
                plain,
                name="admin",
                matches=(Match("/admin/", is_prefix=True),),
                require=(Requirement("role", frozenset({"admin"})),),
            ),
        )
        fallen = replace(plain, name="default", auth=Auth.PASS, fallback=frozenset(), **default)
        upstreams = {"monolith": monolith, "coach": coach}
        return Snapshot("routes.yaml", "hash", upstreams, fallen, routes, jwt, **settings)

    async def dial(self, **how: Any) -> Caller:
        """A client's connection to the router."""
        caller = await Caller.dial(self.port, **how)
        self.callers.append(caller)
        return caller

    async def ask(self, *requests: bytes, method: str = "GET", on: Caller | None = None) -> Got:
        """Send one request, in the given pieces, and read its answer."""
        self.expected += 1
        caller = on or await self.dial()
        await caller.send(*requests)
        return await caller.answer(method)

    async def seen(self, got: Got) -> Seen:
        """The exchange just ended, from every side."""
        await self.quiet()
        return Seen(got, self.ledger.records[-1], self.coach.received, self.monolith.received)

    async def quiet(self) -> None:
        """Wait until every exchange has been accounted for and nothing is under way."""
        await until(lambda: len(self.ledger.records) >= self.expected, "a record an exchange")
        await until(lambda: self.under_way == 0, "no attempt under way")

    @property
    def under_way(self) -> int:
        """Attempts that hold a connection, over both upstreams."""
        both = self.snapshot.upstreams.values()
        return sum(self.pools[one].under_way for one in both)

    @property
    def buffered(self) -> int:
        """Bytes on their way to clients that wait within the process."""
        return sum(one.buffered for one in self.front.connections)

    def total(self, name: str, **labels: str) -> float:
        """The sum of the series of *name*."""
        return total(self.metrics.totals(), f"strangler_{name}", **labels)

    async def close(self) -> None:
        """Let everything go, and check what must hold after whatever happened."""
        try:
            await self.quiet()
            self.check_accounts()
            self.late.close()
            await self.check_nothing_is_left()
        finally:
            await self.comparing.close()
            await self.coach.stop()
            await self.monolith.stop()
            self.server.close()
            self.pools.close()
            await self.keeping.close()
            for caller in self.callers:
                caller.leave()
            self.front.close()
            self.loop.set_exception_handler(None)
        await until(lambda: not self.tasks_left(), "the end of every task")
        gc.collect(1)
        assert not self.escaped, self.escaped
        assert not self.coach.errors + self.monolith.errors

    def check_accounts(self) -> None:
        """One record an exchange, and the fates sum to the requests."""
        assert len(self.ledger.records) == self.expected
        assert not any(standing.under_way for _, standing in self.protections.standings())
        told = Collected(self.metrics.totals()).collect()
        samples = [one for family in told for one in family.samples]
        ended = [one for one in samples if one.name == "strangler_requests_total"]
        assert sum(one.value for one in ended) == self.expected
        assert {one.labels["fate"] for one in ended} <= set(Fate)
        attempts = sum(len(record.attempts) for record in self.ledger.records)
        tried = [one for one in samples if one.name == "strangler_attempts_total"]
        assert sum(one.value for one in tried) == attempts

    async def check_nothing_is_left(self) -> None:
        """No connection stays open once the clients have gone and the pools are closed."""
        for caller in self.callers:
            caller.leave()
        await until(lambda: not self.front.connections, "the end of the clients' connections")
        self.pools.close()
        await until(
            lambda: not self.coach.open_lines + self.monolith.open_lines,
            "the end of the upstreams' connections",
        )

    def tasks_left(self) -> set[asyncio.Task[Any]]:
        """Tasks that were not there before."""
        now = asyncio.all_tasks() - self._tasks - {asyncio.current_task()}
        return {task for task in now if not task.done()}

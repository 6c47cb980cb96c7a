"""A worker's work: it builds what exchanges are handed, serves, and lets it go."""

import asyncio
import contextlib
import logging
import random
import socket
from collections.abc import AsyncIterator, Callable

from router.core.model import Upstream
from router.core.recent import Recently
from router.edge.accepting import Accepting
from router.edge.comparing import Comparing
from router.edge.current import Current, Running, Verdict
from router.edge.front import Front
from router.edge.keeping import Keeping
from router.edge.keysources import Status
from router.edge.late import LateAnswers
from router.edge.logs import AccessLog
from router.edge.metrics import Metrics
from router.edge.protections import TELL_EVERY_S, Protections
from router.edge.signatures import label_of
from router.edge.surroundings import Surroundings
from router.edge.upstream.pool import Pools
from router.edge.watching import Watch
from router.exchange import Edges, Exchanges, Ids
from router.serve.draining import Draining
from router.serve.options import Options

LAG_EVERY_S = 0.5

log = logging.getLogger("router")


class Serving:
    """One worker's traffic, from the inherited socket to the last answer."""

    def __init__(
        self,
        options: Options,
        current: Current,
        around: Surroundings,
        metrics: Metrics,
        access_log: AccessLog | None,
    ) -> None:
        self.options = options
        self.current = current
        self.around = around
        self.metrics = metrics
        self.access_log = access_log
        self.watch = Watch(options.config, current)
        self.draining = Draining(options.grace_s)
        self.comparing: Comparing | None = None
        self.recently = Recently()
        self.protections = Protections(
            options.workers,
            around.clock,
            random.Random(),  # noqa: S311 - jitter is no secret
        )

    async def serve(self, door: socket.socket, ready: Callable[[], None]) -> None:
        """Take connections from *door*, say that it does, and drain when `draining` begins."""
        loop = asyncio.get_running_loop()
        async with self.edges(loop) as edges:
            front = self.front(edges, loop)
            async with self.background(loop):
                accepting = Accepting(door, front, loop)
                await accepting.open()
                ready()
                await self.draining.begins()
                accepting.close()
                await self.draining.finish(front)

    @contextlib.asynccontextmanager
    async def edges(self, loop: asyncio.AbstractEventLoop) -> AsyncIterator[Edges]:
        """What exchanges are handed, kept in step with the configuration."""
        pools = Pools(loop, self.options.config.parent)
        keeping = Keeping(loop)
        chance = random.Random()  # noqa: S311 - request and trace ids are no secrets
        comparing = self.comparing = Comparing(
            pools,
            self.metrics,
            clock=self.around.clock,
            wall=self.around.wall,
            chance=chance,
            protections=self.protections,
        )
        late = LateAnswers(pools, comparing)

        def accept(running: Running) -> None:
            pools.keep(running.snapshot)
            keeping.keep(running)
            comparing.keep(running.snapshot)
            self.protections.keep(running.snapshot)
            self.recently.keep(frozenset(route.name for route in running.snapshot.routes))
            self.metrics.watch_keys(watched(running))
            for upstream in running.snapshot.upstreams.values():
                pool = pools[upstream]
                self.metrics.watch_upstream(upstream.name, pool.count_under_way, pool.count_queued)
            self.metrics.accepted(running.snapshot, self.current.since)
            if self.access_log is not None:
                self.access_log.query = running.snapshot.log_query

        def refuse(_: Verdict) -> None:
            self.metrics.refused()

        def has_room(upstream: Upstream) -> bool:
            return pools[upstream].has_room(diverted=True)

        self.protections.has_room = has_room
        self.metrics.watch_protections(self.protections.standings)
        accept(self.current.running)
        self.current.accepted.append(accept)
        self.current.refused.append(refuse)
        yield Edges(
            current=self.current,
            pools=pools,
            metrics=self.metrics,
            access_log=self.access_log,
            clock=self.around.clock,
            wall=self.around.wall,
            ids=Ids(chance),
            comparing=comparing,
            late=late,
            recently=self.recently,
            protections=self.protections,
        )
        late.close()
        await comparing.close()
        await keeping.close()
        pools.close()
        if self.access_log is not None:
            self.access_log.close()

    def front(self, edges: Edges, loop: asyncio.AbstractEventLoop) -> Front:
        """The clients' side, which makes an exchange of each request."""
        exchanges = Exchanges(edges)
        front = Front(exchanges.serve, exchanges.refuse, loop)

        def limit(running: Running) -> None:
            front.limit(running.snapshot.limits)
            front.trust(running.snapshot.trusted_proxies)

        limit(self.current.running)
        self.current.accepted.append(limit)
        self.metrics.watch_process(
            lambda: len(front.connections), lambda: len(asyncio.all_tasks(loop))
        )
        return front

    @contextlib.asynccontextmanager
    async def background(self, loop: asyncio.AbstractEventLoop) -> AsyncIterator[None]:
        """The file watch, the measurement of the loop, and news, while traffic is served."""
        tasks = [loop.create_task(self.watch.run()), loop.create_task(self.measure_lag(loop))]
        if self.options.workers > 1:
            tasks.append(loop.create_task(self.keep_telling()))
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def keep_telling(self) -> None:
        """Tell the other workers what went well here, if anything was asked of a candidate."""
        while True:
            await asyncio.sleep(TELL_EVERY_S)
            self.protections.flush()

    async def measure_lag(self, loop: asyncio.AbstractEventLoop) -> None:
        """Keep `strangler_loop_lag_seconds` at how late a timer fired."""
        while True:
            due = loop.time() + LAG_EVERY_S
            await asyncio.sleep(LAG_EVERY_S)
            self.metrics.lagged(max(0.0, loop.time() - due))


def watched(running: Running) -> dict[str, Callable[[], Status]]:
    """How to ask each key that may change by itself how it is, by its place in routes.yaml."""
    return {
        label_of(place): source.status
        for place, source in enumerate(running.sources)
        if source.is_watched
    }

"""The process: listeners, signals, drain. It builds what exchanges are handed, and lets it go."""

import asyncio
import contextlib
import logging
import os
import random
import signal
import socket
import sys
import time
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import uvloop
from aiohttp import web

from router import __version__
from router.config import ConfigError
from router.core.problems import Problem
from router.edge.admin import Admin
from router.edge.current import Current, Running, Verdict
from router.edge.front import Client, Front, PureParser, require_c_parser
from router.edge.keeping import Keeping
from router.edge.keyring import KeyProblem
from router.edge.keysources import Status
from router.edge.listening import CannotListen, listen
from router.edge.logs import AccessLog, log_to_stderr
from router.edge.metrics import Metrics
from router.edge.signatures import label_of
from router.edge.surroundings import Surroundings
from router.edge.upstream.pool import Pools
from router.edge.watching import Watch
from router.exchange import Edges, Exchange

LAG_EVERY_S = 0.5

log = logging.getLogger("router")


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line says of the process; everything about traffic is in routes.yaml."""

    config: Path = Path("config/routes.yaml")
    addresses: Mapping[str, str] = field(default_factory=dict)
    listen: str = "0.0.0.0:8080"
    admin: str = "127.0.0.1:9901"
    grace_s: float = 30.0
    access_log: str = "-"


def run(options: Options) -> int:
    """Serve until told to stop; the exit code: 0, or 1 where it could not begin."""
    log_to_stderr()
    around = Surroundings(os.environ, time.time, time.monotonic, options.addresses)
    try:
        require_c_parser()
        current = Current.first(options.config, around)
        door = listen(options.listen, "--listen or STRANGLER_LISTEN")
        admin = listen(options.admin, "--admin or STRANGLER_ADMIN")
        stream = open_log(options.access_log)
    except ConfigError as error:
        return said(*(str(problem) for problem in error.problems))
    except KeyProblem as error:
        return said(f"{options.config}: jwt: {error}")
    except (CannotListen, PureParser) as error:
        return said(str(error))
    except OSError as error:
        return said(f"{error.filename}: {error.strerror}")
    uvloop.run(Process(options, current, around, stream).serve(door, admin))
    return 0


def said(*lines: str) -> int:
    """Exit code 1, with the reasons on standard error."""
    sys.stderr.write("".join(f"{line}\n" for line in lines))
    return 1


def open_log(where: str) -> BinaryIO | None:
    """The access log's stream: `-` is standard output, `off` none, else a file to append to."""
    if where == "off":
        return None
    return sys.stdout.buffer if where == "-" else Path(where).open("ab")


class Process:
    """One serving process, from its sockets to its last answer."""

    def __init__(
        self, options: Options, current: Current, around: Surroundings, stream: BinaryIO | None
    ) -> None:
        self.options = options
        self.current = current
        self.around = around
        self.stream = stream
        self.metrics = Metrics()
        self.stopping = asyncio.Event()

    async def serve(self, door: socket.socket, admin: socket.socket) -> None:
        """Serve on the two sockets until a signal, then drain."""
        loop = asyncio.get_running_loop()
        for sign in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(sign, self.stopping.set)
        async with self.edges(loop) as edges:
            front = self.front(edges, loop)
            async with self.admin_port(admin, front), self.background(loop):
                server = await loop.create_server(front, sock=door)
                log.info("strangler %s serves", __version__, extra={"fields": self.addresses()})
                await self.stopping.wait()
                server.close()
                log.info("draining for %g s at most", self.options.grace_s)
                await front.drain(self.options.grace_s)
        log.info("stopped")

    def addresses(self) -> dict[str, str]:
        """Where the process listens, and with which configuration, for the log."""
        return {
            "listen": self.options.listen,
            "admin": self.options.admin,
            "config": str(self.options.config),
            "hash": self.current.running.snapshot.hash,
        }

    @contextlib.asynccontextmanager
    async def edges(self, loop: asyncio.AbstractEventLoop) -> AsyncIterator[Edges]:
        """What exchanges are handed, kept in step with the configuration."""
        pools = Pools(loop, self.options.config.parent)
        keeping = Keeping(loop)
        access_log = self.access_log()

        def accept(running: Running) -> None:
            pools.keep(running.snapshot)
            keeping.keep(running)
            self.metrics.watch_keys(watched(running))
            for upstream in running.snapshot.upstreams.values():
                self.metrics.watch_inflight(upstream.name, pools[upstream].count_under_way)
            self.metrics.accepted(running.snapshot, self.around.wall())
            if access_log is not None:
                access_log.query = running.snapshot.log_query

        def refuse(_: Verdict) -> None:
            self.metrics.reload_success.set(0)

        accept(self.current.running)
        self.current.accepted.append(accept)
        self.current.refused.append(refuse)
        yield Edges(
            current=self.current,
            pools=pools,
            metrics=self.metrics,
            access_log=access_log,
            clock=self.around.clock,
            wall=self.around.wall,
            chance=random.Random(),  # noqa: S311 - request and trace ids are no secrets
        )
        await keeping.close()
        pools.close()
        if access_log is not None:
            access_log.close()

    def access_log(self) -> AccessLog | None:
        """The access log, if one is wanted."""
        if self.stream is None:
            return None
        query = self.current.running.snapshot.log_query
        return AccessLog(self.stream, query=query, lost=self.metrics.log_dropped.inc)

    def front(self, edges: Edges, loop: asyncio.AbstractEventLoop) -> Front:
        """The clients' side, which makes an exchange of each request."""

        async def serve(client: Client) -> None:
            await Exchange(edges, client).run()

        def refuse(client: Client, problem: Problem) -> None:
            Exchange(edges, client).refuse_unread(problem)

        return Front(serve, refuse, loop)

    @contextlib.asynccontextmanager
    async def admin_port(self, sock: socket.socket, front: Front) -> AsyncIterator[None]:
        """The admin port, up before the door opens and until the last answer has gone."""
        admin = Admin(self.current, self.metrics, is_draining=lambda: front.draining)
        runner = web.AppRunner(admin.application(), access_log=None)
        await runner.setup()
        await web.SockSite(runner, sock).start()
        try:
            yield
        finally:
            await runner.cleanup()

    @contextlib.asynccontextmanager
    async def background(self, loop: asyncio.AbstractEventLoop) -> AsyncIterator[None]:
        """The file watch and the measurement of the loop, for as long as traffic is served."""
        watch = Watch(self.options.config, self.current)
        loop.add_signal_handler(signal.SIGHUP, watch.poke)
        tasks = [loop.create_task(watch.run()), loop.create_task(self.measure_lag(loop))]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def measure_lag(self, loop: asyncio.AbstractEventLoop) -> None:
        """Keep `strangler_loop_lag_seconds` at how late a timer fired."""
        while True:
            due = loop.time() + LAG_EVERY_S
            await asyncio.sleep(LAG_EVERY_S)
            self.metrics.loop_lag.set(max(0.0, loop.time() - due))


def watched(running: Running) -> dict[str, Callable[[], Status]]:
    """How to ask each key that may change by itself how it is, by its place in routes.yaml."""
    return {
        label_of(place): source.status
        for place, source in enumerate(running.sources)
        if source.is_watched
    }

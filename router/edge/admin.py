"""The admin port: read-only, loopback by default, and never in the way of traffic."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, Protocol

from router.config.text import MAX_FILE
from router.core.totals import Totals
from router.edge import piecemeal
from router.edge.exposing import expose

piecemeal.put_in_place()
from aiohttp import web  # noqa: E402 - not before it is in place

LONGEST_NAME = 1024
UPLOAD_S = 10.0
LINGER_S = 1.0
"""How long a file may take to arrive, and whoever goes on sending is heard behind the answer."""

Answer = tuple[int, dict[str, Any]]


class Desk(Protocol):
    """Who knows what the pages show. Statuses and documents are the pages' own."""

    def readiness(self) -> Answer:
        """Whether traffic may come. Never depends on an upstream."""

    async def totals(self) -> Sequence[Totals]:
        """Every metric."""

    async def config(self) -> Answer:
        """What is in force, and how the last reload went."""

    async def explain(self, query: Mapping[str, str]) -> Answer:
        """The ladder for one user."""

    async def compare(self) -> Answer:
        """What was found by comparing answers, route by route."""

    async def status(self) -> Answer:
        """How breakers and budgets stand, route by route."""

    async def plan(self, content: bytes, source: str) -> Answer:
        """What the file *content*, known as *source*, would move. It is not taken."""


class Admin:
    """The pages."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def application(self) -> web.Application:
        """The admin port's routes."""
        application = web.Application()
        application.add_routes(
            [
                web.get("/healthz", self.healthz),
                web.get("/readyz", self.readyz),
                web.get("/metrics", self.metrics),
                web.get("/config", self.config),
                web.get("/explain", self.explain),
                web.get("/compare", self.compare),
                web.get("/status", self.status),
                web.post("/plan", self.plan),
            ]
        )
        return application

    async def healthz(self, _: web.Request) -> web.Response:
        """The process lives."""
        return web.json_response({"status": "ok"})

    async def readyz(self, _: web.Request) -> web.Response:
        """Traffic may come."""
        return page(self._desk.readiness())

    async def metrics(self, _: web.Request) -> web.Response:
        """Everything, in Prometheus' text format."""
        kind = "text/plain; version=0.0.4; charset=utf-8"
        text = expose(await self._desk.totals())
        return web.Response(body=text, headers={"Content-Type": kind})

    async def config(self, _: web.Request) -> web.Response:
        """What is in force, worker by worker."""
        return page(await self._desk.config())

    async def explain(self, request: web.Request) -> web.Response:
        """Which side one user is on, and why."""
        return page(await self._desk.explain(request.query))

    async def compare(self, _: web.Request) -> web.Response:
        """Where the answers of legacy and candidate differ."""
        return page(await self._desk.compare())

    async def status(self, _: web.Request) -> web.Response:
        """Whether a candidate is given up, since when and why, and what its budget has left."""
        return page(await self._desk.status())

    async def plan(self, request: web.Request) -> web.Response:
        """What another file would move; it is sent to be judged, and changes nothing."""
        source = request.query.get("file", "routes.yaml")[:LONGEST_NAME]
        return page(await self._desk.plan(await upload(request), source))


def runner_of(desk: Desk) -> web.AppRunner:
    """The server of the pages; what nobody wants to read is read off for `LINGER_S` only."""
    return web.AppRunner(Admin(desk).application(), access_log=None, lingering_time=LINGER_S)


@contextlib.asynccontextmanager
async def answering(desk: Desk, sock: socket.socket) -> AsyncIterator[None]:
    """The pages on *sock*, until the last answer has gone."""
    runner = runner_of(desk)
    await runner.setup()
    await web.SockSite(runner, sock).start()
    try:
        yield
    finally:
        await runner.cleanup()


async def upload(request: web.Request) -> bytes:
    """The body, no more of it than shows that it is no configuration; `HTTPRequestTimeout` if slow.

    The rest is read and dropped: a handler of aiohttp's that leaves it unread does not notice when
    its client goes.
    """
    content = bytearray()
    try:
        async with asyncio.timeout(UPLOAD_S):
            async for piece in request.content.iter_any():
                content += piece[: MAX_FILE + 1 - len(content)]
    except TimeoutError:
        raise web.HTTPRequestTimeout(headers={"Connection": "close"}) from None
    return bytes(content)


def page(answer: Answer) -> web.Response:
    """*answer* as JSON."""
    status, document = answer
    return web.json_response(document, status=status)

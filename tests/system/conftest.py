"""The real router (and, where wanted, the real services) in front of a client who counts."""

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from dev.stack import Stack
from tests.system.reckoning import Fates, access_log, fates_in, reckon

WOD = "/fitness/wod"
SOON_S = 20.0


@dataclass(frozen=True)
class Seen:
    """What one request brought: `status` 0 if no whole answer came.

    It `is_degraded` if coach said that it had not had the user's history in time.
    """

    status: int
    served: str
    took_s: float
    body: bytes = b""
    is_degraded: bool = False


@dataclass
class StandIn:
    """A tiny upstream that says its name; at *held_at* only once `released` is set.

    While it `fails` it says 500.
    """

    name: str
    port: int = 0
    held_at: str = "/held"
    held: asyncio.Event = field(default_factory=asyncio.Event)
    released: asyncio.Event = field(default_factory=asyncio.Event)
    fails: bool = False

    async def answer(self, request: web.Request) -> web.Response:
        """Say who answers."""
        if request.path == self.held_at:
            self.held.set()
            await self.released.wait()
        return web.Response(text=self.name, status=500 if self.fails else 200)

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Listen, until the end of the block."""
        application = web.Application()
        application.router.add_route("*", "/{path:.*}", self.answer)
        runner = web.AppRunner(application, access_log=None, shutdown_timeout=0)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        self.port = runner.addresses[0][1]
        yield
        await runner.cleanup()


class Site:
    """A stack, and a client of its router who counts the requests it sends."""

    def __init__(self, stack: Stack, session: aiohttp.ClientSession) -> None:
        self.stack = stack
        self.session = session
        self.sent = 0
        self.has_lost = False
        self.coach = StandIn("coach")
        self.monolith = StandIn("monolith")
        self._tokens: dict[str, str] = {}
        self._logged_before = 0

    async def get(self, user: str = "user-1@example.com", path: str = WOD) -> Seen:
        """Have *user* ask for *path*."""
        if user not in self._tokens:
            self._tokens[user] = self.stack.token(user)
        headers = {"Authorization": f"Bearer {self._tokens[user]}"}
        return await self.request("GET", path, headers=headers)

    async def request(self, method: str, path: str, **options: Any) -> Seen:
        """Send any request."""
        self.sent += 1
        began = time.monotonic()
        try:
            async with self.session.request(method, self.stack.url + path, **options) as answer:
                body = await answer.read()
        except aiohttp.ClientError:
            return Seen(0, "nobody", time.monotonic() - began)
        served = answer.headers.get("X-Served-By", "nobody")
        degraded = "X-Coach-Degraded" in answer.headers
        return Seen(answer.status, served, time.monotonic() - began, body, degraded)

    async def get_all(self, users: list[str], at_once: int = 32) -> dict[str, Seen]:
        """Have each of *users* ask once."""
        seen: dict[str, Seen] = {}
        waiting = iter(users)

        async def work() -> None:
            for user in waiting:
                seen[user] = await self.get(user)

        await asyncio.gather(*(work() for _ in range(at_once)))
        return seen

    @contextlib.asynccontextmanager
    async def load(self, at_once: int = 4) -> AsyncIterator[list[Seen]]:
        """A steady load of many users during the block; what it saw."""
        seen: list[Seen] = []
        stop = asyncio.Event()

        async def work(first: int) -> None:
            number = first
            while not stop.is_set():
                seen.append(await self.get(f"user-{number % 200}@example.com"))
                number += at_once

        workers = [asyncio.create_task(work(first)) for first in range(at_once)]
        yield seen
        stop.set()
        await asyncio.gather(*workers)

    async def restart_router(self) -> None:
        """Stop the router and start it again, its books closed first."""
        await self.close()
        await asyncio.to_thread(self.stack.start, "router")
        self._logged_before += self.sent
        self.sent = 0

    async def settle(self) -> None:
        """Every request sent has its one fate in the metrics."""
        await until(lambda: self.stack.total("requests_total") >= self.sent)
        assert self.stack.total("requests_total") == self.sent

    def lose(self, counted: float) -> None:
        """Take the router's word for what it *counted*: a worker was killed with the rest."""
        assert 0 < counted <= self.sent
        self.sent, self.has_lost = int(counted), True

    async def close(self) -> None:
        """Stop the router if it runs; clients, metrics and access log must tell of the same."""
        told = None
        if not self.stack.processes["router"].has_ended:
            await self.settle()
            told = fates_in(await asyncio.to_thread(self.stack.page, "/metrics"))
            assert await asyncio.to_thread(self.stack.stop_one, "router") == 0
        reckon(self.sent, told, None if self.has_lost else self.logged())

    def logged(self) -> Fates | None:
        """The fates in the access log of the router that runs, or ran last; None if it has none."""
        lines = access_log(self.stack)
        if lines is None:
            return None
        return Counter(line["fate"] for line in lines[self._logged_before :])


async def until(is_so: Callable[[], bool], within_s: float = SOON_S) -> float:
    """Wait until it is so, without stopping the loop; how long that took."""
    began = time.monotonic()
    while not await asyncio.to_thread(is_so):
        assert time.monotonic() - began < within_s, f"not within {within_s:g} s"
        await asyncio.sleep(0.02)
    return time.monotonic() - began


def with_headers(text: str) -> str:
    """The configuration with the answers saying who served."""
    return f"debug_headers: true\n{text}"


def at(percent: float) -> Callable[[str], str]:
    """The change to the shipped file that sets its percent and has answers say who served."""
    return lambda text: with_headers(text.replace("percent: 10", f"percent: {percent:g}"))


OpenSite = Callable[..., Awaitable[Site]]


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[OpenSite]:
    """Give a function that starts a router: before two stand-ins, or before the real services.

    At the end the fates must sum to the requests that were sent, by the router's metrics and by its
    access log, and the router must stop well.
    """
    async with contextlib.AsyncExitStack() as open_:
        sites: list[Site] = []

        async def opened(
            change: Callable[[str], str] = with_headers,
            *,
            real: bool = False,
            environment: Mapping[str, str] | None = None,
        ) -> Site:
            coach, monolith = StandIn("coach"), StandIn("monolith")
            if not real:
                await open_.enter_async_context(coach.open())
                await open_.enter_async_context(monolith.open())
            ports = {} if real else {"coach": coach.port, "monolith": monolith.port}
            stack = Stack(tmp_path, change=change, upstreams=ports, environment=environment)
            open_.push_async_callback(asyncio.to_thread, stack.stop)
            names = ("monolith", "coach", "router") if real else ("router",)
            await asyncio.to_thread(stack.start, *names)
            connector = aiohttp.TCPConnector(limit=0)
            timeout = aiohttp.ClientTimeout(total=60)
            session = aiohttp.ClientSession(connector=connector, timeout=timeout)
            one = Site(stack, await open_.enter_async_context(session))
            one.coach, one.monolith = coach, monolith
            sites.append(one)
            return one

        yield opened
        for one in sites:
            await one.close()

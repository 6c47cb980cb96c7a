"""The real router, one worker, before scripted upstreams and holes in the ground."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from dev.chaos.rescue.upstreams import Holes
from dev.places import free_ports
from dev.stack import Stack
from tests.edge.clients import Caller, Got
from tests.edge.requests import SECRET
from tests.edge.scripts import ok
from tests.edge.upstreams import Step, Upstream
from tests.faults.network import Distance

SOON_S = 20.0
TIMEOUT_S = 0.8
DEADLINE_S = 3.0
PATIENT = ("wod", "write", "kept")
"""Routes on which no timer fires: a machine that stands still for a moment changes nothing."""
LANES = ("hasty", "nameless", "refused", "unreachable", "silent", "process", "distant")
"""Routes with little time, and a candidate each: for what hangs, and for those elsewhere."""
BOUNDS = {
    "kept": "connect_timeout: 10s",
    "hasty": "pause_timeout: 500ms",
    "silent": "pool: 0, connect_timeout: 300ms",
    "distant": "idle_timeout: 20s, connect_timeout: 300ms",
}
"""To others each request goes on a connection of its own. Rules for packets take a while to make.
"""
ROUTE = """\
  {name}:
    match: {methods} {path}
    candidate: {candidate}
    percent: 100
    idempotent: [PUT]
    timeout: {timeout_s}s
    deadline: {deadline_s}s
    breaker: none
    budget: none
"""


class House:
    """The router, who it asks, and the log in which it tells what it did."""

    def __init__(
        self,
        folder: Path,
        distance: Distance | None,
        before: str = "",
        environment: Mapping[str, str] | None = None,
        wrapper: Sequence[str] = (),
    ) -> None:
        self.coach, self.monolith = Upstream("coach"), Upstream("monolith")
        self.holes = Holes()
        self.distance = distance
        self._before = before
        [self.process_port] = free_ports(1)
        self.callers: list[Caller] = []
        self.log_file = folder / "access.log"
        self.stack = Stack(
            folder,
            change=lambda _: self.text(),
            environment={
                "JWT_SECRET": SECRET,
                "STRANGLER_ACCESS_LOG": str(self.log_file),
                "STRANGLER_WORKERS": "1",
                **(environment or {}),
            },
            keys="HS256",
        )
        router = self.stack.plan.router
        wrapped = replace(router, command=(*wrapper, *router.command))
        self.stack.plan = replace(self.stack.plan, router=wrapped)

    def text(self) -> str:
        """routes.yaml."""
        here = "http://127.0.0.1"
        far = "127.0.0.1:9" if self.distance is None else self.distance.address
        urls = {
            "monolith": f"{here}:{self.monolith.port}",
            "coach": f"{here}:{self.coach.port}",
            "kept": f"{here}:{self.coach.port}",
            "hasty": f"{here}:{self.coach.port}",
            "nameless": "http://coach.invalid",
            "refused": f"{here}:{self.holes.refusing}",
            "unreachable": "http://255.255.255.255",
            "silent": f"{here}:{self.holes.silent}",
            "process": f"{here}:{self.process_port}",
            "distant": f"http://{far}",
        }
        lines = [
            "default: monolith",
            "jwt: {issuer: fit-api, secret_env: JWT_SECRET}",
            "upstreams:",
        ]
        for name, url in urls.items():
            bounds = BOUNDS.get(name, "pool: 0, connect_timeout: 10s")
            lines.append(f'  {name}: {{url: "{url}", {bounds}}}')
        routes = [
            ("wod", "GET", "/fitness/wod", "coach"),
            ("write", "POST,PUT", "/write", "coach"),
            ("kept", "GET,POST", "/kept", "kept"),
            *((lane, "GET,POST", f"/{lane}", lane) for lane in LANES),
        ]
        names = ("name", "methods", "path", "candidate")
        blocks = [
            ROUTE.format(**dict(zip(names, one, strict=True)), **limits_of(one[0]))
            for one in routes
        ]
        return "\n".join([self._before, *lines, "routes:", "".join(blocks)])

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncIterator["House"]:
        """Start everything; at the end it must stop well."""
        await self.coach.start([ok()])
        await self.monolith.start([ok()])
        try:
            await asyncio.to_thread(self.stack.start, "router")
            yield self
            if "router" in self.stack.processes:
                assert await asyncio.to_thread(self.stack.stop_one, "router") == 0
            assert "Traceback" not in self.stack.log("router")
        finally:
            await asyncio.to_thread(self.stack.stop)
            await self.coach.stop()
            await self.monolith.stop()
            self.holes.close()

    def play(self, coach: Sequence[Step], monolith: Sequence[Step] = ()) -> None:
        """Have the upstreams play these steps from now on."""
        self.coach.steps, self.monolith.steps = [*coach], [*monolith] or [ok()]
        self.coach.received.clear()
        self.monolith.received.clear()

    @property
    def port(self) -> int:
        """Where clients reach it."""
        return int(self.stack.url.rpartition(":")[2])

    async def dial(self, **how: Any) -> Caller:
        """A client's connection."""
        caller = await Caller.dial(self.port, **how)
        self.callers.append(caller)
        return caller

    async def ask(
        self, caller: Caller, sent: bytes, method: str = "GET"
    ) -> tuple[Got, dict[str, Any]]:
        """Send *sent* and read its answer; with the line that the log has of it."""
        before = len(self.stories())
        await caller.send(sent)
        got = await caller.answer(method)
        return got, await self.story(before)

    async def story(self, before: int) -> dict[str, Any]:
        """The line of the next exchange that ends, *before* of which there were others."""
        await until(lambda: len(self.stories()) > before)
        return self.stories()[before]

    def stories(self) -> list[dict[str, Any]]:
        """The access log."""
        if not self.log_file.exists():
            return []
        text = self.log_file.read_text("utf-8")
        return [json.loads(line) for line in text.splitlines(keepends=True) if line[-1] == "\n"]

    def leave(self) -> None:
        """Have the clients go."""
        for caller in self.callers:
            caller.leave()
        self.callers.clear()


def limits_of(route: str) -> dict[str, float]:
    """How long the candidate of *route* may take, and a client may be kept waiting."""
    if route in PATIENT:
        return {"timeout_s": 15.0, "deadline_s": 30.0}
    return {"timeout_s": TIMEOUT_S, "deadline_s": DEADLINE_S}


@contextlib.asynccontextmanager
async def another(
    house: House, name: str, before: str = "", wrapper: Sequence[str] = (), **also: str
) -> AsyncIterator[House]:
    """A house of its own, with *before* ahead of its file and *also* in its environment."""
    one = House(house.stack.folder / name, None, before, also, wrapper)
    async with one.open():
        yield one
        one.leave()


async def until(is_so: Callable[[], object], within_s: float = SOON_S) -> None:
    """Wait until it is so; that may read a file, but waits for nothing."""
    loop = asyncio.get_running_loop()
    patience = loop.time() + within_s
    while not is_so():
        assert loop.time() < patience, f"not within {within_s:g} s"
        await asyncio.sleep(0.01)

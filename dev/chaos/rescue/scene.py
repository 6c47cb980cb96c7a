"""The scene: scripted upstreams in this process, and before them the real router's workers."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

from dev.chaos.rescue import routes
from dev.chaos.rescue.clients import Client
from dev.chaos.rescue.cohorts import name_of
from dev.chaos.rescue.judging import Ledgers
from dev.chaos.rescue.planning import plan_of
from dev.chaos.rescue.scripts import at_accept, candidates, legacys, primers
from dev.chaos.rescue.table import AT_ACCEPT
from dev.chaos.rescue.upstreams import Greeter, Holes, Ledger, Upstream
from dev.chaos.rescue.words import USERS, Plan, Script
from dev.stack import Stack

SOON_S = 20.0


class Scene:
    """Everything that takes part; `plan` gives an exchange by its number."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.ledgers = Ledgers(Ledger(), Ledger())
        self.candidate = Upstream(self._candidates, self.ledgers.candidate)
        self.legacy = Upstream(self._legacys, self.ledgers.legacy)
        self.greeters = {lane: Greeter(at_accept(lane)) for lane in AT_ACCEPT}
        self.holes = Holes()
        self.edition = 0
        self.stack: Stack
        self.tokens: list[str] = []

    def plan(self, key: str) -> tuple[Plan, bool]:
        """The plan of a key, and whether that is its primer."""
        number, _, primer = key.partition(".")
        return plan_of(self.seed, int(number)), bool(primer)

    def _candidates(self, key: str, time: int) -> Script:
        plan, primer = self.plan(key)
        return primers(plan) if primer else candidates(plan, time)

    def _legacys(self, key: str, _: int) -> Script:
        plan, primer = self.plan(key)
        return legacys(plan, primer=primer)

    @property
    def urls(self) -> dict[str, str]:
        """The candidates, by lane."""
        here = "http://127.0.0.1"
        scripted = f"{here}:{self.candidate.port}"
        greeters = {name_in_file(k): f"{here}:{one.port}" for k, one in self.greeters.items()}
        return {
            "coach": scripted,
            "fresh": scripted,
            "closing": scripted,
            "nameless": "http://chaos.invalid",
            "refused": f"{here}:{self.holes.refusing}",
            "unreachable": "http://255.255.255.255",
            "silent": f"{here}:{self.holes.silent}",
            **greeters,
        }

    def text(self) -> str:
        """routes.yaml, as it is now."""
        return routes.text(self.legacy.port, self.urls, self.edition)

    @contextlib.asynccontextmanager
    async def open(self, folder: Path, workers: int) -> AsyncIterator[None]:
        """Start it all, and stop it."""
        servers: list[Upstream | Greeter] = [self.candidate, self.legacy, *self.greeters.values()]
        for server in servers:
            await server.listen()
        self.stack = Stack(
            folder,
            change=lambda _: self.text(),
            environment={
                "STRANGLER_WORKERS": str(workers),
                "STRANGLER_ACCESS_LOG": str(folder / "access.log"),
            },
            keys="HS256",
        )
        self.tokens = [self.stack.token(name_of(user)) for user in range(USERS)]
        try:
            await asyncio.to_thread(self.stack.start, "router")
            yield
        finally:
            await asyncio.to_thread(self.stack.stop)
            for server in servers:
                await server.close()
            self.holes.close()

    def client(self, user: int) -> Client:
        """A client of that user."""
        port = int(self.stack.url.rpartition(":")[2])
        return Client(port, self.tokens[user])

    def told(self) -> dict[str, dict[str, Any]]:
        """The access log so far, by the keys of the exchanges."""
        lines = (self.stack.folder / "access.log").read_text("utf-8").splitlines()
        entries = [json.loads(line) for line in lines]
        return {one["request_id"].removeprefix("chaos."): one for one in entries}

    def workers(self) -> list[int]:
        """The workers that are there, draining ones too, by pid."""
        return [one["pid"] for one in json.loads(self.stack.page("/config"))["workers"]]


def name_in_file(lane: str) -> str:
    """A lane as routes.yaml calls it."""
    return lane.replace(" ", "-")


async def until(is_so: Callable[[], bool], within_s: float = SOON_S) -> bool:
    """Wait until it is so, without stopping the loop; whether it came to be."""
    loop = asyncio.get_running_loop()
    patience = loop.time() + within_s
    while not await asyncio.to_thread(is_so):
        if loop.time() > patience:
            return False
        await asyncio.sleep(0.1)
    return True

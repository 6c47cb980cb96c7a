"""Three replicas of the router before two stand-ins, each with the file as its own mount."""

import asyncio
import contextlib
import dataclasses
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

from dev.places import Place, free_ports
from dev.plan import Program
from dev.process import DIRECT, Process
from dev.stack import READY_S, STOPPED_S, Stack, eventually, total_in
from router.config.building import hash_of
from tests.replicas.mounts import Mount
from tests.system.conftest import StandIn, at, until
from tests.system.reckoning import accesses, reckon

FILE = "routes.yaml"


class Replica:
    """One of them: a process, and a folder with the file as the kubelet would keep it."""

    def __init__(self, folder: Path, router: Program, text: str) -> None:
        folder.mkdir()
        self.folder = folder
        self.mount = Mount(folder / "mounted", {FILE: text})
        listen, admin = (Place("router", "127.0.0.1", port, "") for port in free_ports(2))
        self.port, self.url = listen.port, listen.url
        self.admin_port, self.admin = admin.port, str(admin)
        told = {
            **router.environment,
            "STRANGLER_CONFIG": str(folder / "mounted" / FILE),
            "STRANGLER_LISTEN": str(listen),
            "STRANGLER_ADMIN": self.admin,
        }
        self._program = dataclasses.replace(
            router, environment=told, places=(listen, admin), ready=f"{admin.url}/readyz"
        )
        self.process: Process | None = None

    def start(self, environment: Mapping[str, str] | None = None) -> None:
        """Start it, or what *environment* makes of it, and wait until it is ready."""
        with (self.folder / "log").open("ab") as log:
            self.process = Process(self._program, self.folder, log, environment)
        self.process.wait_until_ready(READY_S, give_up=lambda: False)

    def stop(self) -> int | None:
        """Ask it to finish what it has and go; its exit code."""
        assert self.process is not None
        process = self.process
        process.terminate()
        if not eventually(lambda: process.has_ended, STOPPED_S):
            process.kill()
        process.wait()
        return process.exit_code

    def kill(self) -> None:
        """End all its processes at once, as a machine that is gone."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def put(self, text: str) -> str:
        """Give it another file; its hash."""
        self.mount.put({FILE: text})
        return hash_of(text.encode())

    def total(self, name: str, **labels: str) -> float:
        """The sum of the samples of `strangler_NAME` that have *labels*."""
        with DIRECT.open(f"http://{self.admin}/metrics", timeout=5.0) as answer:
            return total_in(answer.read().decode(), name, labels)


class Fleet:
    """The replicas, the stand-ins, and the checkout that the file comes from."""

    def __init__(self, checkout: Stack, replicas: list[Replica], monolith: StandIn) -> None:
        self.checkout = checkout
        self.replicas = replicas
        self.monolith = monolith

    @property
    def text(self) -> str:
        """The file in the checkout."""
        return self.checkout.config.read_text("utf-8")

    async def reckon(self, sent: int) -> None:
        """Hold what clients *sent* against what those that were never killed have logged."""
        logs = [one.folder / "log" for one in self.replicas]
        await until(lambda: len(list(accesses(logs))) >= sent)
        reckon(sent, None, Counter(line["fate"] for line in accesses(logs)))

    @property
    def admins(self) -> list[str]:
        """`--admin` for each replica."""
        return [word for one in self.replicas for word in ("--admin", one.admin)]

    @property
    def ports(self) -> dict[str, int]:
        """Their ports, by those that deploy/haproxy/replicas.cfg names."""
        doors = {str(8080 + place): one.port for place, one in enumerate(self.replicas)}
        return doors | {
            str(9901 + place): one.admin_port for place, one in enumerate(self.replicas)
        }


@contextlib.asynccontextmanager
async def fleet(folder: Path, percent: float = 50, count: int = 3) -> AsyncIterator[Fleet]:
    """*count* replicas that serve by a file with that *percent*, until the end of the block."""
    coach, monolith = StandIn("coach"), StandIn("monolith")
    async with coach.open(), monolith.open():
        upstreams = {"coach": coach.port, "monolith": monolith.port}
        checkout = Stack(folder / "checkout", change=at(percent), upstreams=upstreams, keys="HS256")
        text = checkout.config.read_text("utf-8")
        router = checkout.plan.router
        replicas = [Replica(folder / f"{place}", router, text) for place in range(count)]
        try:
            await asyncio.gather(*(asyncio.to_thread(one.start) for one in replicas))
            yield Fleet(checkout, replicas, monolith)
        finally:
            monolith.released.set()  # whom it still holds, it would wait for at its end
            for one in replicas:
                if one.process is not None and not one.process.has_ended:
                    one.process.kill()
                    one.process.wait()

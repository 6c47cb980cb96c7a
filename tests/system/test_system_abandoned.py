"""Ten thousand requests whose clients leave in the middle: each is let go, and nothing is kept."""

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dev.bench.accounting import kib
from dev.plan import ROOT
from tests.system.conftest import OpenSite, Site, until
from tests.system.moments import MOMENTS
from tests.system.test_system_workers import workers

pytestmark = pytest.mark.system

WARM, MANY = 6_000, 10_000
PATIENT = "    timeout: 60s\n    deadline: 90s\n    breaker: none\n    budget: none\n"
"""Nothing but the client's leaving may end an attempt, and each goes where it is expected."""
SOON_S = 0.25
"""By when half of the attempts are let go: with a hundred under way, and two programs a core."""
GROWN_MIB = 3.0
"""What may be gained over the 10,000: an allocator's own disorder; a kept kilobyte each is ten."""


class Abandoning:
    """The clients of `tests.system.abandoning` and their upstreams, in a process of their own."""

    def __init__(self) -> None:
        line = [sys.executable, "-m", "tests.system.abandoning"]
        pipe = subprocess.PIPE
        self._popen = subprocess.Popen(line, cwd=ROOT, stdin=pipe, stdout=pipe, text=True)
        self._ports = self._hear()
        self._first = 0

    def routes(self, text: str) -> str:
        """The configuration with its upstreams, everybody on coach, and all the time there is."""
        for name, port in self._ports.items():
            old = next(line for line in text.splitlines() if line.startswith(f"  {name}: http"))
            text = text.replace(old, f"  {name}: http://127.0.0.1:{port}")
        return text.replace("    percent: 10\n", "    percent: 100\n" + PATIENT)

    def play(self, one: Site, count: int) -> dict[str, Any]:
        """Have *count* requests abandoned; what came of it."""
        host, port = one.stack.url.removeprefix("http://").split(":")
        token = one.stack.token("user-1@example.com")
        told = {"host": host, "port": int(port), "token": token}
        assert self._popen.stdin is not None
        self._popen.stdin.write(json.dumps(told | {"first": self._first, "count": count}) + "\n")
        self._popen.stdin.flush()
        self._first += count
        return self._hear()

    def _hear(self) -> dict[str, Any]:
        assert self._popen.stdout is not None
        said: dict[str, Any] = json.loads(self._popen.stdout.readline())
        return said

    def close(self) -> None:
        """End it."""
        self._popen.kill()
        self._popen.communicate()


@pytest.fixture
def abandoning() -> Iterator[Abandoning]:
    """Give the clients, and end them."""
    one = Abandoning()
    yield one
    one.close()


def descriptors(pid: int) -> int:
    """How many files and sockets a process has open."""
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


def resident_mib(pid: int) -> float:
    """What a process has in memory."""
    return kib(Path(f"/proc/{pid}/status"), ["VmRSS"]) / 1024


async def test_ten_thousand_abandoned_requests_leave_nothing_behind(
    site: OpenSite, abandoning: Abandoning
) -> None:
    """Each has its one fate; descriptors, attempts under way and memory are what they were."""
    one = await site(abandoning.routes, environment={"STRANGLER_ACCESS_LOG": "off"})
    [worker] = workers(one)
    idle = descriptors(worker)
    await asyncio.to_thread(abandoning.play, one, WARM)
    await until(lambda: descriptors(worker) == idle)
    lean = resident_mib(worker)

    seen = await asyncio.to_thread(abandoning.play, one, MANY)
    assert set(seen["played"].values()) == {MANY // len(MOMENTS)}
    await until(lambda: descriptors(worker) == idle)
    assert one.stack.total("inflight") == 0
    assert resident_mib(worker) < lean + GROWN_MIB

    each = (WARM + MANY) // len(MOMENTS)
    one.sent = each * sum(moment.counts for moment in MOMENTS)  # the fates sum to these
    await one.settle()
    gone = one.stack.total("requests_total", fate="client_gone")
    assert one.sent - each <= gone <= one.sent  # who left at once may have been answered already
    assert one.stack.total("requests_total", fate="ok") == one.sent - gone
    awaited = each * sum(moment.is_attempted and not moment.commits for moment in MOMENTS)
    assert awaited <= one.stack.total("attempts_total", outcome="cancelled") <= one.sent
    assert one.stack.total("fallbacks_total") == 0  # leaving is nobody's failure
    assert seen["letting_go_s"][len(seen["letting_go_s"]) // 2] < SOON_S

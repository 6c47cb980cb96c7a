"""All workers are replaced under load: new connections and kept ones, and nobody notices."""

import asyncio
import json
import re
import signal
import subprocess
import sys
from typing import Any

import pytest

from dev.plan import ROOT
from tests.system.conftest import OpenSite, Site, until
from tests.system.test_system_workers import TWO, watched_counters, workers

pytestmark = pytest.mark.system

RATE = 2000.0
ROLLS = 2


class Dialling:
    """The clients of `tests.system.dialling` and their upstream, in a process of their own."""

    def __init__(self) -> None:
        line = [sys.executable, "-m", "tests.system.dialling", f"{RATE:g}"]
        pipe = subprocess.PIPE
        self._popen = subprocess.Popen(line, cwd=ROOT, stdin=pipe, stdout=pipe, text=True)
        assert self._popen.stdout is not None
        self._upstream = int(self._popen.stdout.readline())

    def routes(self, text: str) -> str:
        """The configuration with that upstream in the monolith's place."""
        return re.sub(r"monolith: http\S+", f"monolith: http://127.0.0.1:{self._upstream}", text)

    def start(self, one: Site) -> None:
        """Have the clients begin."""
        assert self._popen.stdin is not None
        self._popen.stdin.write(one.stack.url.removeprefix("http://").replace(":", " ") + "\n")
        self._popen.stdin.flush()

    def stop(self) -> dict[str, Any]:
        """What they saw."""
        told, _ = self._popen.communicate(timeout=60)
        report: dict[str, Any] = json.loads(told)
        return report

    def __enter__(self) -> "Dialling":
        return self

    def __exit__(self, *_: object) -> None:
        self._popen.kill()
        self._popen.communicate()


@pytest.mark.alone
@pytest.mark.parametrize("count", ["1", "2"])
async def test_no_request_fails_while_all_workers_are_replaced(site: OpenSite, count: str) -> None:
    """Not one refused, reset or cut, at 2,000 new connections a second, or what the machine can."""
    with Dialling() as dialling:
        environment = {"STRANGLER_WORKERS": count, "STRANGLER_ACCESS_LOG": "off"}
        one = await site(dialling.routes, environment=environment)
        dialling.start(one)
        await until(lambda: one.stack.total("requests_total") > 1000)
        async with watched_counters(one):
            for _ in range(ROLLS):
                old = set(workers(one))
                done = await asyncio.to_thread(one.stack.strangler, "restart")
                assert (done.returncode, done.stderr) == (0, "")
                assert not old & set(workers(one))
        seen = await asyncio.to_thread(dialling.stop)
    assert set(seen["ended"]) == {"new: ok", "kept: ok"}, seen
    one.sent = sum(seen["ended"].values())
    assert one.stack.total("worker_restarts_total", why="rolled") == ROLLS * int(count)
    assert one.stack.total("worker_restarts_total", why="died") == 0
    print(f"{seen['ended']['new: ok'] / seen['seconds']:.0f} new connections a second")


async def test_a_request_under_way_is_finished_by_the_old_worker(site: OpenSite) -> None:
    """However long it takes, within the grace time; the old worker is gone after it."""
    one = await site(environment=TWO)
    old = set(workers(one))
    under_way = asyncio.create_task(one.request("GET", "/held"))
    await asyncio.wait_for(one.monolith.held.wait(), 20)
    one.stack.processes["router"].send(signal.SIGUSR2)
    await until(lambda: len(set(workers(one)) - old) == 2)
    assert not under_way.done()
    one.monolith.released.set()
    answer = await under_way
    assert (answer.status, answer.body) == (200, b"monolith")

    def states() -> set[str]:
        return {each["state"] for each in json.loads(one.stack.page("/config"))["workers"]}

    await until(lambda: states() == {"ready"})

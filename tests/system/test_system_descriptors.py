"""Clients take all descriptors: those connected are served on, the others wait, and it passes."""

import asyncio
import contextlib
import json
import os
import resource
import signal
import time

import pytest

from dev.bench.accounting import cpu_ns
from tests.system.conftest import OpenSite, Site, until
from tests.system.test_system_abandoned import descriptors
from tests.system.test_system_workers import workers

pytestmark = pytest.mark.system

LIMIT = 128
SPARE = 32
"""What the router must not have touched: a client under way needs one more at an upstream."""
CROWD = 100
WATCHED_S = 1.0
REQUEST = b"GET /anything HTTP/1.1\r\nHost: strangler.test\r\n\r\n"
SAID = "no descriptors left"
Ends = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def limited(one: Site, soft: int, hard: int) -> int:
    """A worker that was started with this limit."""
    supervisor = json.loads(one.stack.page("/config"))["supervisor"]["pid"]
    resource.prlimit(supervisor, resource.RLIMIT_NOFILE, (soft, hard))
    [old] = workers(one)
    os.kill(old, signal.SIGKILL)
    await until(lambda: len(set(workers(one)) - {old}) == 1)
    [new] = workers(one)
    return new


async def connected(one: Site) -> Ends:
    """A client that has not asked yet."""
    host, port = one.stack.url.removeprefix("http://").split(":")
    return await asyncio.open_connection(host, int(port))


async def ask(one: Site, ends: Ends) -> bytes:
    """The first line of an answer, of which the rest is read as well."""
    one.sent += 1
    reader, writer = ends
    writer.write(REQUEST)
    head = await reader.readuntil(b"\r\n\r\n")
    await reader.readexactly(len(b"monolith"))
    return head.partition(b"\r\n")[0]


async def test_when_descriptors_run_out_new_clients_wait(site: OpenSite) -> None:
    """Nobody is sent away, nothing spins, it is said once, and with room all are served again."""
    one = await site()
    worker = await limited(one, LIMIT, LIMIT)
    async with contextlib.AsyncExitStack() as open_:
        kept = await connected(one)
        open_.callback(kept[1].close)
        assert await ask(one, kept) == b"HTTP/1.1 200 OK"
        crowd = [await connected(one) for _ in range(CROWD)]
        for _, writer in crowd:
            open_.callback(writer.close)
        await until(lambda: SAID in one.stack.log("router"))
        late = await connected(one)
        open_.callback(late[1].close)
        waiting = asyncio.create_task(ask(one, late))

        began, used = time.monotonic(), cpu_ns(worker)
        while time.monotonic() < began + WATCHED_S:
            assert await ask(one, kept) == b"HTTP/1.1 200 OK"
            assert descriptors(worker) < LIMIT - SPARE
            await asyncio.sleep(0.05)  # or the asking itself would be the load
        assert (cpu_ns(worker) - used) / 1e9 < WATCHED_S / 2
        assert not waiting.done()
        assert one.stack.log("router").count(SAID) == 1

        for _, writer in crowd:
            writer.close()
        assert await asyncio.wait_for(waiting, 10) == b"HTTP/1.1 200 OK"
        assert await ask(one, kept) == b"HTTP/1.1 200 OK"
    assert set(workers(one)) == {worker}


async def test_a_worker_may_open_as_many_as_it_is_allowed(site: OpenSite) -> None:
    """Whatever the shell's default for programs that `select`."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    one = await site()
    worker = await limited(one, 1024, hard)
    assert resource.prlimit(worker, resource.RLIMIT_NOFILE) == (hard, hard)

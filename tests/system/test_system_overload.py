"""The monolith hangs, its places all taken: who comes is told so at once, nobody else notices."""

import asyncio
import re
import socket
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from tests.system.conftest import OpenSite, Seen, Site, at, until

pytestmark = [pytest.mark.system, pytest.mark.alone]

PLACES, QUEUE = 4, 4
AT_ONCE_S = 0.05
CLIENTS, EACH = 8, 60
UPLOAD = b"x" * 1024 * 1024
GROWTH = 16 * 1024 * 1024


def narrow(text: str) -> str:
    """Few places at the monolith, and a queue in which one waits for long."""
    bounds = f"connections: {PLACES}, queue: {QUEUE}, queue_timeout: 1m"
    return re.sub(r"monolith: (http://\S+)", rf"monolith: {{url: '\1', {bounds}}}", at(100)(text))


async def took(ask: Callable[[], Awaitable[Seen]], clients: int = CLIENTS) -> list[Seen]:
    """What several clients saw who ask again and again."""
    seen: list[Seen] = []

    async def work() -> None:
        seen.extend([await ask() for _ in range(EACH)])

    await asyncio.gather(*(work() for _ in range(clients)))
    return seen


def p95(seen: list[Seen]) -> float:
    """What one in twenty waited longer for."""
    waits = sorted(one.took_s for one in seen)
    return waits[len(waits) * 95 // 100]


def memory_of(one: Site) -> int:
    """Bytes that the router's processes hold."""
    group = one.stack.processes["router"].pid
    stats = [
        path.read_text().rpartition(")")[2].split() for path in Path("/proc").glob("[0-9]*/stat")
    ]
    return sum(int(stat[21]) for stat in stats if int(stat[2]) == group) * 4096


async def test_a_monolith_that_hangs_stops_nobody_else(site: OpenSite) -> None:
    """503 in 50 ms past the bound, coach and the admin port as ever, memory as it was."""
    one = await site(narrow)

    async def shed() -> Seen:
        return await one.request("GET", "/elsewhere")

    async def refused() -> Seen:
        return await one.request("GET", "/fitness/wod")

    async def upload() -> Seen:
        return await one.request("POST", "/elsewhere", data=UPLOAD)

    quiet = await took(one.get)
    held = [asyncio.create_task(one.get(path="/held")) for _ in range(PLACES + QUEUE)]
    await until(lambda: one.stack.total("queued", upstream="monolith") == QUEUE)
    assert one.stack.total("inflight", upstream="monolith") == PLACES + QUEUE

    before = memory_of(one)
    told, coach, tokens = await asyncio.gather(took(shed), took(one.get), took(refused))
    assert {seen.status for seen in told} == {503}
    assert p95(told) < AT_ONCE_S
    assert {(seen.status, seen.served) for seen in coach} == {(200, "coach")}
    assert p95(coach) < p95(quiet) + AT_ONCE_S
    assert {seen.status for seen in tokens} == {401}
    assert p95(tokens) < AT_ONCE_S
    began = time.monotonic()
    await asyncio.to_thread(one.stack.page, "/readyz")
    assert time.monotonic() - began < 2.0

    uploads = await took(upload)
    assert {seen.status for seen in uploads} <= {503, 0}  # 0: cut off while it was sending
    assert memory_of(one) - before < GROWTH
    assert one.stack.total("inflight", upstream="monolith") == PLACES + QUEUE

    one.monolith.released.set()
    assert [(await task).status for task in held] == [200] * (PLACES + QUEUE)
    assert one.stack.total("requests_total", fate="shed", route="default") == 2 * CLIENTS * EACH


async def test_a_rescue_without_room_is_told_at_once(site: OpenSite) -> None:
    """coach is gone, and native traffic has the places that a rescue might take."""
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # and never listens: refused
        address = f"coach: http://127.0.0.1:{nobody.getsockname()[1]}"
        one = await site(lambda text: re.sub(r"coach: http://\S+", address, narrow(text)))
        held = [asyncio.create_task(one.get(path="/held")) for _ in range(PLACES - 1)]
        await until(lambda: one.stack.total("inflight", upstream="monolith") == PLACES - 1)
        told, native = await asyncio.gather(
            took(one.get), took(lambda: one.request("GET", "/elsewhere"), QUEUE)
        )
        assert {seen.status for seen in told} == {503}
        assert p95(told) < AT_ONCE_S
        assert {seen.status for seen in native} == {200}
        one.monolith.released.set()
        assert [(await task).status for task in held] == [200] * (PLACES - 1)
        assert (await one.get()).status == 200
        labels = {"route": "wod", "cohort": "candidate"}
        assert one.stack.total("requests_total", fate="shed", **labels) == CLIENTS * EACH
        assert one.stack.total("requests_total", fate="rescued", **labels) == 1
        assert one.stack.total("fallbacks_refused_total", why="shed") == CLIENTS * EACH

"""Several workers are one router: for its clients, for Prometheus, and for whoever operates it."""

import asyncio
import contextlib
import errno
import json
import os
import signal
import socket
import urllib.error
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.system.conftest import OpenSite, Site, at, until, with_headers

pytestmark = pytest.mark.system

TWO = {"STRANGLER_WORKERS": "2"}


def workers(one: Site) -> dict[int, dict[str, Any]]:
    """The workers that are ready, by pid, as `/config` shows them."""
    try:
        page = one.stack.page("/config")
    except urllib.error.HTTPError as error:  # there is none just now
        with error:
            page = error.read().decode()
    found = json.loads(page)["workers"]
    return {each["pid"]: each for each in found if each["state"] == "ready"}


def counts(one: Site) -> dict[str, float]:
    """Every series that may only grow."""
    families = text_string_to_metric_families(one.stack.page("/metrics"))
    return {
        f"{sample.name}{sample.labels}": sample.value
        for family in families
        if family.type in {"counter", "histogram"}
        for sample in family.samples
    }


@contextlib.asynccontextmanager
async def watched_counters(one: Site) -> AsyncIterator[None]:
    """Scrape all through the block: no series may shrink or vanish."""
    stop = asyncio.Event()

    async def watch() -> None:
        before: dict[str, float] = {}
        while not stop.is_set():
            now = await asyncio.to_thread(counts, one)
            assert {
                key: now.get(key, -1.0) for key in before if now.get(key, -1) < before[key]
            } == {}
            before = now
            await asyncio.sleep(0.1)  # or the scraping would be the load

    watching = asyncio.create_task(watch())
    yield
    stop.set()
    await watching


def is_refused(host: str, port: int) -> bool:
    """Whether nobody listens there."""
    with socket.socket() as client:
        return client.connect_ex((host, port)) == errno.ECONNREFUSED


async def test_they_show_one_face(site: OpenSite) -> None:
    """One `/metrics` that sums to the requests, one `/config` with each worker, one `/explain`."""
    one = await site(at(100), environment=TWO)
    answers = await one.get_all([f"user-{number}@example.com" for number in range(200)])
    assert {answer.status for answer in answers.values()} == {200}
    await one.settle()
    assert one.stack.total("requests_total", fate="ok", cohort="candidate") == 200
    assert one.stack.total("request_duration_seconds_count") == 200
    assert one.stack.total("workers", state="wanted") == 2
    assert one.stack.total("workers", state="ready") == 2
    assert one.stack.total("percent") == 100
    verdicts = list(workers(one).values())
    assert len(verdicts) == 2
    assert (
        verdicts[0]["hash"] == verdicts[1]["hash"] == json.loads(one.stack.page("/config"))["hash"]
    )
    told = json.loads(one.stack.page("/explain?user=user-1@example.com&path=/fitness/wod"))
    assert (told["cohort"], told["ladder"][-1]["holds"]) == ("candidate", True)


async def test_a_killed_worker_is_replaced_and_the_rest_is_unharmed(site: OpenSite) -> None:
    """Who was with it loses one request; no counter goes back; what follows is counted exactly."""
    one = await site(environment=TWO)
    old = set(workers(one))
    at_once = 8
    async with watched_counters(one), one.load(at_once) as seen:
        await until(lambda: len(seen) > 50)
        victim = min(old)
        os.kill(victim, signal.SIGKILL)
        await until(lambda: len(set(workers(one)) - {victim}) == 2)
        before = len(seen)
        await until(lambda: len(seen) > before + 50)
    assert {answer.status for answer in seen[before:]} == {200}
    assert sum(answer.status != 200 for answer in seen) <= at_once
    assert f"worker {victim} ended (killed by SIGKILL)" in one.stack.log("router")
    assert one.stack.total("worker_restarts_total", why="died") == 1
    counted = one.stack.total("requests_total")
    assert counted > 50
    one.lose(counted)  # what the victim did in its last second is lost with it
    await one.get_all([f"user-{number}@example.com" for number in range(40)])
    await one.settle()


async def test_sighup_reaches_every_worker(site: OpenSite) -> None:
    """Each says so; the page has the new hash once all have the file."""
    one = await site(environment=TWO)
    one.stack.processes["router"].send(signal.SIGHUP)
    await until(lambda: one.stack.log("router").count("configuration reloaded") == 2)
    wanted = one.stack.write(one.stack.config.read_text("utf-8") + "# new\n")
    await until(lambda: json.loads(one.stack.page("/config"))["hash"] == wanted)
    assert {verdict["hash"] for verdict in workers(one).values()} == {wanted}


async def test_sigterm_lets_a_request_of_any_worker_finish(site: OpenSite) -> None:
    """It is answered with `Connection: close`, nobody new is let in, and the exit code is 0."""
    one = await site(environment=TWO)
    one.sent += 1
    under_way = asyncio.create_task(one.session.get(f"{one.stack.url}/held"))
    await asyncio.wait_for(one.monolith.held.wait(), 20)
    router = one.stack.processes["router"]
    router.terminate()
    await until(lambda: "draining" in one.stack.log("router"))
    host, port = one.stack.url.removeprefix("http://").split(":")

    await until(lambda: is_refused(host, int(port)))
    assert not under_way.done()
    one.monolith.released.set()
    answer = await under_way
    assert (answer.status, answer.headers["Connection"]) == (200, "close")
    assert await answer.read() == b"monolith"
    await until(lambda: router.has_ended)
    router.wait()
    assert router.exit_code == 0


async def test_a_worker_that_joins_serves_by_what_is_in_force(site: OpenSite) -> None:
    """Not by a file that was refused meanwhile; and it refuses that file like the others."""
    one = await site(at(100), environment=TWO)
    old = set(workers(one))
    text = one.stack.config.read_text("utf-8")
    one.stack.write(text.replace("percent: 100", "percent: 101"))
    await until(lambda: one.stack.log("router").count("reload refused") >= 2)
    for pid in old:
        os.kill(pid, signal.SIGKILL)
    await until(lambda: len(set(workers(one)) - old) == 2)
    assert (await one.get()).body == b"coach"
    verdicts = lambda: {verdict["last_reload"]["ok"] for verdict in workers(one).values()}  # noqa: E731
    await until(lambda: verdicts() == {False})
    assert one.stack.total("config_reload_success") == 0


async def test_the_workers_go_with_a_killed_supervisor(site: OpenSite) -> None:
    """Nobody would replace them, and a new router needs their address."""
    one = await site(environment=TWO)
    pids = list(workers(one))
    supervisor = json.loads(one.stack.page("/config"))["supervisor"]["pid"]
    os.kill(supervisor, signal.SIGKILL)
    await until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in pids))
    one.stack.processes["router"].wait()


async def test_sigusr1_opens_the_access_log_again(site: OpenSite, tmp_path: Path) -> None:
    """After a rotation lines go to the new file, and none is lost or torn."""
    log, moved = tmp_path / "access.log", tmp_path / "access.log.1"
    one = await site(environment={**TWO, "STRANGLER_ACCESS_LOG": str(log)})
    async with one.load() as seen:
        await until(lambda: log.stat().st_size > 0)
        log.rename(moved)
        one.stack.processes["router"].send(signal.SIGUSR1)
        await until(log.exists)
        size = log.stat().st_size
        await until(lambda: log.stat().st_size > size)
    assert {answer.status for answer in seen} == {200}

    def lines() -> list[dict[str, Any]]:
        both = (moved, log)
        return [json.loads(line) for path in both for line in path.read_text("utf-8").splitlines()]

    await until(lambda: len(lines()) >= one.sent)
    assert len({line["request_id"] for line in lines()}) == one.sent


def with_secret_in(secret: Path) -> Callable[[str], str]:
    """The change to the shipped file that has the router read its secret from a file."""

    def change(text: str) -> str:
        secret.write_text("a-secret-of-a-file-that-is-long-enough")
        return with_headers(text.replace("secret_env: JWT_SECRET", f"secret_file: {secret}"))

    return change


async def test_it_is_tried_until_one_can_begin_and_clients_wait(
    site: OpenSite, tmp_path: Path
) -> None:
    """The supervisor holds the door: who comes meanwhile is answered later, not refused."""
    secret = tmp_path / "secret"
    one = await site(with_secret_in(secret))
    [only] = workers(one)
    kept = secret.read_text("utf-8")
    secret.unlink()
    os.kill(only, signal.SIGKILL)
    await until(lambda: one.stack.log("router").count("ended (exit code 1)") >= 2)
    assert one.stack.total("workers", state="ready") == 0
    waiting = asyncio.create_task(one.request("GET", "/anything"))
    secret.write_text(kept, "utf-8")
    assert (await asyncio.wait_for(waiting, 20)).status == 200
    assert one.stack.total("worker_restarts_total", why="died") >= 3


async def test_one_that_cannot_begin_leaves_the_old_one_in_its_place(
    site: OpenSite, tmp_path: Path
) -> None:
    """`strangler restart` says so, exit code 1, and the old workers serve on."""
    secret = tmp_path / "secret"
    one = await site(with_secret_in(secret), environment=TWO)
    old = set(workers(one))
    secret.unlink()
    done = await asyncio.to_thread(one.stack.strangler, "restart")
    assert done.returncode == 1
    assert "did not become ready (exit code 1); 2 old ones serve on" in done.stderr
    assert set(workers(one)) == old
    assert (await one.request("GET", "/anything")).status == 200

"""Every client as one that reads an answer's lines while they come."""

import asyncio
import subprocess
from collections.abc import Callable, Iterator

from tests.clients.needs import FOLDER

Lines = Iterator[bytes]


def by_requests(url: str) -> Lines:
    """requests, streaming."""
    import requests

    with requests.Session() as session:
        session.trust_env = False
        with session.get(url, stream=True, timeout=10) as answer:
            yield from answer.iter_lines()


def by_urllib3(url: str) -> Lines:
    """urllib3, which gives what it has."""
    import urllib3

    with urllib3.PoolManager() as pool:
        answer = pool.request("GET", url, preload_content=False, timeout=10)
        for piece in answer.stream():
            yield from piece.splitlines()
        answer.release_conn()


def by_httpx(url: str) -> Lines:
    """httpx, streaming."""
    import httpx

    with httpx.Client(trust_env=False) as client, client.stream("GET", url, timeout=10) as answer:
        yield from (line.encode() for line in answer.iter_lines())


def by_aiohttp(url: str) -> Lines:
    """aiohttp, on a loop that runs while a line is waited for."""
    with asyncio.Runner() as runner:
        yield from _from_loop(runner, url)


def _from_loop(runner: asyncio.Runner, url: str) -> Lines:
    import aiohttp

    async def opened() -> tuple[aiohttp.ClientSession, aiohttp.ClientResponse]:
        session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10))
        return session, await session.get(url)

    session, answer = runner.run(opened())
    while line := runner.run(answer.content.readline()):
        yield line
    runner.run(session.close())


def _by_program(*command: str) -> Lines:
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        yield from process.stdout
    assert process.returncode == 0


def by_curl(url: str) -> Lines:
    """curl, asked not to wait for more (-N)."""
    return _by_program("curl", "-sSN", "--noproxy", "*", "--max-time", "10", url)


def by_fetch(url: str) -> Lines:
    """Node's fetch."""
    return _by_program("node", str(FOLDER / "node" / "lines.mjs"), "fetch", url)


def by_undici(url: str) -> Lines:
    """undici."""
    return _by_program("node", str(FOLDER / "node" / "lines.mjs"), "undici", url)


BY_NAME: dict[str, Callable[[str], Lines]] = {
    "aiohttp": by_aiohttp,
    "curl": by_curl,
    "fetch": by_fetch,
    "httpx": by_httpx,
    "requests": by_requests,
    "undici": by_undici,
    "urllib3": by_urllib3,
}

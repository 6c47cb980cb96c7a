"""The router's own work for one request: its data path between two ends that are no sockets.

`python -m dev.bench.alone` prints microseconds an exchange; with `--counted`, under callgrind, only
exchanges are counted. The job is that of the bench: 640 bytes of JSON, a token seen before.
"""

import asyncio
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import uvloop

from dev.bench.tokens import SECRET, minted
from router.edge.current import Current
from router.edge.front import Front
from router.edge.logs import AccessLog
from router.edge.metrics import Metrics
from router.edge.protections import Protections
from router.edge.surroundings import Surroundings
from router.edge.upstream.pool import Pools
from router.edge.upstream.wire import Connection
from router.exchange import Edges, Exchanges, Ids

CHANCE = random.Random(1)  # noqa: S311 - ids are no secrets
EXCHANGES = 4_000
TURNS = 10
ROUTES = Path("load/peers/routes.yaml")
BODY = b"{%b}" % (638 * b" ")
ANSWER = (
    b"HTTP/1.1 200 OK\r\nServer: nginx\r\nDate: Wed, 25 Nov 2026 12:00:00 GMT\r\n"
    b"Content-Type: application/json\r\nContent-Length: %d\r\nConnection: keep-alive\r\n\r\n%b"
) % (len(BODY), BODY)
HEAD = (
    "GET /fitness/wod HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: application/json\r\n"
    "Authorization: Bearer {token}\r\n\r\n"
)


class End:
    """A transport to nowhere; that of an upstream answers each request in the moment it comes."""

    def __init__(self, upstream: Connection | None = None) -> None:
        self.last = b""
        self._upstream = upstream

    def write(self, data: bytes) -> None:
        """Take *data*."""
        self.last = data
        if self._upstream is not None:
            self._upstream.data_received(ANSWER)

    def get_extra_info(self, name: str) -> object:
        """The peer's address."""
        return ("127.0.0.1", 1) if name == "peername" else None

    def set_write_buffer_limits(self, high: int) -> None:
        """Nothing is kept here."""

    def abort(self) -> None:
        """Nothing is open."""


async def main(*, counted: bool) -> None:
    """Serve the same request again and again."""
    loop: Any = asyncio.get_running_loop()
    with tempfile.TemporaryDirectory() as folder:
        current = Current.first(written(Path(folder)), around())
        log = AccessLog((Path(folder) / "access.log").open("ab"), query=False, lost=lambda _: None)
        protections = Protections(1, time.monotonic, CHANCE)
        protections.keep(current.running.snapshot)
        edges = Edges(
            current,
            Pools(loop),
            Metrics(),
            log,
            time.monotonic,
            time.time,
            Ids(CHANCE),
            protections=protections,
        )
        ask = asked(edges, loop)
        ask(EXCHANGES)
        if counted:
            count("on")
            ask(EXCHANGES)
            await asyncio.sleep(0.5)  # the log's thread writes at its own pace
            count("off")
        else:
            print(f"{min(timed(ask) for _ in range(TURNS)):.1f}")
        log.close()


def written(folder: Path) -> Path:
    """The bench's configuration, everybody on coach."""
    text = ROUTES.read_text("utf-8").replace("percent: 50", "percent: 100")
    for name in ("monolith", "coach", "sink"):
        text = text.replace(f"@{name}@", "9")
    path = folder / "routes.yaml"
    path.write_text(text, "utf-8")
    return path


def around() -> Surroundings:
    """The secret, and real clocks."""
    return Surroundings({**os.environ, "JWT_SECRET": SECRET}, time.time, time.monotonic, {})


def asked(edges: Edges, loop: asyncio.AbstractEventLoop) -> Any:
    """A function that has so many requests served, on one connection kept at each side."""

    exchanges, snapshot = Exchanges(edges), edges.current.running.snapshot
    upstream = Connection()
    upstream.connection_made(End(upstream))  # type: ignore[arg-type]
    upstream.begin("GET", b"", 0.0)  # it has to have carried one to be kept
    upstream.take()
    pool = edges.pools[snapshot.upstreams["coach"]]
    pool.give_back(upstream)
    client, end = Front(exchanges.serve, exchanges.refuse, loop, snapshot.limits)(), End()
    client.connection_made(end)  # type: ignore[arg-type]
    request = HEAD.format(token=minted("lea@example.com")).encode()

    def ask(many: int) -> None:
        for _ in range(many):
            upstream.idle_since = loop.time()
            client.data_received(request)
        assert end.last.endswith(BODY), end.last

    return ask


def timed(ask: Any) -> float:
    """Microseconds of this thread an exchange."""
    began = time.thread_time_ns()
    ask(EXCHANGES)
    return (time.thread_time_ns() - began) / EXCHANGES / 1000


def count(switch: str) -> None:
    """Have callgrind count from now on, or no longer."""
    command = ["callgrind_control", f"--instr={switch}", str(os.getpid())]
    subprocess.run(command, check=True, capture_output=True)


if __name__ == "__main__":
    uvloop.run(main(counted="--counted" in sys.argv))

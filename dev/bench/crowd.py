"""Thousands of clients that have asked once and stay connected."""

import resource
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress

from dev.bench.running import NoBench
from dev.bench.upstream import BODY

BATCH = 200
"""Connections opened together: fewer than any backlog, so none waits to be accepted."""
MOST_FILES = 65_536
ONCE = b"GET / HTTP/1.1\r\nHost: bench.example\r\n\r\n"


def raise_limits() -> None:
    """Let this process and what it starts open as many files as it may."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (MOST_FILES, max(hard, MOST_FILES)))
        return
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


@contextmanager
def crowd(port: int, size: int) -> Iterator[None]:
    """*size* keep-alive connections, each idle after one good answer."""
    with ExitStack() as held:
        for _ in range(0, size, BATCH):
            batch = [held.enter_context(connected(port)) for _ in range(BATCH)]
            for sock in batch:
                sock.sendall(ONCE)
            for sock in batch:
                hear(sock)
        yield


def connected(port: int) -> socket.socket:
    """One connection."""
    try:
        return socket.create_connection(("127.0.0.1", port), timeout=10.0)
    except OSError as error:
        raise NoBench(f"no connection more: {error}") from error


def hear(sock: socket.socket) -> None:
    """Read one good answer."""
    data = b""
    while not data.endswith(BODY):
        more = sock.recv(65536)
        if not more:
            raise NoBench(f"a client of the crowd was sent away: {data[:200]!r}")
        data += more

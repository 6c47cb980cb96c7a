"""An open loop: requests leave when a schedule says so, however slow the answers are.

Latency counts from the scheduled moment, so a proxy that stalls is charged for all that should
have been asked meanwhile. Runs as a process of its own: `python -m dev.bench.openloop PORT RATE
SECONDS TOKENS`, prints JSON.
"""

import gc
import json
import random
import re
import select
import socket
import sys
import time
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from dev.bench.upstream import BODY

CONNECTIONS = 64
LAST_ANSWERS_S = 2.0
READY_S = 0.1
"""By when the schedule is laid out: what is late because of that is not the proxy's."""
SEED = 4
CLOSES = re.compile(rb"\r\nconnection: *close\r\n", re.IGNORECASE)
HEAD = "GET /fitness/wod HTTP/1.1\r\nHost: bench.example\r\nAuthorization: Bearer {}\r\n\r\n"


@dataclass
class Run:
    """One run under way: what is to be asked and when, who waits, and how long good answers took.

    Whatever else came of a request, it is missing in *took_s*.
    """

    port: int
    due: Iterator[tuple[float, bytes]] = field(default_factory=lambda: iter(()))
    idle: deque[socket.socket] = field(default_factory=deque)
    waiting: deque[tuple[float, bytes]] = field(default_factory=deque)
    asked: dict[socket.socket, tuple[float, bytes]] = field(default_factory=dict)
    read: dict[socket.socket, bytes] = field(default_factory=dict)
    took_s: list[float] = field(default_factory=list)

    def connect(self) -> None:
        """One more connection that may be asked on."""
        sock = socket.create_connection(("127.0.0.1", self.port), timeout=5.0)
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.idle.append(sock)
        self.read[sock] = b""

    def ask(self) -> None:
        """Send what is due, as far as connections are free."""
        while self.waiting and self.idle:
            sock = self.idle.popleft()
            self.asked[sock] = self.waiting.popleft()
            with suppress(OSError):  # a connection just closed by the other side is seen by reading
                sock.send(self.asked[sock][1])

    def hear(self, sock: socket.socket) -> None:
        """Read an answer, or that there will be none."""
        try:
            data = sock.recv(65536)
        except OSError:
            data = b""
        if not data:
            self.lose(sock)
            return
        self.read[sock] += data
        if self.read[sock].endswith(BODY):
            self.answered(sock)

    def answered(self, sock: socket.socket) -> None:
        """One good answer has come, or one that ends as a good one does."""
        moment, _ = self.asked.pop(sock)
        answer, self.read[sock] = self.read[sock], b""
        if answer.startswith(b"HTTP/1.1 200 "):
            self.took_s.append(time.monotonic() - moment)
        if CLOSES.search(answer):
            self.lose(sock)
        else:
            self.idle.append(sock)

    def lose(self, sock: socket.socket) -> None:
        """A connection was closed; a request that was under way on it has no answer."""
        self.asked.pop(sock, None)
        with suppress(ValueError):
            self.idle.remove(sock)
        del self.read[sock]
        sock.close()
        self.connect()


def schedule(rate: float, seconds: float, tokens: Path) -> Iterator[tuple[float, bytes]]:
    """Moments as independent users have them (Poisson), each with its request."""
    chance = random.Random(SEED)  # noqa: S311 - the same moments for everybody, no secret
    moment = 0.0
    with tokens.open(encoding="ascii") as file:
        for line in file:
            moment += chance.expovariate(rate)
            if moment > seconds:
                return
            yield moment, HEAD.format(line.strip()).encode()


def play(run: Run, until: float) -> None:
    """Ask and hear until all is answered, or too late to be."""
    due = next(run.due, None)
    while (due or run.waiting or run.asked) and time.monotonic() < until:
        now = time.monotonic()
        while due is not None and due[0] <= now:
            run.waiting.append(due)
            due = next(run.due, None)
        run.ask()
        # select() waits in µs, epoll_wait() in ms.
        pause = 0.1 if due is None else max(0.0, due[0] - time.monotonic())
        for sock in select.select(run.read, (), (), pause)[0]:
            run.hear(sock)


def open_all(run: Run, request: bytes) -> None:
    """Open the connections and ask on each once: 64 that all come at once are not what is asked."""
    for _ in range(CONNECTIONS):
        run.connect()
    now = time.monotonic()
    run.due = iter([(now, request)] * CONNECTIONS)
    play(run, now + LAST_ANSWERS_S)
    run.took_s.clear()


def played(port: int, rate: float, seconds: float, tokens: Path) -> tuple[list[float], int]:
    """Seconds of each good answer, sorted; and how many requests had none."""
    plan = list(schedule(rate, seconds, tokens))
    run = Run(port)
    open_all(run, plan[0][1])
    start = time.monotonic() + READY_S
    run.due = iter([(start + moment, data) for moment, data in plan])
    play(run, start + seconds + LAST_ANSWERS_S)
    for sock in run.read:
        sock.close()
    return sorted(run.took_s), len(plan) - len(run.took_s)


def main(port: int, rate: float, seconds: float, tokens: Path) -> None:
    """Play and print."""
    gc.disable()  # nothing here makes cycles, and a collection would be charged to the proxy
    took_s, failed = played(port, rate, seconds, tokens)
    print(json.dumps({"took_s": took_s, "failed": failed}))


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3]), Path(sys.argv[4]))

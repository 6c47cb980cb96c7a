"""As much as 64 connections can ask: CPU a request, and requests a second (wrk)."""

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

from dev.bench.accounting import cpu_ns
from dev.bench.peers import FOLDER
from dev.bench.running import NoBench, Running
from dev.bench.upstream import BODY

CONNECTIONS = 64
PATH = "/fitness/wod"
MARK = "SUMMARY "


@dataclass(frozen=True, slots=True)
class Closed:
    """What a run of the load was, and what it cost the proxy."""

    requests: int
    lasted_s: float
    cpu_ns: int

    @property
    def cpu_us(self) -> float:
        """CPU µs a request."""
        return self.cpu_ns / 1000 / self.requests

    @property
    def a_second(self) -> float:
        """Requests a second."""
        return self.requests / self.lasted_s

    @property
    def busy(self) -> float:
        """The share of its core that the proxy used; below 1 the load was the slower one."""
        return self.cpu_ns / 1e9 / self.lasted_s


def closed(running: Running, tokens: Path, seconds: float, *, numbered: bool = False) -> Closed:
    """Load with the tokens of a file, each once; a request that failed makes it worth nothing.

    *numbered* makes each head one that nobody has seen before, by a field with a number.
    """
    before = cpu_ns(running.pid)
    summary = wrk(running.port, tokens, seconds, numbered=numbered)
    used = cpu_ns(running.pid) - before
    if summary["failed"]:
        raise NoBench(f"requests failed: {summary}")
    if summary["bytes"] < summary["requests"] * len(BODY):
        raise NoBench(f"answers without the upstream's body: {summary}")
    return Closed(summary["requests"], summary["us"] / 1e6, used)


def warmed(running: Running, seen: Path, seconds: float = 1.0) -> None:
    """Let a proxy see the tokens that it may remember."""
    wrk(running.port, seen, seconds)


def wrk(port: int, tokens: Path, seconds: float, *, numbered: bool = False) -> dict[str, int]:
    """What wrk counted; the file of seen tokens is begun again at its end."""
    again = ["numbered"] if numbered else ["again"] if tokens.name.endswith("-100") else []
    done = subprocess.run(
        [
            *("wrk", "--threads", "1", "--connections", str(CONNECTIONS)),
            *("--duration", f"{max(1, round(seconds))}s", "--timeout", "10s"),
            *("--script", str(FOLDER / "wrk.lua"), f"http://127.0.0.1:{port}{PATH}"),
            *("--", str(tokens), *again),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    _, mark, summary = done.stdout.partition(MARK)
    if done.returncode != 0 or not mark:
        raise NoBench(f"wrk: {done.stdout}{done.stderr}")
    counted: dict[str, int] = json.loads(summary.splitlines()[0])
    return counted

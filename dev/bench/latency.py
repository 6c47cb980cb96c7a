"""Latency that a peer adds, at half of what it can serve: in peace, and with all going on."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from dev.bench.closed import closed, warmed
from dev.bench.crowd import crowd
from dev.bench.reloading import reload
from dev.bench.running import NoBench
from dev.bench.streams import CURL
from dev.bench.subject import Subject
from dev.bench.upstream import BIG
from dev.meanwhile import meanwhile
from dev.plan import ROOT
from dev.process import DIRECT

QUANTILES = {"p50": 0.5, "p99": 0.99, "p99.9": 0.999}
SATURATED_S = 2.0
IDLE_CLIENTS = 10_000
EVERY_S = 1.0
LONGEST_S = 120.0


@dataclass(frozen=True, slots=True)
class Heard:
    """What came of an open loop: times of good answers in ms, by quantile; and the failures."""

    ms: dict[str, float]
    failed: int


def added(subject: Subject) -> dict[str, float]:
    """At half of saturation, less what the upstream itself takes at that rate."""
    rate = half_of_saturation(subject)
    direct = heard(
        subject.setting.places["monolith"], rate, subject.seconds, subject.tokens["open"]
    )
    through = heard(subject.setting.port, rate, subject.seconds, subject.tokens["open"])
    if through.failed:
        raise NoBench(f"{through.failed} requests failed at half of saturation ({rate:.0f}/s)")
    return {"rate": rate, **less(through, direct, "")}


def stressed(subject: Subject) -> dict[str, float]:
    """The same while it is reloaded and scraped, streams 1 GiB and holds thousands idle."""
    rate, seconds = half_of_saturation(subject), subject.seconds * 2
    tokens = subject.tokens["stress"]
    direct = heard(subject.setting.places["monolith"], rate, seconds, tokens)
    with crowd(subject.setting.port, IDLE_CLIENTS), streaming(subject, seconds), bothered(subject):
        through = heard(subject.setting.port, rate, seconds, tokens)
    return {**less(through, direct, "stress-"), "stress-failed": through.failed}


def half_of_saturation(subject: Subject) -> float:
    """Requests a second."""
    warmed(subject.running, subject.tokens["100"])
    return closed(subject.running, subject.tokens["full"], SATURATED_S).a_second / 2


def less(through: Heard, direct: Heard, prefix: str) -> dict[str, float]:
    """Each quantile of one less that of the other."""
    return {prefix + name: through.ms[name] - direct.ms[name] for name in QUANTILES}


def heard(port: int, rate: float, seconds: float, tokens: Path) -> Heard:
    """Play an open loop by a process of its own, so that nothing here delays it."""
    command = ["dev.bench.openloop", str(port), f"{rate:.1f}", f"{seconds:g}", str(tokens)]
    done = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=LONGEST_S,
    )
    if done.returncode != 0:
        raise NoBench(f"{' '.join(command)}: {done.stderr}")
    found = json.loads(done.stdout)
    took_s = found["took_s"]
    if not took_s:
        raise NoBench(f"{' '.join(command)}: no answer")
    ms = {name: took_s[int(len(took_s) * share)] * 1000 for name, share in QUANTILES.items()}
    return Heard(ms, found["failed"])


@contextmanager
def streaming(subject: Subject, seconds: float) -> Iterator[None]:
    """1 GiB on its way to a client, as slowly as fills the time."""
    pace = ("--limit-rate", str(round(BIG / seconds)))
    url = f"http://127.0.0.1:{subject.setting.port}/big"
    curl = subprocess.Popen([*CURL, *pace, url], stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        curl.kill()
        curl.wait()


def bothered(subject: Subject) -> AbstractContextManager[None]:
    """Reloaded and scraped every second, as long as the block lasts."""

    def bother() -> None:
        reload(subject)
        scrape(subject)

    return meanwhile(bother, EVERY_S)


def scrape(subject: Subject) -> None:
    """Read its metrics; a peer in the middle of its reload may have no ear."""
    url = f"http://127.0.0.1:{subject.setting.admin}{subject.peer.scrape}"
    with suppress(OSError), DIRECT.open(url, timeout=2.0) as answer:
        answer.read()

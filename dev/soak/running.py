"""A soak under way: the router, its load in processes of their own, and a look now and then."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from dev.bench.answers import settled
from dev.bench.closed import closed
from dev.bench.crowd import raise_limits
from dev.bench.installing import ready
from dev.bench.peers import BY_NAME
from dev.bench.running import LOAD_CORE, PROXY_CORE, NoBench, started
from dev.bench.subject import Subject
from dev.bench.tokens import written
from dev.bench.upstream import big, upstreams
from dev.plan import ROOT
from dev.soak.disturbing import disturbed
from dev.soak.judging import Soaked
from dev.soak.samples import Sample, sampled

USERS_SHARE = 0.4
"""Of the router's core: with the mix it is about half."""
FILL_S = 4.0
"""Load of tokens that are all new, until the router remembers as many as it ever will (10,000)."""
MEASURE_S = 2.0
SAMPLES = 360
SELDOMEST_S, OFTENEST_S = 5.0, 1.0
REST_S = 15.0
"""Within which all has been let go and told."""
KEPT_S = 4.0
"""More than the router keeps an idle connection to an upstream."""


@contextmanager
def router(folder: Path, checkout: Path) -> Iterator[Subject]:
    """The router on its core, and what there is to load it with."""
    if not {PROXY_CORE, LOAD_CORE} <= os.sched_getaffinity(0):
        raise NoBench("the router and its load need a core each, the first two")
    [peer] = ready([BY_NAME["strangler"]])
    os.sched_setaffinity(0, {LOAD_CORE})
    raise_limits()
    tokens = written(folder, FILL_S)
    with upstreams(folder) as places:
        setting = settled(folder / peer.name, places, checkout)
        with started(peer, setting) as running:
            yield Subject(peer, setting, running, tokens, big(folder), 1.0)


def soak(subject: Subject, seconds: float) -> Soaked:
    """Load the router for *seconds*, and look."""
    closed(subject.running, subject.tokens["0"], FILL_S)
    cost_us = closed(subject.running, subject.tokens["full"], MEASURE_S).cpu_us
    rate = USERS_SHARE * 1e6 / cost_us
    began = time.monotonic()
    before = rested(subject, began, lambda now: now.at_s > KEPT_S)
    port = str(subject.setting.port)
    with (
        under_way("asking", port, f"{rate:.0f}", f"{seconds:g}") as asking,
        under_way("mixing", port, f"{seconds:g}") as mixing,
        disturbed(subject),
    ):
        samples = list(watched(subject, seconds, asking))
        asked, mixed = told(asking), told(mixing)
    sent = asked["asked"] + mixed["counted"]

    def has_let_go(now: Sample) -> bool:
        told_all = now.requests >= before.requests + sent
        return told_all and now.descriptors <= before.descriptors

    after = rested(subject, began, has_let_go)
    return Soaked(
        rate=rate,
        before=before,
        samples=samples,
        after=after,
        sent=sent,
        failed=asked["failed"],
        worst_p99_ms=asked["worst_p99_ms"],
        surprises=mixed["surprises"],
    )


def watched(subject: Subject, seconds: float, load: subprocess.Popen[str]) -> Iterator[Sample]:
    """A sample every few seconds, for as long as there is load."""
    began = time.monotonic()
    every_s = min(SELDOMEST_S, max(OFTENEST_S, seconds / SAMPLES))
    while load.poll() is None and time.monotonic() < began + seconds:
        time.sleep(every_s)
        one = sampled(subject, began)
        print(
            f"  {one.at_s:6.0f} s  {one.memory_mib:6.1f} MiB  {one.descriptors:5d} descriptors  "
            f"{one.requests:9d} requests",
            flush=True,
        )
        yield one


def rested(subject: Subject, began: float, is_at_rest: Callable[[Sample], bool]) -> Sample:
    """The router once it is at rest, or after `REST_S` as it is then."""
    end = time.monotonic() + REST_S
    while not is_at_rest(now := sampled(subject, began)) and time.monotonic() < end:
        time.sleep(OFTENEST_S)
    return now


@contextmanager
def under_way(name: str, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """A part of the load, ended with the block at the latest."""
    command = [sys.executable, "-m", f"dev.soak.{name}", *arguments]
    popen = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        yield popen
    finally:
        popen.kill()
        popen.communicate()


def told(load: subprocess.Popen[str]) -> dict[str, Any]:
    """What a part of the load prints in the end."""
    said, _ = load.communicate(timeout=60.0)
    if load.returncode != 0:
        raise NoBench(f"{load.args!r} failed")
    found: dict[str, Any] = json.loads(said)
    return found

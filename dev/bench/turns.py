"""The turns: each peer by itself, one after the other, and the whole again."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from dev.bench.figures import Results
from dev.bench.peers import Peer, Setting
from dev.bench.running import LOAD_CORE, NoBench, started
from dev.bench.stages import Stage, Subject
from dev.bench.tokens import written
from dev.bench.upstream import upstreams
from dev.places import free_ports

MOST_A_SECOND = 60_000
"""Tokens made for each second of load: more than any peer can serve on a core."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is asked for."""

    peers: Sequence[Peer]
    stages: Sequence[Stage]
    turns: int
    seconds: float
    checkout: Path


def take_turns(plan: Plan, folder: Path) -> Iterator[Results]:
    """Measure; what there is so far, after each turn."""
    cores = os.sched_getaffinity(0)
    if len(cores) < 2:
        raise NoBench("the proxy and its load need a core each, and there is one")
    os.sched_setaffinity(0, {LOAD_CORE})
    results = Results()
    tokens = written(folder, round(MOST_A_SECOND * plan.seconds))
    with upstreams(folder / "upstream") as places:
        for turn in range(plan.turns):
            for peer in plan.peers:
                port, admin = free_ports(2)
                home = folder / f"{turn}-{peer.name}"
                setting = Setting(home, port, admin, places, plan.checkout)
                results.add(peer.name, measured(plan, peer, setting, tokens))
            yield results


def measured(
    plan: Plan, peer: Peer, setting: Setting, tokens: dict[int, Path]
) -> dict[str, float]:
    """All stages of one turn of one peer, in one process of it."""
    found: dict[str, float] = {}
    with started(peer, setting) as running:
        subject = Subject(peer, setting, running, tokens, plan.seconds)
        for stage in plan.stages:
            print(f"  {peer.name}: {stage.name} ...", flush=True)
            found |= stage.measure(subject)
    return found

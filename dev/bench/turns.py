"""The turns: each peer by itself, one after the other, and the whole again."""

import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from dev.bench.answers import judge, settled
from dev.bench.crowd import raise_limits
from dev.bench.figures import Results
from dev.bench.peers import Peer
from dev.bench.running import LOAD_CORE, PROXY_CORE, NoBench, started
from dev.bench.stages import Stage
from dev.bench.subject import Subject
from dev.bench.tokens import written
from dev.bench.upstream import big, upstreams


@dataclass(frozen=True, slots=True)
class Plan:
    """What is asked for; *checkout* is whose router is measured."""

    peers: Sequence[Peer]
    stages: Sequence[Stage]
    turns: int
    seconds: float
    checkout: Path


@dataclass(frozen=True, slots=True)
class Bench:
    """What the turns share: where files go, the upstreams' ports, the tokens by name."""

    plan: Plan
    folder: Path
    places: Mapping[str, int]
    tokens: Mapping[str, Path]

    def turn(self, peer: Peer) -> Iterator[Mapping[str, float]]:
        """Every stage of one peer, each in a process of its own; what each measured."""
        home = self.folder / peer.name
        for stage in self.plan.stages:
            if (stage.reloads and not peer.reload) or peer.only not in {"", stage.name}:
                continue
            print(f"  {peer.name}: {stage.name}", flush=True)
            setting = settled(home, self.places, self.plan.checkout)
            with started(peer, setting) as running:
                yield stage.measure(
                    Subject(
                        peer, setting, running, self.tokens, big(self.folder), self.plan.seconds
                    )
                )
            shutil.rmtree(home)


def take_turns(plan: Plan, folder: Path) -> Iterator[Results]:
    """Measure; what there is so far, after each turn."""
    if not {PROXY_CORE, LOAD_CORE} <= os.sched_getaffinity(0):
        raise NoBench("the proxy and its load need a core each, the first two")
    os.sched_setaffinity(0, {LOAD_CORE})
    raise_limits()
    results = Results()
    tokens = written(folder, plan.seconds)
    with upstreams(folder) as places:
        for peer in plan.peers:
            print(f"  {peer.name}: are its answers right?", flush=True)
            judge(peer, folder, places, plan.checkout)
        bench = Bench(plan, folder, places, tokens)
        for number in range(1, plan.turns + 1):
            print(f"turn {number} of {plan.turns}", flush=True)
            for peer in plan.peers:
                for measured in bench.turn(peer):
                    results.add(peer.name, measured)
            yield results

"""The parts of a turn, each with the figures that it measures of one running peer."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from dev.bench.closed import closed, warmed
from dev.bench.figures import Figure
from dev.bench.peers import Peer, Setting
from dev.bench.running import Running
from dev.bench.tokens import RATES


@dataclass(frozen=True, slots=True)
class Subject:
    """A peer that runs, and what there is to load it with."""

    peer: Peer
    setting: Setting
    running: Running
    tokens: Mapping[int, Path]
    seconds: float


@dataclass(frozen=True, slots=True)
class Stage:
    """One part of a turn, known to `ONLY=` by its name."""

    name: str
    title: str
    figures: tuple[Figure, ...]
    measure: Callable[[Subject], Mapping[str, float]]


def cost(subject: Subject) -> dict[str, float]:
    """CPU a request at each rate of tokens it has seen, and what it can serve in a second."""
    found: dict[str, float] = {}
    for rate in RATES:
        warmed(subject.running, subject.tokens[100])
        run = closed(subject.running, subject.tokens[rate], subject.seconds)
        found[f"cpu-{rate}"] = run.cpu_us
        if rate == 90:
            found |= {"a-second": run.a_second, "busy": run.busy * 100}
    return found


STAGES = (
    Stage(
        "cpu",
        "CPU a request, 64 keep-alive connections, 640 bytes of JSON",
        (
            *(Figure(f"cpu-{rate}", f"CPU, {rate} % of tokens seen before", "µs") for rate in RATES),
            Figure("a-second", "requests a second (90 %)", "/s", 0),
            Figure("busy", "of its core used meanwhile", "%", 0),
        ),
        cost,
    ),
)

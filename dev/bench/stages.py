"""The parts of a turn, each with the figures that it measures of one running peer."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from dev.bench.cost import cost
from dev.bench.figures import Figure
from dev.bench.latency import added, stressed
from dev.bench.memory import held
from dev.bench.streams import streamed
from dev.bench.subject import Subject
from dev.bench.tokens import RATES


@dataclass(frozen=True, slots=True)
class Stage:
    """One part of a turn, known to `ONLY=` by its name.

    A peer that cannot be reloaded is left out of a stage that *reloads*.
    """

    name: str
    title: str
    figures: tuple[Figure, ...]
    measure: Callable[[Subject], Mapping[str, float]]
    reloads: bool = False


def starting(subject: Subject) -> dict[str, float]:
    """How long it took from its start to its first good answer."""
    return {"start": subject.running.starting_s * 1000}


STAGES = (
    Stage(
        "cpu",
        "CPU a request: 64 keep-alive connections, 640 bytes of JSON",
        (
            *(Figure(f"cpu-{rate}", f"{rate} % of tokens seen before", "µs") for rate in RATES),
            Figure("cpu-heads", "90 % of tokens, and no head, seen before", "µs"),
            Figure("a-second", "requests a second, 90 %", "/s", 0),
            Figure("busy", "of its core used meanwhile", "%", 0),
        ),
        cost,
    ),
    Stage(
        "latency",
        "Latency added: open loop at half of saturation, less the upstream's own",
        (
            Figure("rate", "half of saturation", "/s", 0),
            Figure("p50", "p50", "ms", 2),
            Figure("p99", "p99", "ms", 2),
            Figure("p99.9", "p99.9", "ms", 2),
        ),
        added,
    ),
    Stage(
        "stress",
        "The same, reloaded and scraped every second, 1 GiB streaming, 10,000 idle connections",
        (
            Figure("stress-p50", "p50", "ms", 2),
            Figure("stress-p99", "p99", "ms", 2),
            Figure("stress-p99.9", "p99.9", "ms", 2),
            Figure("stress-failed", "requests without a good answer", "", 0),
        ),
        stressed,
        reloads=True,
    ),
    Stage(
        "memory",
        "Memory: shared pages divided among who shares them",
        (
            Figure("idle", "idle", "MiB"),
            Figure("idle-worker", "its worker alone, idle", "MiB"),
            Figure("a-client", "an idle connection, at 8,000", "KiB"),
        ),
        held,
    ),
    Stage(
        "streams",
        "1 GiB through it",
        tuple(
            Figure(f"{way}-{what}", f"{word}: {title}", unit, 0)
            for way, word in (("down", "download"), ("up", "upload"))
            for what, title, unit in (
                ("speed", "speed", "MiB/s"),
                ("cpu", "CPU", "ms"),
                ("peak", "memory at most", "MiB"),
                ("gain", "memory gained", "MiB"),
            )
        ),
        streamed,
    ),
    Stage("start", "Cold start", (Figure("start", "to the first answer", "ms", 0),), starting),
)

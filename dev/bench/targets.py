"""What the router must reach, and where it is going: judged by the run's own medians."""

from collections.abc import Iterator
from dataclasses import dataclass

from dev.bench.figures import Results

ROUTER = "strangler"


@dataclass(frozen=True, slots=True)
class Target:
    """*figure* at most *most*; times what *rival* has, where one is named."""

    rank: str
    promise: str
    figure: str
    most: float
    unit: str = ""
    rival: str | None = None

    def value(self, results: Results) -> float | None:
        """What the router has, None if it was not measured."""
        if self.rival is None:
            return results.median(self.figure, ROUTER)
        return results.ratio(self.figure, ROUTER, self.rival)


@dataclass(frozen=True, slots=True)
class Verdict:
    """A target, and what was found."""

    target: Target
    value: float

    @property
    def is_kept(self) -> bool:
        """Whether it is reached."""
        return self.value <= self.target.most

    def __str__(self) -> str:
        """A line of the list."""
        target = self.target
        word = "kept" if self.is_kept else "**broken**" if target.rank == "must" else "not yet"
        unit = f"× {target.rival}" if target.rival else target.unit
        return f"{target.rank}: {word}: {target.promise} ≤ {target.most:g} {unit}: {self.value:.2f}"


COST = "CPU a request at 90 %"
TARGETS = (
    Target("must", COST, "cpu-90", 1.6, rival="nginx-njs"),
    Target("must", COST, "cpu-90", 0.7, rival="caddy"),
    Target("must", COST, "cpu-90", 0.2, rival="aiohttp"),
    Target("must", "latency added, p50", "p50", 0.5, "ms"),
    Target("must", "latency added, p99.9", "p99.9", 5.0, "ms"),
    Target("must", "memory of an idle worker", "idle-worker", 60.0, "MiB"),
    Target("must", "memory of an idle connection", "a-client", 15.0, "KiB"),
    Target("must", "memory gained by 1 GiB down", "down-gain", 16.0, "MiB"),
    Target("must", "memory gained by 1 GiB up", "up-gain", 16.0, "MiB"),
    Target("goal", COST, "cpu-90", 1.0, rival="nginx-njs"),
    Target("goal", COST, "cpu-90", 1.25, rival="haproxy"),
    Target("goal", "latency added while all goes on, p99.9", "stress-p99.9", 2.0, "ms"),
    Target("goal", "memory of an idle worker", "idle-worker", 40.0, "MiB"),
    Target("goal", "memory of an idle connection", "a-client", 6.0, "KiB"),
)


def verdicts(results: Results) -> Iterator[Verdict]:
    """On each target that was measured."""
    for target in TARGETS:
        value = target.value(results)
        if value is not None:
            yield Verdict(target, value)

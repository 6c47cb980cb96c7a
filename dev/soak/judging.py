"""Whether anything grows: a straight line through the samples, and what the run must keep."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from dev.soak.samples import Sample

WARM_SHARE, WARM_S = 0.2, 300.0
"""How much of the run is warming up: caches of tokens and allocators fill. A fifth, 5 min at most.
"""
MOST_MIB = 3.0
MOST_DESCRIPTORS = 32.0
"""What the line may rise by from the end of the warm-up to the end of the run: clients come and go,
so descriptors scatter by dozens. Those at rest must be exactly what they were.
"""
EXPECTED = frozenset({"ok", "client_gone", "auth_refused", "bad_request"})


@dataclass(frozen=True, slots=True)
class Soaked:
    """A run: samples in order, the router at rest before and after, and what clients saw.

    *sent* are the requests that the router must have had a fate for.
    """

    rate: float
    before: Sample
    samples: Sequence[Sample]
    after: Sample
    sent: int
    failed: int
    worst_p99_ms: float
    surprises: Mapping[str, int] = field(default_factory=dict)

    @property
    def steady(self) -> list[Sample]:
        """The samples after the warm-up."""
        end = self.samples[-1].at_s
        return [one for one in self.samples if one.at_s >= min(end * WARM_SHARE, WARM_S)]

    @property
    def fates(self) -> dict[str, int]:
        """How many of the run's own requests had which."""
        all_of = {fate: n - self.before.fates.get(fate, 0) for fate, n in self.after.fates.items()}
        return {fate: count for fate, count in all_of.items() if count}

    @property
    def busy(self) -> float:
        """The share of its core that the router used."""
        first, last = self.samples[0], self.samples[-1]
        return (last.cpu_s - first.cpu_s) / (last.at_s - first.at_s)


@dataclass(frozen=True, slots=True)
class Verdict:
    """A promise, and what was found."""

    promise: str
    found: str
    is_kept: bool

    def __str__(self) -> str:
        """A line of the list."""
        return f"- {'kept' if self.is_kept else '**broken**'}: {self.promise}: {self.found}"


def slope(samples: Sequence[Sample], of: Callable[[Sample], float]) -> float:
    """How much a figure rises in a second: least squares."""
    xs, ys = [one.at_s for one in samples], [of(one) for one in samples]
    x0, y0 = sum(xs) / len(xs), sum(ys) / len(ys)
    spread = sum((x - x0) ** 2 for x in xs)
    return sum((x - x0) * (y - y0) for x, y in zip(xs, ys, strict=True)) / spread if spread else 0.0


def verdicts(soaked: Soaked) -> Iterator[Verdict]:
    """On each promise."""
    yield flat(soaked, "memory", "MiB", MOST_MIB, lambda one: one.memory_mib)
    yield flat(soaked, "descriptors", "", MOST_DESCRIPTORS, lambda one: one.descriptors)
    before, after = soaked.before, soaked.after
    yield Verdict(
        "descriptors at rest are what they were",
        f"{before.descriptors} before, {after.descriptors} after",
        after.descriptors <= before.descriptors,
    )
    yield Verdict("nothing is left under way", f"{after.under_way}", after.under_way == 0)
    counted = sum(soaked.fates.values())
    yield Verdict(
        "the fates sum to the requests", f"{counted} of {soaked.sent}", counted == soaked.sent
    )
    odd = {fate: count for fate, count in soaked.fates.items() if fate not in EXPECTED}
    yield Verdict("no fate but those asked for", told(odd), not odd)
    yield Verdict("no request without its right answer", f"{soaked.failed}", not soaked.failed)
    yield Verdict("no surprise in the mix", told(soaked.surprises), not soaked.surprises)
    yield Verdict("no worker died", f"{after.died}", after.died == 0)


def flat(
    soaked: Soaked, name: str, unit: str, most: float, of: Callable[[Sample], float]
) -> Verdict:
    """Whether a figure stays where it was after the warm-up."""
    steady = soaked.steady
    rate = slope(steady, of)
    rise = rate * (steady[-1].at_s - steady[0].at_s)
    found = f"{rise:+.2f} {unit} ({rate * 3600:+.2f} an hour)".replace("  ", " ")
    return Verdict(f"{name} rise by at most {most:g} {unit}".rstrip(), found, rise <= most)


def told(counts: Mapping[str, int]) -> str:
    """Counts by name, or that there are none."""
    return ", ".join(f"{name} {count}" for name, count in counts.items()) or "none"

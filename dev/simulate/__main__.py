"""`make simulate`: the metastable case and the breaker's figures, each beside its bound."""

import sys
from collections.abc import Iterator
from typing import NamedTuple

from dev.simulate.figures import failures_a_minute, median_taken, opens_at, poisoned
from dev.simulate.metastable import play

SEEDS = range(20)
HOUR_S = 3_600.0


class Line(NamedTuple):
    """Something simulated, what came of it, and whether that is within its bound."""

    what: str
    came: str
    bound: str
    ok: bool


def metastable() -> Iterator[Line]:
    """A candidate that hangs for a minute, before a legacy that has a sixth of the room."""
    for workers in (1, 4):
        seen = [play(workers=workers, seed=seed) for seed in SEEDS]
        goodput, recovery = min(s.goodput for s in seen), max(s.recovery_s for s in seen)
        told = f"candidate hangs 60 s, {workers} worker(s), worst of {len(seen)}"
        yield Line(f"{told}: goodput", f"{goodput:.1%} of capacity", ">= 95 %", goodput >= 0.95)
        yield Line(f"{told}: recovery", f"{recovery:.1f} s", "< 30 s", recovery < 30.0)
    for workers in (1, 4):
        seen = [play(workers=workers, queue=0, seed=seed) for seed in SEEDS]
        told = f"where no rescue waits for legacy, {workers} worker(s)"
        recovery, lost = max(s.recovery_s for s in seen), max(len(s.in_vain) for s in seen)
        yield Line(f"{told}: recovery", f"{recovery:.1f} s", "< 30 s", recovery < 30.0)
        yield Line(f"{told}: probes in vain", f"{lost} of 100 users", "", True)
    bare, endless = play(protected=False), play(queue=None)
    waited, guarded = len(bare.waited), len(play().waited)
    yield Line(
        "requests that wait for the candidate's timeout", f"{guarded}", "< a quarter of without",
        guarded < waited / 4,
    )  # fmt: skip
    yield Line("the same without a breaker", f"{waited}", "", True)
    yield Line(
        "goodput if legacy's queue had no bound", f"{endless.goodput:.1%} of capacity",
        "none: no breaker mends that", True,
    )  # fmt: skip


def figures() -> Iterator[Line]:
    """What is enough, and what is not."""
    for workers in (1, 4):
        count = failures_a_minute(workers)
        told = f"failures in a row at one request a minute, {workers} worker(s)"
        yield Line(told, f"{count}", "4", count == 4)
    for share, expected, runs in ((0.3, 17, 4_000), (0.1, 81, 2_000), (0.05, 261, 1_000)):
        found = median_taken(share, runs)
        near = abs(found / expected - 1) <= 0.1
        yield Line(f"requests until it opens at {share:.0%} (median)", f"{found:.0f}",
                   f"{expected} within 10 %", near)  # fmt: skip
    found = median_taken(0.02, 40)
    yield Line("the same at 2 %", f"{found:.0f}", "> 2,000", found > 2_000)
    at = opens_at(0.005, HOUR_S)
    yield Line("an hour at 0.5 % of 1,000 a second, 4 workers", said(at), "never opens", at is None)
    at = opens_at(0.1, HOUR_S)
    yield Line("the same at 10 %", said(at), "< 1 s", at is not None and at < 1.0)
    opened = poisoned(10_000)
    yield Line("one user's poison every minute for a week", "opens" if opened else "never opens",
               "never opens", not opened)  # fmt: skip


def said(at: float | None) -> str:
    """When it opened, in words."""
    return "never opens" if at is None else f"opens after {at:.2f} s"


def main() -> int:
    """Print all; 1 if anything is out of its bound."""
    failed = False
    for part in (metastable, figures):
        for line in part():
            failed = failed or not line.ok
            mark = "   " if line.ok else "BAD"
            print(f"{mark} {line.what:<62} {line.came:<22} {line.bound}", flush=True)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())

"""`make bench-guard`: the router's CPU a request as a ratio within this run, below a bound.

A time would say more of the machine than of the router. What is asked is the cost of the whole job
at 90 % of tokens seen before, against nginx with njs doing the same job; where that is not
installed, against an aiohttp Application with a ClientSession that only forwards.
"""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from dev.bench.cost import at_rate
from dev.bench.figures import Figure, Results
from dev.bench.installing import ready
from dev.bench.peers import BY_NAME
from dev.bench.running import NoBench
from dev.bench.stages import Stage
from dev.bench.subject import Subject
from dev.bench.table import table
from dev.bench.targets import ROUTER
from dev.bench.turns import Plan, take_turns
from dev.plan import ROOT
from dev.screen import complain

TURNS = 3
SECONDS = 2.0
BOUNDS = {"nginx-njs": 2.2, "aiohttp": 0.45}
"""The most that the router may cost, times the reference; the first that can be had is taken.

Measured: 0.9 to 1.3 x nginx-njs, 0.21 to 0.25 x aiohttp. A notch above that, so that a disturbed
machine passes and a lost optimisation does not; the targets are 1.6 and 0.2.
"""


def cost(subject: Subject) -> dict[str, float]:
    """CPU at the one rate."""
    return {"cpu-90": at_rate(subject, 90).cpu_us}


FIGURE = Figure("cpu-90", "90 % of tokens seen before", "µs")
STAGE = Stage("guard", "CPU a request", (FIGURE,), cost)


def main(arguments: Sequence[str]) -> int:
    """Measure and judge; the exit code."""
    made = argparse.ArgumentParser(prog="python -m dev.bench.guard")
    made.add_argument("--checkout", type=Path, default=ROOT, help="whose router is measured")
    checkout = made.parse_args(arguments).checkout.resolve()
    with tempfile.TemporaryDirectory(prefix="strangler-bench-") as folder:
        try:
            [reference, *_] = ready([BY_NAME[name] for name in BOUNDS])
            plan = Plan([BY_NAME[ROUTER], reference], [STAGE], TURNS, SECONDS, checkout)
            [*_, results] = take_turns(plan, Path(folder))
        except NoBench as error:
            return complain(str(error))
    print(table(STAGE, results, [ROUTER, reference.name]))
    return judge(results, reference.name)


def judge(results: Results, reference: str) -> int:
    """Say what was found; 1 if it is too much."""
    ratio, most = results.ratio(FIGURE.name, ROUTER, reference), BOUNDS[reference]
    if ratio is None:
        return complain(f"nothing was measured of {ROUTER} and {reference}")
    found = f"the router costs {ratio:.2f} x {reference} a request; it may {most:g}"
    if ratio > most:
        return complain(f"{found}. `make profile` shows where it goes.")
    print(found)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

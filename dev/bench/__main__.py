"""`make bench`: measure the router beside its peers, print the tables, write the page."""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

from dev.bench.figures import Results
from dev.bench.installing import ready
from dev.bench.page import judged, write
from dev.bench.peers import BY_NAME, PEERS, Peer
from dev.bench.running import NoBench
from dev.bench.stages import STAGES, Stage
from dev.bench.table import table
from dev.bench.turns import Plan, take_turns
from dev.plan import ROOT
from dev.screen import complain

T = TypeVar("T")
TURNS = 5
SECONDS = 2.0


def main(arguments: Sequence[str]) -> int:
    """Do what the command line asks for; the exit code."""
    options = parser().parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="strangler-bench-") as folder:
        try:
            found = ready(options.peers)
            plan = Plan(
                found, options.only, options.turns, options.seconds, options.checkout.resolve()
            )
            results = Results()
            for so_far in take_turns(plan, Path(folder)):
                results = so_far
        except NoBench as error:
            return complain(str(error))
        except KeyboardInterrupt:
            return complain("stopped") + 129
    report(plan, results, options.write)
    return 0


def report(plan: Plan, results: Results, page: Path | None) -> None:
    """Print all, and write the page if that was asked for."""
    names = [peer.name for peer in plan.peers]
    for stage in plan.stages:
        print(f"\n{stage.title}\n\n{table(stage, results, names)}")
    print(f"\n{judged(results)}")
    if page is not None:
        write(page, results, plan.stages, names, command(plan, page))
        print(f"written: {page}")


def command(plan: Plan, page: Path) -> str:
    """How to do the same again."""
    only = ",".join(stage.name for stage in plan.stages) if plan.stages != list(STAGES) else ""
    said = {"TURNS": plan.turns, "SECONDS": f"{plan.seconds:g}", "ONLY": only, "WRITE": page}
    return f"make bench {' '.join(f'{name}={value}' for name, value in said.items() if value)}"


def peers(text: str) -> list[Peer]:
    """`strangler,haproxy` as peers."""
    return [named(BY_NAME, name) for name in text.split(",")]


def stages(text: str) -> list[Stage]:
    """`cpu,latency` as stages."""
    by_name = {stage.name: stage for stage in STAGES}
    return [named(by_name, name) for name in text.split(",")]


def named(known: dict[str, T], name: str) -> T:
    """One of those that are known."""
    if name not in known:
        raise argparse.ArgumentTypeError(f"{name!r} is none of {', '.join(known)}")
    return known[name]


def parser() -> argparse.ArgumentParser:
    """The options."""
    made = argparse.ArgumentParser(prog="python -m dev.bench", description="Beside its peers.")
    made.add_argument("--turns", type=int, default=TURNS, help=f"of each peer ({TURNS})")
    made.add_argument("--seconds", type=float, default=SECONDS, help=f"of load ({SECONDS:g})")
    made.add_argument("--only", type=stages, default=list(STAGES), help="some of the stages")
    made.add_argument("--peers", type=peers, default=list(PEERS), help="some of the peers")
    made.add_argument("--checkout", type=Path, default=ROOT, help="whose router is measured")
    made.add_argument("--write", type=Path, help="write the report to this page as well")
    return made


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

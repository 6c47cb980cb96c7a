"""`make bench`: measure the router beside its peers, and print the tables."""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from dev.bench.figures import Results
from dev.bench.peers import BY_NAME, PEERS, Peer
from dev.bench.running import NoBench
from dev.bench.stages import STAGES, Stage
from dev.bench.table import table
from dev.bench.turns import Plan, take_turns
from dev.plan import ROOT
from dev.screen import complain


def main(arguments: Sequence[str]) -> int:
    """Do what the command line asks for; the exit code."""
    options = parser().parse_args(arguments)
    plan = Plan(options.peers, options.only, options.turns, options.seconds, options.checkout)
    results = Results()
    with tempfile.TemporaryDirectory(prefix="strangler-bench-") as folder:
        try:
            for turn, so_far in enumerate(take_turns(plan, Path(folder)), start=1):
                results = so_far
                print(f"turn {turn} of {plan.turns} done", flush=True)
        except NoBench as error:
            return complain(str(error))
        except KeyboardInterrupt:
            return complain("stopped") + 129
    for stage in plan.stages:
        print(f"\n{stage.title}\n\n{table(stage, results, [peer.name for peer in plan.peers])}")
    return 0


def peers(text: str) -> list[Peer]:
    """`strangler,haproxy` as peers."""
    return [BY_NAME[name] for name in text.split(",")]


def stages(text: str) -> list[Stage]:
    """`cpu,latency` as stages."""
    by_name = {stage.name: stage for stage in STAGES}
    return [by_name[name] for name in text.split(",")]


def parser() -> argparse.ArgumentParser:
    """The options."""
    made = argparse.ArgumentParser(prog="python -m dev.bench", description="Beside its peers.")
    made.add_argument("--turns", type=int, default=5, help="how often each is measured (5)")
    made.add_argument("--seconds", type=float, default=4.0, help="of load, each time (4)")
    made.add_argument("--only", type=stages, default=list(STAGES), help="some of the stages")
    made.add_argument("--peers", type=peers, default=list(PEERS), help="some of the peers")
    made.add_argument("--checkout", type=Path, default=ROOT, help="whose router is measured")
    return made


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

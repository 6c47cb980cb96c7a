"""`python -m dev.chaos.goodput`: this part alone, with every length to be chosen."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from dev.chaos.goodput.faults import FAULTS
from dev.chaos.goodput.running import Phases
from dev.chaos.goodput.telling import tried

OURS = Phases()


def main(arguments: Sequence[str]) -> int:
    """Do what the command line asks for; the exit code."""
    options = parser().parse_args(arguments)
    low, _, high = options.think.partition("-")
    phases = Phases(
        alone_s=options.alone,
        warm_s=options.warm,
        fault_s=options.fault,
        rest_s=options.rest,
        settle_s=options.settle,
        users=options.users,
        native=options.native,
        think_s=(float(low), float(high)),
        only=tuple(options.faults),
    )
    return tried(phases, page=options.write, rules=options.rules, keep=options.keep)


def parser() -> argparse.ArgumentParser:
    """The options."""
    made = argparse.ArgumentParser(prog="python -m dev.chaos.goodput", description="Coach away.")
    for name in ("alone", "warm", "fault", "rest", "settle"):
        of_ours = getattr(OURS, f"{name}_s")
        made.add_argument(f"--{name}", type=float, default=of_ours, help=f"seconds ({of_ours:g})")
    made.add_argument("--users", type=int, default=OURS.users, help="of coach")
    made.add_argument("--native", type=int, default=OURS.native, help="of the monolith")
    made.add_argument("--think", default="5-10", help="seconds between requests (5-10)")
    made.add_argument(
        "--faults", nargs="+", default=[], choices=[fault.name for fault in FAULTS], help="(all)"
    )
    made.add_argument("--rules", default="", help="lines to add to the route, for a trial")
    made.add_argument("--keep", type=Path, help="leave ledgers and logs in this folder")
    made.add_argument("--write", type=Path, help="write the report to this page, the plot beside")
    return made


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

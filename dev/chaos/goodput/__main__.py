"""`make chaos ONLY=goodput`: run, print, judge; exit code 1 where a promise is broken."""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from dev.chaos.goodput.faults import FAULTS
from dev.chaos.goodput.judging import Run, verdicts
from dev.chaos.goodput.network import NoNetwork
from dev.chaos.goodput.plot import write_plot
from dev.chaos.goodput.report import report, write
from dev.chaos.goodput.running import Phases, run
from dev.chaos.goodput.scene import scene
from dev.process import NotReady
from dev.screen import complain

OURS = Phases()


def main(arguments: Sequence[str]) -> int:
    """Do what the command line asks for; the exit code."""
    options = parser().parse_args(arguments)
    phases = phases_of(options)
    with tempfile.TemporaryDirectory(prefix="strangler-chaos-") as folder:
        try:
            with scene(options.keep or Path(folder), options.rules) as one:
                seen = run(one, phases)
        except (NotReady, NoNetwork) as error:
            return complain(str(error))
        except KeyboardInterrupt:
            return complain("stopped") + 129
    return tell(seen, phases, options)


def tell(seen: Run, phases: Phases, options: argparse.Namespace) -> int:
    """Print it, and write what is to be written."""
    print(f"\n{report(seen)}")
    if options.plot is not None:
        write_plot(options.plot, seen)
    if options.write is not None:
        write(options.write, seen, f"make chaos ONLY=goodput WRITE={options.write}", told(phases))
        print(f"written: {options.write}")
    return 0 if all(one.is_kept for one in verdicts(seen)) else 1


def told(phases: Phases) -> str:
    """What was played."""
    low, high = phases.think_s
    return (
        f"{phases.users} users at 100 %, {low:g} to {high:g} s between their requests, and "
        f"{phases.native} of the monolith; each fault lasts {phases.fault_s:g} s, of which the "
        f"first {phases.settle_s:g} s are not judged, and {phases.rest_s:g} s are between them."
    )


def phases_of(options: argparse.Namespace) -> Phases:
    """How long, how many, which."""
    low, _, high = options.think.partition("-")
    return Phases(
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
    made.add_argument("--plot", type=Path, help="write the plot to this file")
    made.add_argument("--write", type=Path, help="write the report to this page, the plot beside")
    return made


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""`make soak`: load the router for long, print what it held meanwhile, and judge it."""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from dev.bench.running import NoBench
from dev.plan import ROOT
from dev.screen import complain
from dev.soak.judging import verdicts
from dev.soak.page import report, write
from dev.soak.plot import write_plot
from dev.soak.running import router, soak

SECONDS = 1800.0


def main(arguments: Sequence[str]) -> int:
    """Do what the command line asks for; the exit code is 1 where something grows or goes wrong."""
    options = parser().parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="strangler-soak-") as folder:
        try:
            with router(Path(folder), options.checkout.resolve()) as subject:
                soaked = soak(subject, options.seconds)
        except NoBench as error:
            return complain(str(error))
        except KeyboardInterrupt:
            return complain("stopped") + 129
    print(f"\n{report(soaked)}")
    if options.plot is not None:
        write_plot(options.plot, soaked.samples)
        print(f"plotted: {options.plot}")
    if options.write is not None:
        said = f"make soak SECONDS={options.seconds:g} WRITE={options.write}"
        write(options.write, soaked, said)
        print(f"written: {options.write}")
    return 0 if all(one.is_kept for one in verdicts(soaked)) else 1


def parser() -> argparse.ArgumentParser:
    """The options."""
    made = argparse.ArgumentParser(prog="python -m dev.soak", description="For long.")
    made.add_argument("--seconds", type=float, default=SECONDS, help=f"of load ({SECONDS:g})")
    made.add_argument("--checkout", type=Path, default=ROOT, help="whose router is loaded")
    made.add_argument("--plot", type=Path, help="write the plot to this file")
    made.add_argument("--write", type=Path, help="write the report to this page, the plot beside")
    return made


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""`make chaos`: play the parts that are asked for, print their reports, and judge them."""

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

PARTS = ("rescue", "goodput")
"""Each is a module `dev.chaos.PART` with `run(options)`, which gives the exit code."""


def main(arguments: Sequence[str]) -> int:
    """Do what the command line asks for; the exit code is 1 where a part fails."""
    options = parser().parse_args(arguments)
    codes: list[int] = [import_module(f"dev.chaos.{part}").run(options) for part in options.only]
    return max(codes)


def parts(text: str) -> list[str]:
    """The parts that *text* names."""
    named = text.split(",")
    unknown = set(named) - set(PARTS)
    if unknown:
        raise argparse.ArgumentTypeError(f"no part is called {', '.join(sorted(unknown))}")
    return named


def parser() -> argparse.ArgumentParser:
    """The options; a part takes those that mean something to it."""
    made = argparse.ArgumentParser(prog="python -m dev.chaos", description="Everything goes wrong.")
    made.add_argument("--only", type=parts, default=PARTS, help=f"parts ({','.join(PARTS)})")
    made.add_argument("--seed", type=int, help="of what is drawn by lot; it is printed")
    made.add_argument("--count", type=int, help="exchanges of the rescue")
    made.add_argument("--exchange", type=int, help="play this one exchange of the rescue again")
    made.add_argument("--seconds", type=float, help="of goodput")
    made.add_argument("--write", type=Path, help="write the reports to this page")
    return made


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

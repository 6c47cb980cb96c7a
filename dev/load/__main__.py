"""`make load`: start the stack, set the users on it at each percentage, print the columns.

Exit code 1 if a promise was broken at a percentage above 0, or a user was on a wrong side.
"""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from dev.demo import shown_headers
from dev.load.column import Column, table
from dev.load.page import page, write
from dev.load.runs import REPORTS, NoRun, column, k6
from dev.process import NotReady
from dev.screen import complain
from dev.stack import Stack
from load.wishes import Wishes, wishes


def main(arguments: Sequence[str]) -> int:
    """Do what the command line asks for; the exit code."""
    options = parser().parse_args(arguments)
    names = ("users", "seconds", "shape", "mix", "think")
    try:
        asked = wishes({f"LOAD_{name.upper()}": getattr(options, name) for name in names})
    except ValueError as error:
        return complain(str(error))
    if find_spec("locust") is None:
        return complain("locust is not installed; pip install -r requirements-load.lock")
    with tempfile.TemporaryDirectory(prefix="strangler-load-") as folder:
        try:
            with Stack(Path(folder), change=shown_headers) as stack:
                return on(stack, asked, options)
        except (NoRun, NotReady, RuntimeError) as error:
            return complain(str(error))
        except KeyboardInterrupt:
            return complain("stopped") + 129


def on(stack: Stack, asked: Wishes, options: argparse.Namespace) -> int:
    """Run what was asked for on the stack; the exit code."""
    if options.by == "k6":
        codes = [(percent, k6(stack, asked, percent)) for percent in options.percents]
        return int(any(code for percent, code in codes if percent > 0))
    columns = []
    for percent in options.percents:
        print(f"{asked.users} users for {asked.seconds:g} s at {percent:g} % ...", flush=True)
        columns.append(column(stack, asked, percent))
    report(columns, asked, options.write)
    return int(any(one.fails for one in columns))


def report(columns: Sequence[Column], asked: Wishes, file: Path | None) -> None:
    """Print the columns side by side, and write the page if that was asked for."""
    print(f"\n{table(columns)}")
    for one in columns:
        print(f"\nAt {one.percent:g} %:")
        print(*(f"  {verdict}" for verdict in one.verdicts), sep="\n")
        print(
            *(f"          {count} x {why}" for why, count in one.tally.why.most_common(3)), sep="\n"
        )
    print(f"\nHTML and CSV: {REPORTS}")
    if file is not None:
        write(file, page(columns, asked, command(asked, file)))
        print(f"written: {file}")


def command(asked: Wishes, file: Path) -> str:
    """How to do the same again."""
    wish = f"USERS={asked.users} SECONDS={asked.seconds:g} SHAPE={asked.shape} MIX={asked.mix}"
    return f"make load {wish} WRITE={file}"


def percents(text: str) -> list[float]:
    """`0,100` as numbers."""
    return [float(one) for one in text.split(",")]


def parser() -> argparse.ArgumentParser:
    """The options."""
    made = argparse.ArgumentParser(prog="python -m dev.load", description="Load that judges.")
    made.add_argument("--users", default="100", help="how many (100)")
    made.add_argument("--seconds", default="60", help="for each percentage (60)")
    made.add_argument("--shape", default="steady", help="steady, ramp or spike; of Locust's users")
    made.add_argument("--mix", default="app", help="app, or wod for the WOD alone")
    made.add_argument("--think", default="5-10", help="seconds between requests (5-10)")
    made.add_argument("--percents", type=percents, default=[0.0, 100.0], help="(0,100)")
    made.add_argument("--by", choices=("locust", "k6"), default="locust")
    made.add_argument("--write", type=Path, help="write the report to this file as well")
    return made


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

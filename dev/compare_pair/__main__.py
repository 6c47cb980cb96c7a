"""`make compare-pair`: play, print, judge; exit code 1 where health is not silent or a bug is."""

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from dev.compare_pair.playing import Play, Stuck, played
from dev.compare_pair.report import MOST, Shown, report, write
from dev.compare_pair.scene import QUICK, change, fill, put_bug, users
from dev.process import NotReady
from dev.screen import complain
from dev.stack import Stack

COUNT = 10_000
Over = Callable[[Play], bool]


def main(arguments: Sequence[str]) -> int:
    """Do what the command line asks for; the exit code."""
    options = parser().parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="strangler-pair-") as folder:
        try:
            shown = show(Path(folder), options.count)
        except (NotReady, Stuck) as error:
            return complain(str(error))
        except KeyboardInterrupt:
            return complain("stopped") + 129
    print(f"\n{report(shown)}")
    if options.write is not None:
        write(
            options.write, shown, f"make compare-pair COUNT={options.count} WRITE={options.write}"
        )
        print(f"written: {options.write}")
    return 0 if shown.is_kept else 1


def show(folder: Path, count: int) -> Shown:
    """Play *count* exchanges of the healthy pair, then some with the bug in coach."""
    stack = Stack(folder, change=change, environment=QUICK, keys="HS256")
    fill(stack)
    tokens = {name: stack.token(name) for name in users()}
    with stack:
        print(f"{count} exchanges of the healthy pair ...", flush=True)
        began = time.monotonic()
        healthy = asyncio.run(played(stack, tokens, enough(count), one_by_one=False))
        took_s = time.monotonic() - began
        quiet = stack.strangler("compare", "wod")
        print("coach is replaced by one with a bug in its weights ...", flush=True)
        put_bug(stack)
        wrong = asyncio.run(played(stack, tokens, found_or(MOST), one_by_one=True))
        loud = stack.strangler("compare", "wod")
    return Shown(count, healthy, wrong, took_s, quiet, loud)


def enough(count: int) -> Over:
    """Over once so many were compared."""
    return lambda play: play.compared >= count


def found_or(most: int) -> Over:
    """Over once a mismatch is called so, or after so many exchanges."""
    return lambda play: play.book.is_found or play.sent >= most


def parser() -> argparse.ArgumentParser:
    """The options."""
    made = argparse.ArgumentParser(prog="python -m dev.compare_pair", description="The real pair.")
    made.add_argument("--count", type=int, default=COUNT, help=f"healthy exchanges ({COUNT})")
    made.add_argument("--write", type=Path, help="write what was seen to this page")
    return made


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

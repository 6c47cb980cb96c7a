"""The command `strangler`: one file a subcommand, imported late so that `--help` is quick."""

import os
import sys
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Sequence

from router import __version__
from router.cli import (
    check,
    compare,
    explain,
    healthcheck,
    plan,
    restart,
    serve,
    set_percent,
    status,
    token,
    wait,
)

SUBCOMMANDS = (
    serve,
    check,
    plan,
    explain,
    set_percent,
    wait,
    status,
    compare,
    restart,
    token,
    healthcheck,
)

EPILOG = """\
Flags win over STRANGLER_* variables, those over defaults. Exit codes: 0 all well, 1 invalid or
failed, 2 wrong usage.

examples:
  strangler check config/routes.yaml     is the file good? (like nginx -t)
  strangler serve                        run on config/routes.yaml
  strangler plan                         whom would the edited file move?
  strangler set wod 25 --wait            a quarter of the users to the candidate, confirmed
  strangler explain --user a@b.c         which side is this user on, and why
  strangler status                       is a candidate given up, since when and why?
  strangler compare wod                  where do the two sides' answers differ?
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line *argv*; the exit code."""
    try:
        arguments = parser().parse_args(argv)
        code: int = arguments.run(arguments)
    except SystemExit as stop:  # argparse: help was shown (0), or the usage was wrong (2)
        return int(stop.code or 0)
    except BrokenPipeError:  # the reader, `head` perhaps, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        return 130
    return code


def parser() -> ArgumentParser:
    """The grammar of the command line."""
    top = ArgumentParser(
        prog="strangler",
        description="Move one endpoint out of your monolith.",
        epilog=EPILOG,
        formatter_class=RawDescriptionHelpFormatter,
    )
    top.add_argument("--version", action="version", version=f"strangler {__version__}")
    commands = top.add_subparsers(metavar="COMMAND", required=True)
    for subcommand in SUBCOMMANDS:
        subcommand.add(commands)
    return top

"""`strangler set`: change the one number, and see it take effect."""

import time
from argparse import ArgumentTypeError, Namespace
from typing import TYPE_CHECKING, Any

from router.cli.arguments import Commands, add_admin, add_file, addresses, command, seconds
from router.cli.output import complain, say

if TYPE_CHECKING:
    from router.config.editing import Edit

EXAMPLES = """\
  strangler set wod 25                a quarter of the users to the candidate
  strangler set wod 0 --wait          nobody; returns once the running router confirms it
  strangler set wod 12.5 routes.yaml

Comments and layout stay. The new file is checked before it is written.
"""
POLL_S = 0.1


def add(commands: Commands) -> None:
    """Make the subcommand known."""
    parser = command(
        commands, "set", summary="set a route's percent in the file", examples=EXAMPLES
    )
    parser.add_argument("route", metavar="ROUTE")
    parser.add_argument("percent", metavar="PERCENT", type=percent, help="0 to 100, e.g. 12.5")
    add_file(parser)
    parser.add_argument(
        "--wait", action="store_true", help="until the running router has taken the file"
    )
    parser.add_argument(
        "--timeout", metavar="DURATION", type=seconds, default="10s", help="of --wait (10s)"
    )
    add_admin(parser)
    parser.set_defaults(run=run)


def percent(text: str) -> float:
    """A percentage as the file may have it."""
    from router.config.scalars import resolve

    value, doubt = resolve(text)
    is_number = isinstance(value, int | float) and not isinstance(value, bool) and doubt is None
    if not is_number or not 0 <= float(text) <= 100 or round(float(text), 3) != float(text):
        raise ArgumentTypeError(f"{text!r} is not 0 to 100 with at most three decimals")
    return float(text) + 0.0


def run(arguments: Namespace) -> int:
    """Edit the file, show what changed, and wait for the router if asked to."""
    from router.config.complaints import ConfigError
    from router.config.editing import set_percent
    from router.config.replacing import CannotReplace

    try:
        edit = set_percent(arguments.file, arguments.route, arguments.percent, addresses())
        edit.write()
    except ConfigError as error:
        return complain(error.problems)
    except CannotReplace as error:
        return complain([error])
    say(edit.diff().rstrip() or f"{arguments.route} has percent {arguments.percent:g} already")
    complain(f"warning: {warning}" for warning in edit.snapshot.warnings)
    return wait(arguments, edit) if arguments.wait else 0


def wait(arguments: Namespace, edit: "Edit") -> int:
    """Ask the running router until it serves on the new file; 1 if it refused, or time is up."""
    wanted = edit.snapshot.hash
    end = time.monotonic() + arguments.timeout
    while True:
        state = ask(arguments.admin)
        if state.get("hash") == wanted:
            say(f"in force (hash {wanted})")
            return 0
        verdict = state.get("last_reload", {})
        if verdict.get("hash") == wanted and not verdict.get("ok", True):
            return complain(["the router refused it:", *verdict.get("problems", ())])
        if time.monotonic() >= end:
            return complain([f"not in force after {arguments.timeout:g} s: {seen(state)}"])
        time.sleep(POLL_S)


def ask(admin: str) -> dict[str, Any]:
    """What `/config` of the admin port says, or under `error` why it says nothing."""
    from router.cli.asking import NoAnswer, get_json

    try:
        return get_json(admin, "/config")
    except NoAnswer as error:
        return {"error": str(error)}


def seen(state: dict[str, Any]) -> str:
    """What was seen instead of the wanted hash."""
    error: str | None = state.get("error")
    return error or f"the router serves {state.get('source')} with hash {state.get('hash')}"

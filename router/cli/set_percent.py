"""`strangler set`: change the one number, and see it take effect."""

from argparse import ArgumentTypeError, Namespace
from typing import TYPE_CHECKING

from router.cli.arguments import Commands, add_file, addresses, command, seconds
from router.cli.output import complain, say
from router.cli.replicas import add_replicas

if TYPE_CHECKING:
    from router.config.editing import Edit

EXAMPLES = """\
  strangler set wod 25                a quarter of the users to the candidate
  strangler set wod 0 --wait          nobody; returns once the running router confirms it
  strangler set wod 12.5 routes.yaml

Comments and layout stay. The new file is checked before it is written. With several replicas:
--wait --admin one:9901 --admin two:9901, or a name that has the address of each; and where
something else brings the file to them, `strangler wait` after that.
"""


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
    add_replicas(parser)
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
    """Until all replicas serve by the new file."""
    from router.cli.following import follow

    return follow(arguments.admin, edit.snapshot.hash, arguments.timeout)

"""`strangler wait`: until every replica serves by a file."""

import re
from argparse import ArgumentTypeError, Namespace

from router.cli.arguments import Commands, add_file, addresses, command, seconds
from router.cli.output import complain
from router.cli.replicas import add_replicas

EXAMPLES = """\
  strangler wait                                        config/routes.yaml, at this machine's router
  strangler wait --admin one:9901 --admin two:9901      at both
  strangler wait --admin routers:9901 --timeout 2m      at each address that the name has
  strangler wait --hash 260135b06d9d                    for a file that is not at hand

For files that something else brings to the replicas: after `strangler set`, a commit, `kubectl
apply`. Those that do not follow are named on standard error, each with the reason. Exit codes:
0 in force everywhere, 1 refused by one or late.
"""
HASH = re.compile(r"[0-9a-f]{12}")


def add(commands: Commands) -> None:
    """Make the subcommand known."""
    summary = "wait until all replicas of the running router serve by a file"
    parser = command(commands, "wait", summary=summary, examples=EXAMPLES)
    add_file(parser)
    parser.add_argument(
        "--hash",
        metavar="HASH",
        type=digest,
        help="of the file that is waited for, as `strangler check` tells it (that of FILE)",
    )
    parser.add_argument(
        "--timeout", metavar="DURATION", type=seconds, default="10s", help="for all of them (10s)"
    )
    add_replicas(parser)
    parser.set_defaults(run=run)


def digest(text: str) -> str:
    """A file's hash."""
    if not HASH.fullmatch(text):
        raise ArgumentTypeError(f"{text!r} is not a hash as `strangler check` tells it")
    return text


def run(arguments: Namespace) -> int:
    """Wait; 0 once all serve by the file."""
    from router.cli.following import follow
    from router.config.complaints import ConfigError
    from router.config.loading import load_file

    try:
        wanted = arguments.hash or load_file(arguments.file, addresses()).hash
    except ConfigError as error:
        return complain(error.problems)
    return follow(arguments.admin, wanted, arguments.timeout)

"""`strangler wait`: until every replica serves by a file."""

from argparse import Namespace

from router.cli.arguments import Commands, add_file, addresses, command, seconds
from router.cli.output import complain
from router.cli.replicas import add_replicas

EXAMPLES = """\
  strangler wait                                        config/routes.yaml, at this machine's router
  strangler wait --admin one:9901 --admin two:9901      at both
  strangler wait --admin routers:9901 --timeout 2m      at each address that the name has
  strangler wait /dev/stdin < routes.yaml               what another machine has

For files that something else brings to the replicas: after `strangler set`, a commit, `kubectl
apply`. Those that do not follow are named on standard error, each with the reason. Exit codes:
0 in force everywhere, 1 refused by one or late.
"""


def add(commands: Commands) -> None:
    """Make the subcommand known."""
    summary = "wait until all replicas of the running router serve by a file"
    parser = command(commands, "wait", summary=summary, examples=EXAMPLES)
    add_file(parser)
    parser.add_argument(
        "--timeout", metavar="DURATION", type=seconds, default="10s", help="for all of them (10s)"
    )
    add_replicas(parser)
    parser.set_defaults(run=run)


def run(arguments: Namespace) -> int:
    """Wait; 0 once all serve by the file."""
    from router.cli.following import follow
    from router.config.complaints import ConfigError
    from router.config.loading import load_file

    try:
        snapshot = load_file(arguments.file, addresses())
    except ConfigError as error:
        return complain(error.problems)
    return follow(arguments.admin, snapshot.hash, arguments.timeout)

"""`strangler healthcheck`: is the router of this container ready?"""

from argparse import Namespace

from router.cli.arguments import Commands, add_admin, command
from router.cli.output import complain, say

EXAMPLES = """\
  strangler healthcheck
  HEALTHCHECK CMD ["strangler", "healthcheck"]
"""


def add(commands: Commands) -> None:
    """Make the subcommand known."""
    summary = "ask a running router whether it is ready"
    parser = command(commands, "healthcheck", summary=summary, examples=EXAMPLES)
    add_admin(parser)
    parser.set_defaults(run=run)


def run(arguments: Namespace) -> int:
    """0 if `/readyz` says so."""
    from router.cli.asking import NoAnswer, get

    try:
        status, body = get(arguments.admin, "/readyz")
    except NoAnswer as error:
        return complain([error])
    if status != 200:
        return complain([f"not ready: {status} {body.decode(errors='replace')[:200]}"])
    say("ready")
    return 0

"""`strangler serve`: run the router."""

from argparse import Namespace
from pathlib import Path

from router.cli.arguments import (
    Commands,
    add_admin,
    address,
    addresses,
    command,
    from_environment,
    seconds,
    workers,
)
from router.cli.output import complain

EXAMPLES = """\
  strangler serve
  strangler serve --config /etc/strangler/routes.yaml --listen 0.0.0.0:80 --grace 60s
  strangler serve --workers auto
  STRANGLER_ACCESS_LOG=off strangler serve
  STRANGLER_UPSTREAMS=coach=http://coach:5002 strangler serve

SIGTERM finishes what runs and stops; SIGHUP has the file looked at now; SIGUSR1 opens the access
log's file again; SIGUSR2 replaces the workers, as `strangler restart` does.

STRANGLER_UPSTREAMS says where upstreams are in this deployment, instead of where the file says:
NAME=URL, several with commas. All commands that read the file honour it.
"""


def add(commands: Commands) -> None:
    """Make the subcommand known."""
    parser = command(commands, "serve", summary="run the router", examples=EXAMPLES)
    parser.add_argument(
        "--config",
        metavar="FILE",
        type=Path,
        default=Path(from_environment("STRANGLER_CONFIG", "config/routes.yaml")),
        help="the configuration, watched for changes (STRANGLER_CONFIG, else config/routes.yaml)",
    )
    parser.add_argument(
        "--listen",
        metavar="HOST:PORT",
        type=address,
        default=from_environment("STRANGLER_LISTEN", "0.0.0.0:8080"),
        help="where clients connect (STRANGLER_LISTEN, else 0.0.0.0:8080)",
    )
    add_admin(parser)
    parser.add_argument(
        "--grace",
        metavar="DURATION",
        type=seconds,
        default=from_environment("STRANGLER_GRACE", "30s"),
        help="what running exchanges get to finish in at a stop (STRANGLER_GRACE, else 30s)",
    )
    parser.add_argument(
        "--access-log",
        metavar="FILE",
        default=from_environment("STRANGLER_ACCESS_LOG", "-"),
        help="a file, - for standard output, or off (STRANGLER_ACCESS_LOG, else -)",
    )
    parser.add_argument(
        "--workers",
        metavar="N",
        type=workers,
        default=from_environment("STRANGLER_WORKERS", "1"),
        help="processes that serve, auto for one a processor (STRANGLER_WORKERS, else 1)",
    )
    parser.set_defaults(run=run)


def run(arguments: Namespace) -> int:
    """Serve until told to stop."""
    from router.config.complaints import ConfigError
    from router.serve import Options
    from router.serve import run as serve

    try:
        upstreams = addresses()
    except ConfigError as error:
        return complain(error.problems)
    return serve(
        Options(
            config=arguments.config,
            addresses=upstreams,
            listen=arguments.listen,
            admin=arguments.admin,
            grace_s=arguments.grace,
            access_log=arguments.access_log,
            workers=arguments.workers,
        )
    )

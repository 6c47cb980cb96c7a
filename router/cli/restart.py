"""`strangler restart`: new workers, one after the other, and no request lost."""

import os
import signal
import time
from argparse import Namespace
from typing import Any

from router.cli.arguments import Commands, add_admin, command, seconds
from router.cli.output import complain, say

EXAMPLES = """\
  strangler restart                     after an upgrade: the new version serves, nobody notices
  strangler restart --timeout 5m        with many workers

Each new worker takes connections before the old one stops, which then finishes what it has. It
must be typed on the router's own machine, by its user or root: the supervisor, whose pid the admin
port tells, is sent SIGUSR2.
"""
POLL_S = 0.1


def add(commands: Commands) -> None:
    """Make the subcommand known."""
    summary = "replace the workers of the running router, one after the other"
    parser = command(commands, "restart", summary=summary, examples=EXAMPLES)
    parser.add_argument(
        "--timeout", metavar="DURATION", type=seconds, default="2m", help="until all are new (2m)"
    )
    add_admin(parser)
    parser.set_defaults(run=run)


def run(arguments: Namespace) -> int:
    """Have the workers replaced; 0 once all are new."""
    from router.cli.asking import NoAnswer, get_json

    try:
        before = get_json(arguments.admin, "/config")
    except NoAnswer as error:
        return complain([error])
    problem = signalled(before.get("supervisor", {}), arguments.admin)
    if problem is not None:
        return complain([problem])
    return wait(arguments, before)


def signalled(supervisor: dict[str, Any], admin: str) -> str | None:
    """Send the signal; why not, if the process is not on this machine or another user's."""
    from router.edge.identity import started

    pid = supervisor.get("pid")
    if not isinstance(pid, int) or pid < 1:
        return f"the admin port {admin} names no supervisor"
    if supervisor.get("started") is None or started(pid) != supervisor["started"]:
        # The pid may be one of another machine or container, and here somebody else's.
        return (
            f"the router at {admin} is not of this machine, or its process {pid} cannot be seen; "
            f"there: kill -USR2 {pid}"
        )
    try:
        os.kill(pid, signal.SIGUSR2)
    except OSError as error:
        return f"process {pid} cannot be sent SIGUSR2: {error.strerror}"
    return None


def wait(arguments: Namespace, before: dict[str, Any]) -> int:
    """Ask the running router until all workers are new; 1 if they will not be, or time is up."""
    wanted = before["restart"]["asked"] + 1
    end = time.monotonic() + arguments.timeout
    while time.monotonic() < end:
        now = state(arguments.admin)
        if now.get("restart", {}).get("done", 0) >= wanted:
            return tell(before, now)
        time.sleep(POLL_S)
    return complain(
        [f"not all workers are new after {arguments.timeout:g} s; see the router's log"]
    )


def state(admin: str) -> dict[str, Any]:
    """What `/config` says; nothing, where it does not answer."""
    from router.cli.asking import NoAnswer, get_json

    try:
        return get_json(admin, "/config")
    except NoAnswer:
        return {}


def tell(before: dict[str, Any], now: dict[str, Any]) -> int:
    """What was done."""
    old = {worker["pid"] for worker in before["workers"]}
    new = [w["pid"] for w in now["workers"] if w["state"] == "ready" and w["pid"] not in old]
    left = [w["pid"] for w in now["workers"] if w["state"] == "draining"]
    problem = now["restart"]["problem"]
    if problem is not None:
        return complain([problem])
    say(f"new workers: {', '.join(map(str, new))}")
    if left:
        say(f"old ones that finish what they have: {', '.join(map(str, left))}")
    return 0

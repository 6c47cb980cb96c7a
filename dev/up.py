"""`make up`: monolith, coach and router on this machine, their three logs in one terminal.

    python -m dev.up            all three, until Ctrl-C
    python -m dev.up coach      start coach again in the stack that runs in another terminal

A program that dies is reported and stays down while the others go on: that the router rescues what
a dead coach cannot answer is the point of the whole, and one is meant to try it. Process runners
for Procfiles (honcho, foreman) stop everything when any one program ends, so this is our own.
"""

import fcntl
import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dev.foreground import Foreground
from dev.places import unusable
from dev.plan import ROOT, CannotPlan, Layout, Plan, bound, plan
from dev.process import POLL_S
from dev.screen import complain
from dev.secret import keep
from dev.signing import VARIABLE, SharedSecret, Signing, signing_in
from router.config.complaints import ConfigError
from router.config.loading import load_file

USER = "lea@example.com"  # at 10 per cent she is one of the first on coach
AGAIN_WITHIN_S = 20.0
PROGRAMS = ("coach", "monolith", "router")


def main(arguments: list[str]) -> int:
    """Run what the command line asks for; the exit code."""
    folder = Path(os.environ.get("STRANGLER_DEV_FOLDER") or ROOT / ".dev")
    folder.mkdir(parents=True, exist_ok=True)
    match arguments:
        case []:
            return up(folder)
        case [name] if name in PROGRAMS:
            return again(folder, name)
    return complain(f"usage: python -m dev.up [{' | '.join(PROGRAMS)}]") + 1


def up(folder: Path) -> int:
    """Start all three, say how to use them, and stay until told to stop."""
    with alone(folder) as is_alone:
        if not is_alone:
            return complain(f"make up runs already; its state is in {folder}")
        try:
            layout = layout_in(folder)
            planned = plan(layout)
        except ConfigError as error:
            return complain(*(str(problem) for problem in error.problems))
        except CannotPlan as error:
            return complain(str(error))
        return stay_up(layout, planned)


def stay_up(layout: Layout, planned: Plan) -> int:
    """Start what is planned, unless its places are taken; the exit code."""
    os.chdir(ROOT)
    problems = unusable(planned.places)
    if problems:
        return complain(*problems, *leftovers(layout.folder))
    minted = minted_in(layout, planned)
    return Foreground(planned, layout.folder, welcome(layout, planned, minted)).run()


def layout_in(folder: Path) -> Layout:
    """What the environment asks for."""
    config = named(os.environ.get("STRANGLER_CONFIG") or "config/routes.yaml")
    try:
        signing = signing_in(folder)
    except ValueError as error:
        raise CannotPlan(f"{VARIABLE}: {error}") from None
    return Layout(
        config=config if isinstance(signing, SharedSecret) else variant(config, folder, signing),
        folder=folder,
        listen=os.environ.get("STRANGLER_LISTEN") or "127.0.0.1:8080",
        admin=os.environ.get("STRANGLER_ADMIN") or "127.0.0.1:9901",
        signing=signing,
        database=os.environ.get("DATABASE_URL") or None,
    )


def variant(config: Path, folder: Path, signing: Signing) -> Path:
    """A copy of *config* in *folder* that names the keys of *signing*, made at each start."""
    monolith = bound(load_file(config), "monolith", config)
    try:
        text = signing.routes(config.read_text("utf-8"), monolith.url)
    except ValueError as error:
        raise CannotPlan(f"{config}: {error}") from None
    made = folder / "routes.yaml"
    made.write_text(f"# Made of {config} at each start of make up KEYS=RS256.\n{text}", "utf-8")
    return named(str(made))


def named(config: str) -> Path:
    """The file, seen from the repository's root: a short name where it lies in there."""
    path = Path(config) if config == "config/routes.yaml" else Path(config).resolve()
    return path.relative_to(ROOT) if path.is_relative_to(ROOT) else path


@contextmanager
def alone(folder: Path) -> Iterator[bool]:
    """Whether no other stack uses *folder*; `up.pid` in it is ours until the end of the block."""
    with (folder / "up.pid").open("a+", encoding="ascii") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        yield True
        file.truncate(0)


def leftovers(folder: Path) -> list[str]:
    """How to end programs of an earlier stack that was itself killed."""
    found = []
    for path in sorted(folder.glob("*.pid")):
        text = path.read_text("ascii").strip()
        if path.stem != "up" and text.isdigit() and is_alive(int(text)):
            found.append(f"{path.stem} of an earlier make up still runs: kill -9 -{text}")
    return found


def is_alive(group: int) -> bool:
    """Whether a process group has any process."""
    try:
        os.killpg(group, 0)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def minted_in(layout: Layout, planned: Plan) -> str:
    """A token for trying things out, kept in the folder as well."""
    jwt = planned.snapshot.jwt
    minted = layout.signing.token(USER, None if jwt is None else jwt.issuer)
    keep(layout.folder / "token", minted)
    return minted


def welcome(layout: Layout, planned: Plan, minted: str) -> str:
    """What a newcomer needs: the addresses, a token, a request that works, what to try next."""
    listen, admin = planned.router.places
    folder = shown(layout.folder)
    command = "strangler" if is_on_path() else shown(Path(sys.executable).with_name("strangler"))
    moved = "" if str(layout.config) == "config/routes.yaml" else f" {layout.config}"
    return f"""
strangler is up; Ctrl-C stops it.

  router    {listen.url}   every client's door
  admin     {admin.url}   /metrics /config /explain /readyz
  monolith  {planned.monolith.places[0].url}
  coach     {planned.coach.places[0].url}

A token for {USER} (also in {folder}/token, good for 12 hours):

  {minted}

The workout of the day, from another terminal:

  curl -i -H "Authorization: Bearer $(cat {folder}/token)" {listen.url}/fitness/wod

Half of the users to coach, and back to nobody:

  {command} set wod 50{moved}
  {command} set wod 0{moved}

Kill coach, see that every request is still answered, and start it again:

  kill -9 $(cat {folder}/coach.pid)
  make coach
"""


def is_on_path() -> bool:
    """Whether the environment that runs this is the activated one."""
    return str(Path(sys.executable).parent) in os.environ.get("PATH", "").split(os.pathsep)


def shown(path: Path) -> str:
    """*path* as one would type it in the repository's root."""
    absolute = path.absolute()
    return str(absolute.relative_to(ROOT) if absolute.is_relative_to(ROOT) else absolute)


def again(folder: Path, name: str) -> int:
    """Ask the stack that runs in *folder* to start *name* again, and wait until it has."""
    running = (folder / "up.pid").read_text("ascii").strip() if (folder / "up.pid").exists() else ""
    with alone(folder) as is_alone:
        if is_alone or not running:
            return complain("make up does not run here; start it first, in another terminal")
    answer = folder / "again"
    answer.write_text(f"{name}\n", "ascii")
    os.kill(int(running), signal.SIGUSR1)
    end = time.monotonic() + AGAIN_WITHIN_S
    while time.monotonic() < end:
        text = answer.read_text("utf-8").strip()
        if text != name:
            print(text)
            return 0 if text.endswith("ready") else 1
        time.sleep(POLL_S)
    return complain(f"{name} was not started; see the log in the other terminal")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

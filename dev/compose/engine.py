"""The engine: the one that runs, or one that is started here and stopped again."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from dev.compose.telling import NotSo, Skipped, say
from dev.stack import eventually

PACKAGES = {"dockerd": "docker.io", "debootstrap": "debootstrap", "iptables": "iptables"}
STARTED_S = 60.0
BUILD_S = 900.0


def run(
    command: Sequence[str],
    timeout_s: float = 120.0,
    *,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
) -> str:
    """The standard output of *command*; `NotSo` with the end of what it said if it fails."""
    try:
        done = subprocess.run(
            command,
            check=False,
            capture_output=True,
            text=True,
            timeout=timeout_s,
            cwd=cwd,
            env=env,
        )
    except subprocess.TimeoutExpired:
        raise NotSo(f"{' '.join(command)[:200]}: no end after {timeout_s:g} s") from None
    if done.returncode != 0:
        said = (done.stdout + done.stderr).strip()[-3000:]
        raise NotSo(f"{' '.join(command)[:200]}: exit code {done.returncode}\n{said}")
    return done.stdout


def docker(*arguments: str, timeout_s: float = 120.0) -> str:
    """What `docker ARGUMENTS` prints."""
    return run(["docker", *arguments], timeout_s)


def answers() -> bool:
    """Whether an engine can be asked."""
    if shutil.which("docker") is None:
        return False
    command = ["docker", "version", "--format", "{{.Server.Version}}"]
    return subprocess.run(command, check=False, capture_output=True, timeout=30).returncode == 0


@contextmanager
def engine() -> Iterator[None]:
    """An engine; `Skipped` where there is none and none can be started."""
    if answers():
        say(f"an engine runs: {version()}")
        yield
        return
    require_root_on_debian("there is no Docker engine, and only root on Debian can start one here")
    install(PACKAGES)
    install({"docker": "docker-cli"})  # from Debian 13 on, a package of its own
    if answers():
        say(f"Debian has started an engine: {version()}")
        yield
        return
    with tempfile.TemporaryDirectory(prefix="strangler-engine-") as folder, started(Path(folder)):
        say(f"started an engine: {version()}")
        yield


def version() -> str:
    """The engine's version."""
    return docker("version", "--format", "{{.Server.Version}}").strip()


@contextmanager
def started(folder: Path) -> Iterator[None]:
    """A dockerd of our own, stopped at the end; its images stay for the next time."""
    log = folder / "dockerd.log"
    with log.open("wb") as output:
        daemon = subprocess.Popen(
            ["dockerd", "--pidfile", str(folder / "dockerd.pid")],
            stdout=output,
            stderr=output,
            start_new_session=True,  # a Ctrl-C is for us: the containers come down first
        )
    try:
        if not eventually(lambda: answers() or daemon.poll() is not None, STARTED_S) or (
            daemon.poll() is not None
        ):
            raise Skipped(f"dockerd does not start here:\n{log.read_text('utf-8')[-1500:]}")
        yield
    finally:
        daemon.terminate()
        daemon.wait(60)


def require_root_on_debian(otherwise: str) -> None:
    """`Skipped` with the words *otherwise* unless we are root on Debian (or of its family)."""
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        raise Skipped(otherwise)


def install(wanted: dict[str, str]) -> None:
    """Install the Debian packages of those programs of *wanted* that are missing."""
    path = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"
    os.environ["PATH"] = path  # a plain shell of root may lack these two
    missing = [package for program, package in wanted.items() if shutil.which(program) is None]
    if not missing:
        return
    say(f"installing Debian's {', '.join(missing)}")
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
    run(["apt-get", "update", "-qq"], 300.0)
    command = ["apt-get", "install", "-qq", "-y", "--no-install-recommends", *missing]
    run(command, 600.0, env=quiet)

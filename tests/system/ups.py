"""`dev.up` as a newcomer starts it: a process in a terminal, its output in a file."""

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Self

from dev.places import free_ports
from dev.plan import ROOT
from dev.process import descendants
from dev.stack import eventually, moved

READY_S = 40.0


class Up:
    """A running `make up`, in *folder*, on ports of its own."""

    def __init__(self, folder: Path) -> None:
        listen, admin, monolith, coach = free_ports(4)
        shipped = ROOT / "config" / "routes.yaml"
        self.folder = folder
        self.ports = {"router": listen, "admin": admin, "monolith": monolith, "coach": coach}
        self.config = folder / "routes.yaml"
        self.config.write_text(moved(shipped.read_text("utf-8"), shipped, self.ports), "utf-8")
        self.environment = {
            **os.environ,
            "STRANGLER_CONFIG": str(self.config),
            "STRANGLER_DEV_FOLDER": str(folder / "state"),
            "STRANGLER_LISTEN": f"127.0.0.1:{listen}",
            "STRANGLER_ADMIN": f"127.0.0.1:{admin}",
        }
        self._log = folder / "up.log"
        self._family: list[int] = []

    def command(self, *arguments: str) -> list[str]:
        """The command line."""
        return [sys.executable, "-m", "dev.up", *arguments]

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run `dev.up` to its end."""
        return subprocess.run(
            self.command(*arguments),
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=READY_S,
        )

    def __enter__(self) -> Self:
        """Start it, and wait until it says that it is up."""
        with self._log.open("wb") as log:
            self.process = subprocess.Popen(
                self.command(),
                cwd=ROOT,
                env=self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        assert eventually(self._is_up_or_gone, READY_S), self.output
        assert self.process.poll() is None, self.output
        return self

    def _is_up_or_gone(self) -> bool:
        return "Ctrl-C stops it" in self.output or self.process.poll() is not None

    def __exit__(self, *_: object) -> None:
        """Leave nothing, whatever the test did."""
        self.note_family()
        for pid in (*self.living(), self.process.pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait()

    @property
    def output(self) -> str:
        """What it has printed."""
        return self._log.read_text("utf-8", "replace")

    def pid(self, name: str) -> int:
        """The pid that a program's file holds."""
        return int((self.folder / "state" / f"{name}.pid").read_text("ascii"))

    def curl(self) -> str:
        """The request that it suggests, run as it stands; what it brings."""
        [line] = re.findall(r"^ +(curl .*)$", self.output, re.MULTILINE)
        done = subprocess.run(
            ["sh", "-c", line], cwd=ROOT, capture_output=True, check=True, text=True, timeout=30
        )
        return done.stdout

    def note_family(self) -> None:
        """Remember every process that has been started, to see later whether it has gone."""
        self._family += descendants(self.process.pid)

    def has_new_process(self, before: set[int]) -> bool:
        """Whether a process runs that is not one of those."""
        self.note_family()
        return not set(self.living()) <= before

    def living(self) -> list[int]:
        """The processes that were remembered and still run."""
        return [pid for pid in self._family if is_running(pid)]

    def interrupt(self) -> int:
        """Press Ctrl-C as a terminal does, to the whole group; the exit code."""
        self.note_family()
        os.killpg(self.process.pid, signal.SIGINT)
        return self.process.wait(30)


def is_running(pid: int) -> bool:
    """Whether a process exists and is no zombie."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()[0] != "Z"
    return False


@contextlib.contextmanager
def taken(port: int) -> Iterator[None]:
    """Somebody else listens there."""
    with socket.create_server(("127.0.0.1", port)):
        yield

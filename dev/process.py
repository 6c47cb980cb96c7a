"""One program under way, in a session of its own: started, waited for, stopped whole."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Mapping
from http.client import HTTPException
from pathlib import Path
from typing import IO

from dev.plan import ROOT, Program

POLL_S = 0.05
NEEDS = ("catalogue", "keys")
"""What coach says of itself; the others say nothing of it."""
READY_IN_A_ROW = 3
"""coach has several workers, and each must have its catalogue."""
DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))
"""Asks this machine itself, whatever proxy the environment names."""


class NotReady(Exception):
    """A program ended, or did not answer in time, before it could serve."""


class Process:
    """A program that was started, with `NAME.pid` in *folder* while it lives.

    The pid is also its process group's, so one signal reaches all of its processes and the
    terminal's Ctrl-C none of them: whoever started them says in which order they go.
    """

    def __init__(
        self,
        program: Program,
        folder: Path,
        output: IO[bytes] | int,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        inherited = {k: v for k, v in os.environ.items() if k != "PROMETHEUS_MULTIPROC_DIR"}
        self.program = program
        self._pid_file = folder / f"{program.name}.pid"
        self._popen = subprocess.Popen(
            program.command,
            cwd=ROOT,
            env={
                **inherited,
                "PYTHONUNBUFFERED": "1",
                **program.environment,
                **(environment or {}),
            },
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self._pid_file.write_text(f"{self.pid}\n", "ascii")

    @property
    def pid(self) -> int:
        """The first process, which leads the group."""
        return self._popen.pid

    @property
    def output(self) -> IO[bytes] | None:
        """What it prints, if that was asked for with a pipe."""
        return self._popen.stdout

    @property
    def has_ended(self) -> bool:
        """Whether the first process has."""
        return self._popen.poll() is not None

    @property
    def end(self) -> str:
        """How it ended, in words."""
        code = self._popen.returncode
        return f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"

    @property
    def exit_code(self) -> int | None:
        """The exit code, negative for a signal; None while it runs."""
        return self._popen.poll()

    def wait(self) -> None:
        """Wait until the first process has ended, then see to it that none is left behind."""
        self._popen.wait()
        self._signal_group(signal.SIGKILL)
        with contextlib.suppress(OSError, ValueError):
            if int(self._pid_file.read_text("ascii")) == self.pid:
                self._pid_file.unlink()

    def terminate(self) -> None:
        """Ask it to finish what it has begun and go; a stopped one is woken first."""
        if not self.has_ended:
            self._signal_group(signal.SIGCONT)
            self._popen.terminate()

    def kill(self) -> None:
        """End all its processes at once, also those that left the group."""
        if self.has_ended:
            return
        leavers = descendants(self.pid)
        self._signal_group(signal.SIGKILL)
        for pid in leavers:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def hang(self) -> None:
        """Stop all its processes: connections are accepted, nothing is answered."""
        self._signal_group(signal.SIGSTOP)

    def resume(self) -> None:
        """Let them go on."""
        self._signal_group(signal.SIGCONT)

    def send(self, number: signal.Signals) -> None:
        """Send a signal to the first process alone."""
        self._popen.send_signal(number)

    def _signal_group(self, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, number)

    def is_ready(self) -> bool:
        """Whether it can serve now; coach also needs its catalogue, and keys."""
        try:
            with DIRECT.open(self.program.ready, timeout=1.0) as answer:
                health = json.load(answer)
                return all(health.get(need, True) is True for need in NEEDS)
        except (OSError, ValueError, HTTPException):
            return False

    def wait_until_ready(self, within_s: float, give_up: Callable[[], bool]) -> None:
        """Wait until it answers several times in a row; `NotReady` says why it never will."""
        end, answers = time.monotonic() + within_s, 0
        while answers < READY_IN_A_ROW and not give_up():
            if self.has_ended:
                raise NotReady(f"{self.program.name} ended while starting ({self.end})")
            if time.monotonic() > end:
                raise NotReady(f"{self.program.name} is not ready after {within_s:g} s")
            answers = answers + 1 if self.is_ready() else 0
            if answers == 0:
                time.sleep(POLL_S)


def descendants(pid: int) -> list[int]:
    """The processes that *pid* and its children have started, and theirs."""
    children: dict[int, list[int]] = {}
    for child, parent in pairs():
        children.setdefault(parent, []).append(child)
    found, waiting = [], [pid]
    while waiting:
        for child in children.get(waiting.pop(), ()):
            found.append(child)
            waiting.append(child)
    return found


def pairs() -> list[tuple[int, int]]:
    """Every process with its parent."""
    if sys.platform != "linux":
        done = subprocess.run(["ps", "-axo", "pid=,ppid="], capture_output=True, check=True)
        lines = map(bytes.split, done.stdout.splitlines())
        return [(int(pid), int(parent)) for pid, parent in lines]
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = stat.read_text("utf-8", "replace").rpartition(")")[2].split()
            found.append((int(stat.parent.name), int(fields[1])))
    return found

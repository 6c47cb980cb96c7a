"""One program of the bench under way, on its own core."""

import getpass
import http.client
import os
import signal
import subprocess
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from dev.bench.peers import FOLDER, Peer, Setting
from dev.bench.tokens import SECRET

PROXY_CORE = 0
LOAD_CORE = 1
START_S = 20.0
STOP_S = 5.0
POLL_S = 0.002


class NoBench(Exception):
    """Something cannot be measured; the message says what and why."""


def filled(name: str, folder: Path, names: Mapping[str, str]) -> Path:
    """The file *name* of load/peers in *folder*, with `@name@` replaced."""
    text = (FOLDER / name).read_text("utf-8")
    for key, value in ({"user": getpass.getuser()} | dict(names)).items():
        text = text.replace(f"@{key}@", value)
    path = folder / name
    path.write_text(text, "utf-8")
    return path


class Running:
    """A program from its start to its end; `starting_s` is how long it took to answer."""

    def __init__(
        self,
        command: Iterable[str],
        folder: Path,
        port: int,
        *,
        core: int,
        cwd: Path,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.port = port
        self.output = folder / "output"
        self._began = time.monotonic()
        with self.output.open("wb") as output:
            self._popen = subprocess.Popen(
                ["taskset", "-c", str(core), *command],
                cwd=cwd,
                env={**os.environ, "JWT_SECRET": SECRET, **(environment or {})},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.starting_s = 0.0

    @property
    def pid(self) -> int:
        """The first process, which leads the group."""
        return self._popen.pid

    def __enter__(self) -> Self:
        try:
            self._wait()
        except NoBench:
            self._stop()
            raise
        self.starting_s = time.monotonic() - self._began
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop()

    def send(self, name: str) -> None:
        """Send the signal SIG*name* to the first process."""
        self._popen.send_signal(signal.Signals[f"SIG{name}"])

    def _wait(self) -> None:
        while not answers(self.port):
            if self._popen.poll() is not None or time.monotonic() > self._began + START_S:
                said = self.output.read_text("utf-8", "replace")[-2000:]
                raise NoBench(f"{self._popen.args!r} does not answer:\n{said}")
            time.sleep(POLL_S)

    def _stop(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            self._popen.wait(STOP_S)
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self._popen.wait()


def answers(port: int) -> bool:
    """Whether something answers a request at *port* with good news."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2.0)
    try:
        connection.request("GET", "/")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def started(peer: Peer, setting: Setting) -> Running:
    """*peer*, on the proxies' core; enter it to wait until it answers."""
    setting.folder.mkdir(parents=True, exist_ok=True)
    for name in peer.files:
        filled(name, setting.folder, setting.names)
    return Running(
        [part.format_map(setting.names) for part in peer.command],
        setting.folder,
        setting.port,
        core=PROXY_CORE,
        cwd=setting.checkout,
        environment={
            **{f"BENCH_{name.upper()}": value for name, value in setting.names.items()},
            "XDG_CONFIG_HOME": str(setting.folder),  # where Caddy keeps what it was last told
            "XDG_DATA_HOME": str(setting.folder),
        },
    )

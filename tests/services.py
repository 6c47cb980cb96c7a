"""Starts the real coach and monolith under gunicorn, for any suite that wants them.

with Service("monolith", folder, database(folder)) as monolith:
    httpx.get(monolith.url + "/health")
"""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Self

import httpx
import jwt

ROOT = Path(__file__).resolve().parent.parent
SECRET = "a-secret-for-tests-that-is-long-enough"
READY_S = 20.0


def token(user: str = "alice@example.com", secret: str = SECRET, **claims: Any) -> str:
    """Give a valid token, but for what *claims* change; a claim that is None is left out."""
    now = int(time.time())
    whole = {"sub": user, "name": "Name", "role": "user", "iss": "fit-api", "iat": now}
    whole |= {"exp": now + 600} | claims
    return jwt.encode({k: v for k, v in whole.items() if v is not None}, secret, "HS256")


def bearer(user: str = "alice@example.com", **claims: Any) -> dict[str, str]:
    """Give the headers of a request by *user*."""
    return {"Authorization": f"Bearer {token(user, **claims)}"}


def database(folder: Path) -> dict[str, str]:
    """Give the environment that keeps the monolith's database in *folder*."""
    return {"DATABASE_URL": f"sqlite:///{folder}/monolith.db"}


def free_port() -> int:
    """Give a port that nobody listens on just now."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


class Service:
    """One service as it runs in production: gunicorn with the service's own configuration."""

    def __init__(
        self, name: str, folder: Path, env: dict[str, str] | None = None, port: int | None = None
    ) -> None:
        self.name = name
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = folder / f"{name}-{self.port}.log"
        self._env = {"JWT_SECRET": SECRET, f"{name.upper()}_BIND": f"127.0.0.1:{self.port}"}
        # A killed gunicorn cannot remove the folder of its figures: the test run does.
        self._env["PROMETHEUS_MULTIPROC_DIR"] = str(folder / f"{name}-{self.port}-metrics")
        self._env |= env or {}
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        """Start it, and wait until it answers."""
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop it."""
        self.stop()

    def start(self, *, wait: bool = True) -> None:
        """Start it; by default wait until it answers."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "gunicorn", "-c", f"{self.name}/gunicorn.conf.py"],
                cwd=ROOT,
                env={**os.environ, **self._env},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        if wait:
            self.wait_until_ready()

    def wait_until_ready(self) -> None:
        """Wait until ``/health`` is 200; coach must have its catalogue too if it has a monolith."""
        deadline_s = time.monotonic() + READY_S
        while not self._is_ready():
            assert self._process, "it was never started"
            assert self._process.poll() is None, f"{self.name} ended:\n{self.log.read_text()}"
            assert time.monotonic() < deadline_s, f"no answer:\n{self.log.read_text()}"
            time.sleep(0.05)

    def _is_ready(self) -> bool:
        try:
            health = httpx.get(f"{self.url}/health", timeout=1.0)
        except httpx.TransportError:
            return False
        # Coach needs its catalogue, and where tokens are RS256, keys too.
        needs = ["catalogue", "keys"] if "MONOLITH_URL" in self._env else []
        return health.status_code == 200 and all(health.json()[need] for need in needs)

    def stop(self, within_s: float = 30.0) -> int:
        """Ask it to stop, wait, and give its exit code."""
        assert self._process, "it was never started"
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGCONT)
            self._process.send_signal(signal.SIGTERM)
        return self._process.wait(within_s)

    def wait(self, within_s: float = 30.0) -> int:
        """Wait until it ends by itself, and give its exit code."""
        assert self._process, "it was never started"
        return self._process.wait(within_s)

    def terminate(self) -> None:
        """Send SIGTERM and do not wait."""
        assert self._process, "it was never started"
        self._process.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End all its processes at once, as a power cut would."""
        self._signal(signal.SIGKILL)
        assert self._process, "it was never started"
        self._process.wait(10)

    def hang(self) -> None:
        """Stop all its processes: connections are accepted, nothing is answered."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let them go on."""
        self._signal(signal.SIGCONT)

    def _signal(self, number: int) -> None:
        assert self._process, "it was never started"
        os.killpg(self._process.pid, number)

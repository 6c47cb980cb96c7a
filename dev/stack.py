"""The stack for demonstrations and tests: free ports, a folder of its own, logs in files."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Self

from prometheus_client.parser import text_string_to_metric_families

from dev.places import free_ports
from dev.plan import ROOT, Layout, plan
from dev.process import DIRECT, POLL_S, Process
from dev.signing import signing_in
from router.config.building import hash_of
from router.config.loading import load_file

READY_S = 30.0
STOPPED_S = 15.0


class Stack:
    """Monolith, coach and router on free ports of this machine, told by a copy of routes.yaml.

    with Stack(folder) as stack:
        stack.set("wod", 50)

    *change* is applied to the copy's text first. *upstreams* are ports where something else stands
    in for `monolith` and `coach`; then start the router alone: `stack.start("router")`. *keys* is
    how tokens are signed, HS256 or RS256; by default what `DEV_KEYS` says.
    """

    def __init__(
        self,
        folder: Path,
        *,
        change: Callable[[str], str] = str,
        upstreams: Mapping[str, int] | None = None,
        environment: Mapping[str, str] | None = None,
        keys: str | None = None,
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.config = folder / "routes.yaml"
        self.signing = signing_in(folder, os.environ if keys is None else {"DEV_KEYS": keys})
        self.secret = self.signing.secret
        self.processes: dict[str, Process] = {}
        self.environment = dict(environment or {})
        listen, admin, *others = free_ports(4)
        ports = {**dict(zip(("monolith", "coach"), others, strict=True)), **(upstreams or {})}
        shipped = ROOT / "config" / "routes.yaml"
        text = moved(shipped.read_text("utf-8"), shipped, ports)
        text = self.signing.routes(text, f"http://127.0.0.1:{ports['monolith']}")
        self.config.write_text(change(text), "utf-8")
        here = "127.0.0.1"
        layout = Layout(self.config, folder, f"{here}:{listen}", f"{here}:{admin}", self.signing)
        self.plan = plan(layout)
        self.url, self.admin = (place.url for place in self.plan.router.places)

    def __enter__(self) -> Self:
        """Start what has not been started; if one program cannot be, none is left behind."""
        try:
            self.start(*(p.name for p in self.plan.programs if p.name not in self.processes))
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        """Stop it all."""
        self.stop()

    def start(self, *names: str) -> None:
        """Start the programs *names* and wait until each is ready; `NotReady` if one never is."""
        for program in self.plan.programs:
            if program.name in names:
                with self.log_file(program.name).open("ab") as log:
                    environment = self.environment
                    process = Process(program, self.folder, log, environment)
                self.processes[program.name] = process
                process.wait_until_ready(READY_S, give_up=lambda: False)

    def stop(self) -> None:
        """Stop the router, then the others; whoever does not go in time is killed."""
        for name in ("router", "coach", "monolith"):
            if name in self.processes:
                self.stop_one(name)

    def stop_one(self, name: str, within_s: float = STOPPED_S) -> int | None:
        """Ask one program to stop; its exit code."""
        process = self.processes[name]
        process.terminate()
        if not eventually(lambda: process.has_ended, within_s):
            process.kill()
        process.wait()
        return process.exit_code

    def kill(self, name: str) -> None:
        """End one program as a power cut would."""
        self.processes[name].kill()
        self.processes[name].wait()

    def log_file(self, name: str) -> Path:
        """Where a program's log goes."""
        return self.folder / f"{name}.log"

    def log(self, name: str) -> str:
        """A program's log so far."""
        path = self.log_file(name)
        return path.read_text("utf-8", "replace") if path.exists() else ""

    def token(self, user: str, **claims: object) -> str:
        """A good token of *user*."""
        return self.signing.token(user, "fit-api", **claims)

    def write(self, text: str) -> str:
        """Put a new routes.yaml in the old one's place as editors do; its hash."""
        beside = self.config.with_name("routes.yaml.new")
        beside.write_text(text, "utf-8")
        beside.replace(self.config)
        return hash_of(text.encode())

    def strangler(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run the command `strangler`."""
        return subprocess.run(
            [sys.executable, "-m", "router", *arguments],
            cwd=ROOT,
            env={**os.environ, "JWT_SECRET": self.secret, "STRANGLER_ADMIN": self.admin[7:]},
            check=False,
            capture_output=True,
            text=True,
            timeout=30,
        )

    def set(self, route: str, percent: float) -> str:
        """Set the percent with `strangler set --wait`; what it says."""
        done = self.strangler("set", route, f"{percent:g}", str(self.config), "--wait")
        if done.returncode != 0:
            raise RuntimeError(f"strangler set: {done.stderr}{done.stdout}")
        return done.stdout

    def page(self, path: str) -> str:
        """A page of the admin port."""
        with DIRECT.open(f"{self.admin}{path}", timeout=5.0) as answer:
            text: str = answer.read().decode()
            return text

    def total(self, name: str, **labels: str) -> float:
        """The sum of the samples of `strangler_NAME` that have *labels*."""
        return total_in(self.page("/metrics"), name, labels)


def total_in(page: str, name: str, labels: Mapping[str, str]) -> float:
    """The sum of the samples of `strangler_NAME` in a page of /metrics that have *labels*."""
    families = text_string_to_metric_families(page)
    return sum(
        sample.value
        for family in families
        for sample in family.samples
        if sample.name == f"strangler_{name}" and labels.items() <= sample.labels.items()
    )


def moved(text: str, shipped: Path, ports: Mapping[str, int]) -> str:
    """*text* of the file *shipped* with other ports for its upstreams."""
    for name, upstream in load_file(shipped).upstreams.items():
        text = text.replace(f"{name}: {upstream.url}", f"{name}: http://127.0.0.1:{ports[name]}")
    return text


def eventually(is_so: Callable[[], bool], within_s: float) -> bool:
    """Whether it came to be so in time."""
    end = time.monotonic() + within_s
    while not is_so():
        if time.monotonic() > end:
            return False
        time.sleep(POLL_S)
    return True

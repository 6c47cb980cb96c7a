"""The router with all its upstreams, each a process; an upstream starts when it is first wanted."""

import sys
from collections.abc import Iterable
from getpass import getuser
from pathlib import Path

from dev.places import free_ports
from dev.plan import Program
from dev.process import Process
from dev.stack import Stack
from tests.clients import offer
from tests.clients.needs import FOLDER, program

UPSTREAMS = ("gunicorn-sync", "gunicorn-gthread", "waitress", "uvicorn", "node", "nginx")
BEHIND = {"nginx": "uvicorn"}
"""Who must run before another can serve."""
READY_S = 30.0
PYTHON = sys.executable
WSGI = "tests.clients.upstreams.wsgi:app"
GUNICORN = (PYTHON, "-m", "gunicorn", WSGI, "--bind", "127.0.0.1:{port}", "--no-control-socket")
COMMANDS = {
    "gunicorn-sync": (*GUNICORN, "--worker-class", "sync"),
    "gunicorn-gthread": (*GUNICORN, "--worker-class", "gthread", "--threads", "8"),
    "waitress": (
        *(PYTHON, "-m", "waitress", "--listen=127.0.0.1:{port}", "--threads=8"),
        # By default 16 MiB wait to be sent before it looks whether anybody is there.
        *("--outbuf-high-watermark=262144", WSGI),
    ),
    "uvicorn": (
        *(PYTHON, "-m", "uvicorn", "--port", "{port}", "--no-access-log"),
        "tests.clients.upstreams.asgi:app",
    ),
    "node": ("node", str(FOLDER / "node" / "server.mjs")),
    "nginx": (program("nginx"), "-e", "{folder}/nginx.error.log", "-c", "{folder}/nginx.conf"),
}
ROUTES = """\
upstreams:
  monolith: http://127.0.0.1:{legacy}
  coach: http://127.0.0.1:{dead}
{upstreams}
jwt: {{issuer: fit-api, secret_env: JWT_SECRET}}
default: monolith
routes:
  strangled:
    match: GET /strangled/*
    candidate: coach
    percent: 100
  ws:
    match: /node/ws
    upstream: node
    auth: pass
    upgrade: allow
{routes}
"""
PLAIN = "  {name}: {{match: /{name}/*, upstream: {name}, auth: pass}}"
"""One route to each upstream; `strangled` has a candidate that nobody is behind."""


class Site:
    """Everything on free ports of this machine, with its files in *folder*."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        *ports, self._dead = free_ports(len(UPSTREAMS) + 1)
        self.ports = dict(zip(UPSTREAMS, ports, strict=True))
        self._upstreams: dict[str, Process] = {}
        (folder / "offer").mkdir()
        offer.lay(folder / "offer")
        self.stack = Stack(folder, change=lambda _: self._routes())
        self.stack.start("router")
        self.url = self.stack.url

    def _routes(self) -> str:
        upstreams = (f"  {name}: http://127.0.0.1:{port}" for name, port in self.ports.items())
        return ROUTES.format(
            legacy=self.ports["gunicorn-gthread"],
            dead=self._dead,
            upstreams="\n".join(upstreams),
            routes="\n".join(PLAIN.format(name=name) for name in UPSTREAMS),
        )

    def need(self, name: str) -> None:
        """See to it that the upstream *name* runs."""
        for one in (BEHIND.get(name), name):
            if one is not None and one not in self._upstreams:
                self._start(one)

    def _start(self, name: str) -> None:
        port = self.ports[name]
        names = {"port": port, "folder": self.folder, "offer": self.folder / "offer"}
        if name == "nginx":
            self._configure(names | {"behind": self.ports["uvicorn"], "user": getuser()})
        command = tuple(part.format_map(names) for part in COMMANDS[name])
        environment = {"OFFER": str(names["offer"]), "PORT": str(port)}
        ready = f"http://127.0.0.1:{port}/health"
        with (self.folder / f"{name}.log").open("ab") as log:
            process = Process(Program(name, command, environment, (), ready), self.folder, log)
        self._upstreams[name] = process
        process.wait_until_ready(READY_S, give_up=lambda: False)

    def _configure(self, names: dict[str, object]) -> None:
        text = (FOLDER / "upstreams" / "nginx.conf").read_text("utf-8")
        for key, value in names.items():
            text = text.replace(f"@{key}@", str(value))
        (self.folder / "nginx.conf").write_text(text, "utf-8")

    def restart(self, name: str) -> None:
        """Stop an upstream, and start it anew at the same place."""
        self._stop([self._upstreams.pop(name)])
        self._start(name)

    def stop(self) -> int | None:
        """Stop all; the router's exit code."""
        code = self.stack.stop_one("router")
        self._stop(self._upstreams.values())
        return code

    def _stop(self, processes: Iterable[Process]) -> None:
        """Nobody is asked to finish anything: nothing is under way."""
        for process in processes:
            process.kill()
            process.wait()

    def total(self, name: str, **labels: str) -> float:
        """The sum of the router's samples of `strangler_NAME` that have *labels*."""
        return self.stack.total(name, **labels)

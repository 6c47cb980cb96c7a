"""The stack under a name of its own, on free ports, with a copy of config/ mounted."""

import json
import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from dev.compose.engine import run
from dev.compose.telling import NotSo, Skipped
from dev.places import free_ports
from dev.plan import ROOT

UP_S = 240.0
DOWN_S = 180.0
PORTS = ("STRANGLER_PORT", "STRANGLER_ADMIN_PORT", "PROMETHEUS_PORT", "GRAFANA_PORT", "LOCUST_PORT")


def compose_command() -> list[str]:
    """Compose v2: Docker's plugin, or the program that the lock file brings."""
    for command in (["docker", "compose"], [str(Path(sys.executable).with_name("docker-compose"))]):
        if shutil.which(command[0]):
            try:
                run([*command, "version"])
            except NotSo:
                continue
            return command
    raise Skipped("Compose v2 is missing; run `make test-compose`, which installs it")


class Project:
    """A Compose project, told by variables alone: the file is the one that users run."""

    def __init__(self, folder: Path, images: Mapping[str, str]) -> None:
        self.name = f"strangler-test-{os.getpid()}"
        self.command = compose_command()
        self.config = folder / "config"
        shutil.copytree(ROOT / "config", self.config)
        readable(self.config)
        self.ports = dict(zip(PORTS, free_ports(len(PORTS)), strict=True))
        self.environment = {
            **{name: value for name, value in os.environ.items() if name not in OURS},
            **{name: str(port) for name, port in self.ports.items()},
            **images,
            "STRANGLER_TAG": "test",
            "STRANGLER_CONFIG_DIR": str(self.config),
            "COMPOSE_PROJECT_NAME": self.name,
            "COMPOSE_DISABLE_ENV_FILE": "1",
        }

    def compose(self, *arguments: str, timeout_s: float = 120.0) -> str:
        """What `docker compose ARGUMENTS` prints."""
        file = ["--file", str(ROOT / "docker-compose.yml")]
        command = [*self.command, *file, "--progress=plain", *arguments]
        return run(command, timeout_s, cwd=ROOT, env=self.environment)

    def services(self) -> Mapping[str, Mapping[str, Any]]:
        """What the file comes to, all profiles included."""
        text = self.compose("--profile=*", "config", "--format=json")
        services: Mapping[str, Mapping[str, Any]] = json.loads(text)["services"]
        return services

    def up(self, *services: str, profile: str = "") -> None:
        """Start *services* and what they need, and wait until all of them are healthy."""
        wanted = [f"--profile={profile}"] if profile else []
        self.compose(
            *wanted,
            "up",
            "--detach",
            "--no-build",
            "--pull=never",
            "--wait",
            *services,
            timeout_s=UP_S,
        )

    def down(self) -> None:
        """Take away containers, networks and volumes."""
        everything = ("--profile=*", "down", "--volumes", "--remove-orphans", "--timeout=15")
        self.compose(*everything, timeout_s=DOWN_S)

    def container(self, service: str) -> str:
        """The id of the container of *service*."""
        return self.compose("--profile=*", "ps", "--all", "--quiet", service).strip()

    def inside(self, service: str, *command: str) -> str:
        """What *command* prints in the container of *service*."""
        return self.compose("exec", "-T", service, *command)

    def url(self, variable: str) -> str:
        """Where what is published by *variable* is found on this machine."""
        return f"http://127.0.0.1:{self.ports[variable]}"

    def logs(self, services: Sequence[str] = ()) -> str:
        """The last lines of every container."""
        return self.compose("--profile=*", "logs", "--tail=15", "--no-color", *services)


OURS = frozenset(
    {
        "JWT_SECRET",
        "MONOLITH_DEMO_USERS",
        "COMPOSE_FILE",
        "COMPOSE_PROFILES",
        "COMPOSE_PROJECT_NAME",
        "PYTHON_IMAGE",
        "PACKAGES_IMAGE",
        "COMPILER_IMAGE",
        "GRAFANA_IMAGE",
    }
)
"""Variables of the shell that would make the run another one."""


def readable(folder: Path) -> None:
    """Let the containers' users read *folder*, whatever this shell's umask is."""
    folder.chmod(0o755)
    for path in folder.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)

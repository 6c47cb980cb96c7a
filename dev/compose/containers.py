"""The containers in the words of `dev.demo`: the same demonstration walks on them."""

import sys

import httpx

from dev.compose.engine import docker, run
from dev.compose.project import Project
from dev.plan import ROOT
from dev.stack import total_in
from router.config.building import hash_of


class Containers:
    """What an operator does on the host, and what users and the admin port show of it."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self.config = project.config / "routes.yaml"

    def token(self, user: str, **claims: object) -> str:
        """A token by `strangler token` in the container, with the secret the stack has made."""
        said = [f"--claim={name}={value}" for name, value in claims.items()]
        command = ("strangler", "token", f"--user={user}", *said)
        return self._project.inside("router", *command).strip()

    def set(self, route: str, percent: float) -> str:
        """`strangler set --wait` on the host: the file is the host's, the router a container."""
        command = [sys.executable, "-m", "router", "set", route, f"{percent:g}", str(self.config)]
        admin = self._project.url("STRANGLER_ADMIN_PORT")
        variables = self._project.environment.items()
        environment = {name: value for name, value in variables if name != "STRANGLER_UPSTREAMS"}
        return run([*command, "--wait", "--admin", admin], cwd=ROOT, env=environment)

    def write(self, text: str) -> str:
        """Put a new routes.yaml in the old one's place, as editors on the host do; its hash."""
        beside = self.config.with_name("routes.yaml.new")
        beside.write_text(text, "utf-8")
        beside.chmod(0o644)
        beside.replace(self.config)
        return hash_of(text.encode())

    def page(self, path: str) -> str:
        """A page of the admin port."""
        return httpx.get(self._project.url("STRANGLER_ADMIN_PORT") + path, trust_env=False).text

    def total(self, name: str, **labels: str) -> float:
        """The sum of the samples of `strangler_NAME` that have *labels*."""
        return total_in(self.page("/metrics"), name, labels)

    def kill(self, name: str) -> None:
        """`docker kill`."""
        docker("kill", self._project.container(name))

    def start(self, *names: str) -> None:
        """`docker start`."""
        for name in names:
            docker("start", self._project.container(name))

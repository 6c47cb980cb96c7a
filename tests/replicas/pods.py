"""A pod of deploy/kubernetes as a process of this machine: its variables, folders and probes."""

import sys
import urllib.error
from pathlib import Path

from dev.places import Place, free_ports
from dev.plan import Program
from dev.process import DIRECT, Process
from tests.replicas.manifests import container, environment, pod
from tests.replicas.mounts import Mount


class Pod:
    """The router as the Deployment starts it, but for the addresses and folders of a test.

    *routes* is the text of the ConfigMap, *secret* what the Secret holds. A mount path of the pod
    is a folder below *folder*, also where routes.yaml names it.
    """

    def __init__(self, folder: Path, routes: str, secret: str) -> None:
        self.folder = folder
        self._paths = {one["name"]: one["mountPath"] for one in container()["volumeMounts"]}
        self.routes = Mount(self._at(self._paths["routes"]), {"routes.yaml": self._moved(routes)})
        self.keys = Mount(self._at(self._paths["keys"]), {"jwt-secret": secret})
        listen, admin = (Place("router", "127.0.0.1", port, "") for port in free_ports(2))
        self.url, self.admin = listen.url, admin.url
        said = {name: self._moved(value) for name, value in environment().items()}
        said |= {"STRANGLER_LISTEN": str(listen), "STRANGLER_ADMIN": str(admin)}
        command = (sys.executable, "-m", "router", "serve")
        self._program = Program("router", command, said, (listen, admin), f"{admin.url}/readyz")

    def _at(self, path: str) -> Path:
        return self.folder / path.removeprefix("/")

    def _moved(self, text: str) -> str:
        for path in self._paths.values():
            text = text.replace(path, str(self._at(path)))
        return text

    def start(self) -> Process:
        """Start it, as a new container is."""
        with (self.folder / "log").open("ab") as log:
            return Process(self._program, self.folder, log)

    def apply(self, routes: str) -> str:
        """Change the ConfigMap; the file as it is in the pod."""
        text = self._moved(routes)
        self.routes.put({"routes.yaml": text})
        return text

    def probe(self, kind: str) -> bool:
        """Whether the pod's probe of that *kind* succeeds now."""
        asked = container()[f"{kind}Probe"]
        try:
            url = f"{self.admin}{asked['httpGet']['path']}"
            with DIRECT.open(url, timeout=asked["timeoutSeconds"]) as answer:
                return 200 <= answer.status < 400
        except (urllib.error.URLError, OSError):
            return False

    @property
    def longest_s(self) -> float:
        """How long it may take to stop."""
        seconds: float = pod()["spec"]["terminationGracePeriodSeconds"]
        return seconds

"""Who is measured: how each is started, reloaded and scraped, and what of the job it does."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from dev.plan import ROOT

FOLDER = ROOT / "load" / "peers"
"""Their configurations."""


@dataclass(frozen=True, slots=True)
class Peer:
    """One proxy. Names between `{}` in *command* are those of its `Setting`.

    *does* is what of the job it can do: `forward` alone, or `all` of it.
    *reload* is `edit` (of its file), `load` (by its admin port) or a signal to its first process;
    empty if it cannot. *only* is the one stage that is measured of it, if not all are.
    """

    name: str
    does: str
    command: tuple[str, ...]
    files: tuple[str, ...] = ()
    packages: Mapping[str, str] = field(default_factory=dict)
    reload: str = ""
    scrape: str = "/metrics"
    only: str = ""

    @property
    def knows_users(self) -> bool:
        """Whether it checks tokens and divides users."""
        return self.does == "all"


NGINX = ("nginx", "-p", "{folder}")
PYTHON = sys.executable
AIOHTTP = (PYTHON, str(FOLDER / "aiohttp_proxy.py"))
JS_MODULE = "/usr/lib/nginx/modules/ngx_http_js_module.so"
PEERS = (
    Peer(
        "strangler",
        "all",
        (
            *("{python}", "-m", "router", "serve", "--config", "{folder}/routes.yaml"),
            *("--listen", "127.0.0.1:{port}", "--admin", "127.0.0.1:{admin}"),
            *("--access-log", "{folder}/access.log"),
        ),
        ("routes.yaml",),
        reload="edit",
    ),
    Peer(
        "nginx-njs",
        "all",
        (*NGINX, "-c", "{folder}/nginx-njs.conf"),
        ("nginx-njs.conf",),
        {"nginx": "nginx-light", JS_MODULE: "libnginx-mod-http-js"},
        reload="HUP",
    ),
    Peer(
        "haproxy",
        "all",
        ("haproxy", "-W", "-db", "-f", "{folder}/haproxy.cfg"),
        ("haproxy.cfg",),
        {"haproxy": "haproxy"},
        reload="USR2",
    ),
    Peer(
        "nginx",
        "forward",
        (*NGINX, "-c", "{folder}/nginx.conf"),
        ("nginx.conf",),
        {"nginx": "nginx-light"},
        reload="HUP",
    ),
    Peer(
        "caddy",
        "forward",
        ("caddy", "run", "--adapter", "caddyfile", "--config", "{folder}/Caddyfile"),
        ("Caddyfile",),
        {"caddy": "caddy"},
        reload="load",
    ),
    Peer("aiohttp", "forward", AIOHTTP),
    Peer("aiohttp-lean", "forward", (*AIOHTTP, "lean"), only="cpu"),
    Peer("starlette", "forward", (PYTHON, str(FOLDER / "starlette_proxy.py"))),
)
PYTHON_PEERS = {"starlette": "starlette"}
"""What is installed for the bench alone, by who needs it."""
BY_NAME = {peer.name: peer for peer in PEERS}


@dataclass(frozen=True, slots=True)
class Setting:
    """Where a peer keeps its files and listens, and where it finds its upstreams."""

    folder: Path
    port: int
    admin: int
    places: Mapping[str, int]
    checkout: Path = ROOT

    @property
    def names(self) -> dict[str, str]:
        """What configurations and commands may name."""
        python = self.checkout / ".venv" / "bin" / "python"
        return {
            "folder": str(self.folder),
            "port": str(self.port),
            "admin": str(self.admin),
            "peers": str(FOLDER),
            "python": str(python) if python.exists() else PYTHON,
            **{name: str(port) for name, port in self.places.items()},
        }

"""What the bench needs of Debian: the peers and the tools, installed where that can be done."""

import shutil
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path

from dev.bench.peers import PYTHON_PEERS, Peer
from dev.bench.running import NoBench
from dev.plan import ROOT

TOOLS = {
    "nginx": "nginx-light",
    "wrk": "wrk",
    "curl": "curl",
    "taskset": "util-linux",
}
"""nginx is the upstream, whoever is measured."""
LOCK = "requirements-bench.lock"


def ready(peers: Sequence[Peer]) -> list[Peer]:
    """Those of *peers* that can be measured, after what is missing was installed."""
    wanted = dict(TOOLS)
    for peer in peers:
        wanted |= peer.packages
    install(missing(wanted).values())
    lacking = missing(TOOLS)
    if lacking:
        raise NoBench(f"not there: {', '.join(lacking)}; apt install {' '.join(lacking.values())}")
    found = []
    for peer in peers:
        why = why_not(peer)
        if why is None:
            found.append(peer)
        else:
            print(f"not measured: {peer.name} ({why})", flush=True)
    return found


def missing(wanted: Mapping[str, str]) -> dict[str, str]:
    """The programs and files that are not there, each with its package."""
    return {what: package for what, package in wanted.items() if not is_there(what)}


def is_there(what: str) -> bool:
    """Whether a program can be run, or a file is there."""
    return Path(what).exists() if what.startswith("/") else shutil.which(what) is not None


def install(packages: Iterable[str]) -> None:
    """From Debian, if this is one; what cannot be installed is told by who lacks it."""
    wanted = sorted(set(packages))
    if wanted and shutil.which("apt-get"):
        print(f"installing {', '.join(wanted)}", flush=True)
        subprocess.run([ROOT / "dev" / "install-debian.sh", *wanted], check=False)


def why_not(peer: Peer) -> str | None:
    """Why *peer* cannot be measured, or None."""
    lacking = missing(peer.packages)
    if lacking:
        return f"apt install {' '.join(lacking.values())}"
    module = PYTHON_PEERS.get(peer.name)
    if module is not None and find_spec(module) is None:
        return f"pip install -r {LOCK}"
    return None

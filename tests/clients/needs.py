"""What this suite needs of the machine, and what of it is missing."""

import os
import shutil
from importlib.util import find_spec
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
NODE_PACKAGES = FOLDER / "node" / "node_modules"
SEARCHED = f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin"
"""Where a daemon's program may lie, for users whose PATH has no sbin."""
PACKAGES = {
    "curl": "curl",
    "nginx": "nginx-light",
    "node": "nodejs",
    "npm": "npm",
    "chromium": "chromium",
}
"""Programs, each with its package in Debian."""
MODULES = ("requests", "urllib3", "uvicorn", "waitress")
"""What requirements-clients.lock brings; the other libraries are there in any case."""
WANTED = {
    "curl": ("curl",),
    "requests": ("requests",),
    "urllib3": ("urllib3",),
    "fetch": ("node", "undici"),
    "undici": ("node", "undici"),
    "ws": ("node", "ws"),
    "chromium": ("chromium",),
    "waitress": ("waitress",),
    "uvicorn": ("uvicorn",),
    "node": ("node", "ws"),
    "nginx": ("nginx", "uvicorn"),
}
"""What each client and upstream needs; what is not here needs nothing more."""


def program(name: str) -> str:
    """Where a program is; its name if it is nowhere."""
    return shutil.which(name, path=SEARCHED) or name


def is_there(what: str) -> bool:
    """Whether a program, a module or a package of Node is there."""
    if what in MODULES:
        return find_spec(what) is not None
    if what in PACKAGES:
        return shutil.which(what, path=SEARCHED) is not None
    return (NODE_PACKAGES / what).is_dir()


def lacking(name: str) -> str | None:
    """Why a client or upstream cannot be tried, or None."""
    gone = [what for what in WANTED.get(name, ()) if not is_there(what)]
    return f"{', '.join(gone)} not there: make test-clients installs it" if gone else None

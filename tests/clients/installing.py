"""Installs what the suite needs beside Python: `python -m tests.clients.installing`."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from dev.bench.installing import install
from tests.clients.needs import FOLDER, NODE_PACKAGES, PACKAGES, WANTED, is_there, lacking

LOCK = FOLDER / "node" / "package-lock.json"
NPM_CI = ("npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--silent")


def main() -> int:
    """Programs from Debian, packages of Node from their lock; the exit code."""
    install(package for name, package in PACKAGES.items() if not is_there(name))
    if locked(LOCK) != locked(NODE_PACKAGES / ".package-lock.json") and is_there("npm"):
        print("installing what is locked in tests/clients/node/package-lock.json", flush=True)
        subprocess.run(NPM_CI, cwd=LOCK.parent, check=False)
    left = sorted({why for name in WANTED if (why := lacking(name))})
    print("".join(f"{why}\n" for why in left), end="", file=sys.stderr)
    return 1 if left else 0


def locked(file: Path) -> dict[str, Any]:
    """The packages of a lock, or of what npm notes to have installed; none without the file."""
    if not file.exists():
        return {}
    packages: dict[str, Any] = json.loads(file.read_text("utf-8"))["packages"]
    return {name: one["integrity"] for name, one in packages.items() if name}


if __name__ == "__main__":
    sys.exit(main())

"""`make compiled`: the program with its data path as C extensions, in build/compiled.

A copy, so that what is edited is never hidden behind what was once compiled of it.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from dev.plan import ROOT
from dev.screen import complain

COPY = ROOT / "build" / "compiled"
LEFT_OUT = shutil.ignore_patterns(
    ".*", "__pycache__", "*.egg-info", "*.so", "build", "node_modules"
)
BUILD = (sys.executable, "setup.py", "build_ext", "--inplace", "--force")


def main() -> int:
    """Copy and compile; the exit code."""
    made = compiled_into(COPY)
    if made.returncode != 0:
        print(made.stdout[-4000:])
        return complain("the data path could not be compiled; a C compiler and Python.h are needed")
    found = len(list((COPY / "router").rglob("*.so")))
    print(f"{found} modules of the router are compiled in {COPY.relative_to(ROOT)}")
    return 0


def compiled_into(folder: Path) -> subprocess.CompletedProcess[str]:
    """How it went to copy the program into *folder* and compile it there."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(ROOT, folder, ignore=LEFT_OUT)
    return subprocess.run(
        BUILD,
        cwd=folder,
        env={**os.environ, "STRANGLER_COMPILE": "1"},
        check=False,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )


if __name__ == "__main__":
    sys.exit(main())

"""docs/migration.md, walked from its first block to its last, on a copy of the repository.

Diffs are applied with git, commands are typed as they stand, against a stack that `make up` runs
there: at the end the monolith has lost its old code and coach serves the workout.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from dev.places import free_ports, with_ports
from dev.plan import ROOT
from tests.docs.pages import Block, blocks
from tests.system.readme import steps_of
from tests.system.test_system_readme import README_PORTS, foreground, lend_environment, typed

pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed"),
]

PAGE = ROOT / "docs" / "migration.md"
NOT_COPIED = shutil.ignore_patterns(".git", ".venv", ".dev", "*_cache", "__pycache__")
STILL_TESTED = ("catalogue", "history", "login")
"""Suites of the monolith that have nothing to do with the workout."""


class Copy:
    """A copy of the repository under git, on ports of its own."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.ports = dict(zip(README_PORTS, map(str, free_ports(4)), strict=True))
        shutil.copytree(ROOT, root, ignore=NOT_COPIED)
        routes = root / "config" / "routes.yaml"
        routes.write_text(self.moved(routes.read_text("utf-8")), "utf-8")
        lend_environment(root)
        self.environment = {
            **os.environ,
            "STRANGLER_LISTEN": f"127.0.0.1:{self.ports['8080']}",
            "STRANGLER_ADMIN": f"127.0.0.1:{self.ports['9901']}",
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        self.git("init", "-q")
        self.git("add", "-A")
        self.git("-c", "user.name=x", "-c", "user.email=x@example.com", "commit", "-qm", "before")

    def moved(self, text: str) -> str:
        """*text* with the copy's ports."""
        return with_ports(text, self.ports)

    def git(self, *arguments: str, given: str = "") -> None:
        """Run git in it."""
        done = subprocess.run(
            ["git", *arguments],
            cwd=self.root,
            input=given,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, (arguments, given, done.stderr)

    def walk(self, block: Block) -> None:
        """Do what *block* says."""
        if block.kind == "diff":
            self.git("apply", "-", given=block.text)
        elif block.kind == "console":
            for step in steps_of(self.moved(block.text)):
                typed(step, self.root, self.environment)

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a module of Python's there."""
        return subprocess.run(
            [sys.executable, "-m", *arguments],
            cwd=self.root,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )


def test_the_whole_way(tmp_path: Path) -> None:
    """From 10 per cent as shipped to a monolith without the old code; what is left is whole."""
    copy = Copy(tmp_path / "repository")
    with foreground("make up", copy.root, copy.environment):
        for block in blocks(PAGE):
            copy.walk(block)
    left = {path.name for path in (copy.root / "monolith").glob("*.py")}
    assert not left & {"workout.py", "wod.py", "search.py", "searching.py"}
    assert {"slots.py", "login.py", "history.py", "catalogue.py"} <= left
    linted = copy.run("ruff", "check", "monolith")
    assert linted.returncode == 0, linted.stdout
    suites = [f"tests/monolith/test_monolith_{name}.py" for name in STILL_TESTED]
    tested = copy.run("pytest", "-k", "not postgresql", *suites)
    assert tested.returncode == 0, tested.stdout
    assert "passed" in tested.stdout


def test_nothing_is_left_of_the_old_code(tmp_path: Path) -> None:
    """After the page's diffs no module of the monolith names what was deleted."""
    copy = Copy(tmp_path / "repository")
    for block in blocks(PAGE):
        if block.kind == "diff" and "+++ b/monolith/" in block.text:
            copy.git("apply", "-", given=block.text)
    gone = ("MONOLITH_SEARCHES", "MONOLITH_WOD", "searching", "workout_routes", "SEARCHES")
    kept = [p for p in (copy.root / "monolith").glob("*.py") if p.name not in DELETED]
    text = "\n".join(path.read_text("utf-8") for path in kept)
    assert [word for word in gone if word in text] == []


DELETED = {"workout.py", "wod.py", "search.py", "searching.py"}

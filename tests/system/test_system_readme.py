"""The README's tour, typed as it stands into a copy of the repository."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from dev.places import free_ports, with_ports
from dev.plan import ROOT
from dev.process import descendants
from dev.stack import eventually
from tests.system.readme import Step, agrees, steps
from tests.system.ups import is_running

pytestmark = pytest.mark.system

README_PORTS = ("8080", "9901", "5001", "5002")
FOREGROUND = "make up"
NOT_COPIED = shutil.ignore_patterns(".git", ".venv", ".dev", ".*_cache", "__pycache__", "tests")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Give a copy of the repository with an environment in place, on ports that are free."""
    root = tmp_path / "repository"
    shutil.copytree(ROOT, root, ignore=NOT_COPIED)
    ports = dict(zip(README_PORTS, map(str, free_ports(4)), strict=True))
    for name in ("README.md", "config/routes.yaml"):
        page = root / name
        page.write_text(with_ports(page.read_text("utf-8"), ports), "utf-8")
    lend_environment(root)
    (root / "ports").write_text(f"{ports['8080']} {ports['9901']}", "ascii")
    return root


def lend_environment(root: Path) -> None:
    """This environment as the copy's `.venv`, so that nothing has to be installed for the test.

    `make up` making it from nothing is what .ci/run begins with.
    """
    ours, lent = Path(sys.prefix), root / ".venv"
    (lent / "bin").mkdir(parents=True)
    for path in ours.iterdir():
        if path.name != "bin":
            (lent / path.name).symlink_to(path)
    for path in (ours / "bin").iterdir():
        (lent / "bin" / path.name).symlink_to(path)
    command = lent / "bin" / "strangler"
    command.unlink(missing_ok=True)  # ours runs the code of this folder, not of the copy
    command.write_text(f'#!/bin/sh\nexec {lent}/bin/python -m router "$@"\n', "ascii")
    command.chmod(0o755)
    for stamp in ("made", "running"):
        (lent / stamp).unlink(missing_ok=True)
        (lent / stamp).touch()


@contextmanager
def foreground(command: str, root: Path, environment: dict[str, str]) -> Iterator[None]:
    """Run *command* in another terminal, as it were, until the end of the block: then Ctrl-C."""
    log = root / "up.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            ["sh", "-c", f"exec {command}"],
            cwd=root,
            env=environment,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        is_up = eventually(lambda: "Ctrl-C stops it" in log.read_text("utf-8"), 40.0)
        assert is_up, log.read_text("utf-8")
        yield
    finally:
        family = descendants(process.pid)
        os.killpg(process.pid, signal.SIGINT)
        process.wait(40)
        assert eventually(lambda: not any(map(is_running, family)), 30.0)


def typed(step: Step, root: Path, environment: dict[str, str]) -> None:
    """Run one command; it must succeed and bring what is shown."""
    done = subprocess.run(
        ["sh", "-c", step.command],
        cwd=root,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, (step.command, done.stdout)
    assert step.is_shown_in(done.stdout), (step.command, step.shown, done.stdout)


def test_each_command_of_the_readme_brings_what_it_shows(copy: Path) -> None:
    """All `console` blocks, in order, against a stack that `make up` started."""
    listen, admin = (copy / "ports").read_text("ascii").split()
    environment = {
        **os.environ,
        "STRANGLER_LISTEN": f"127.0.0.1:{listen}",
        "STRANGLER_ADMIN": f"127.0.0.1:{admin}",
    }
    first, *others = steps(copy / "README.md")
    assert first.command == FOREGROUND
    assert len(others) >= 5
    with foreground(first.command, copy, environment):
        for step in others:
            typed(step, copy, environment)


@pytest.mark.parametrize(
    ("line", "shown", "is_so"),
    [
        ("200 after 0.5 s", "200 after 1.75 s", True),
        ("502 after 0.5 s", "200 after 1.75 s", False),
        ("in force (hash fcd23a6601da)", "in force (hash 000000000000)", True),
        ('{"a":[{"id":7,"b":1}]}', '{"a":[{"id":45,…', True),
        ('{"b":[{"id":7}]}', '{"a":[{"id":45,…', False),
    ],
)
def test_examples_may_differ_and_nothing_else(line: str, shown: str, is_so: bool) -> None:
    """What counts as the same line."""
    assert agrees(line, shown) is is_so

"""`make up`: a clean start, an honest refusal, and an end that leaves nothing."""

import contextlib
import json
import os
import re
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from dev.plan import ROOT
from dev.stack import eventually
from tests.system.ups import Up, is_running, taken

pytestmark = pytest.mark.system

SECRETS = ("token", "jwt-secret")


def test_a_clean_start_works_and_ctrl_c_leaves_nothing(tmp_path: Path) -> None:
    """The printed request works, coach's death stays coach's, `dev.up coach` mends it."""
    with Up(tmp_path) as up:
        token = (tmp_path / "state" / "token").read_text("ascii").strip()
        assert f"\n  {token}\n" in up.output
        modes = [stat.S_IMODE((tmp_path / "state" / n).stat().st_mode) for n in SECRETS]
        assert modes == [0o600, 0o600]
        head, _, body = up.curl().partition("\n\n")
        assert head.startswith("HTTP/1.1 200")
        assert len(json.loads(body)["exercises"]) == 6

        assert up.run().returncode == 1  # it runs already
        coach = up.pid("coach")
        up.note_family()
        os.kill(coach, signal.SIGKILL)  # the first process alone: the others must go as well
        assert eventually(lambda: "coach has ended (killed by SIGKILL)" in up.output, 20.0)
        assert up.process.poll() is None
        assert up.curl().startswith("HTTP/1.1 200")
        again = up.run("coach")
        assert (again.returncode, again.stdout) == (0, "coach is ready\n")
        assert up.pid("coach") != coach

        assert up.interrupt() == 0
        assert up.living() == []
        assert not list((tmp_path / "state").glob("[!u]*.pid"))


def test_sigterm_to_the_parent_alone_stops_it_all_also_under_way(tmp_path: Path) -> None:
    """A workout that is being computed is finished, its search leaves no process."""
    with Up(tmp_path) as up:
        up.config.write_text(
            up.config.read_text("utf-8").replace("percent: 10", "percent: 0"), "utf-8"
        )
        assert eventually(lambda: "wod.percent 10 → 0" in up.output, 20.0)
        [line] = re.findall(r"^ +(curl .*)$", up.output, re.MULTILINE)
        with subprocess.Popen(["sh", "-c", f"exec {line}"], stdout=subprocess.PIPE) as asking:
            up.note_family()
            before = set(up.living())
            assert eventually(lambda: up.has_new_process(before), 20.0)
            up.process.send_signal(signal.SIGTERM)
            assert up.process.wait(30) == 0
            assert asking.stdout is not None
            assert asking.stdout.read().startswith(b"HTTP/1.1 200")
        assert up.living() == []


def test_every_taken_port_is_named_with_what_to_set(tmp_path: Path) -> None:
    """All four at once, before anything is started."""
    up = Up(tmp_path)
    with contextlib.ExitStack() as others:
        for port in up.ports.values():
            others.enter_context(taken(port))
        refused = up.run()
    assert refused.returncode == 1
    lines = refused.stderr.splitlines()
    remedies = ("STRANGLER_LISTEN=", "STRANGLER_ADMIN=", "upstreams.monolith", "upstreams.coach")
    for name, remedy in zip(up.ports, remedies, strict=True):
        [line] = [line for line in lines if f":{up.ports[name]} is taken" in line]
        assert remedy in line
    assert len(lines) == 4
    assert refused.stdout == ""


def test_a_program_that_ignores_sigterm_is_killed(tmp_path: Path) -> None:
    """With all it has started, also what has left its process group."""
    command = [sys.executable, "-m", "tests.system.stubborn", str(tmp_path)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as up:
        assert up.stdout is not None
        for line in up.stdout:
            if line == b"all are up\n":
                break
        notes = [path.read_text("ascii") for path in tmp_path.glob("*.pids")]
        pids = [int(pid) for note in notes for pid in note.split()]
        assert len(pids) == 6
        assert all(map(is_running, pids))
        up.send_signal(signal.SIGINT)
        assert up.stdout.read().count(b"does not stop: killed") == 3
        assert up.wait(20) == 0
    assert eventually(lambda: not any(map(is_running, pids)), 20.0)


def test_a_program_that_dies_at_the_start_ends_it_loudly(tmp_path: Path) -> None:
    """Exit code 1, the program and its last words named, nothing left."""
    up = Up(tmp_path)
    up.environment["MONOLITH_SEARCHES"] = "many"
    done = up.run()
    assert done.returncode == 1
    assert "MONOLITH_SEARCHES: 'many' is not a number" in done.stdout
    assert "monolith ended while starting (exit code 1)" in done.stdout

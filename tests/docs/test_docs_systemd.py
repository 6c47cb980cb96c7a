"""The systemd unit: systemd itself finds nothing wrong with it, and little that it leaves open."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from dev.plan import ROOT
from router.cli.arguments import seconds
from router.serve import Options

UNIT = ROOT / "deploy" / "systemd" / "strangler.service"
PROGRAM = "/opt/strangler/bin/strangler"
MOST_EXPOSED = 2.0
"""systemd's own scale from 0 (sealed) to 10; a unit that says nothing has 9.6."""

analyze = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed"
)


def lines(key: str) -> list[str]:
    """The values that the unit gives *key*, in order."""
    return re.findall(rf"^{key}=(.*)$", UNIT.read_text("utf-8"), re.MULTILINE)


@pytest.fixture
def unit(tmp_path: Path) -> Path:
    """Give the unit with a program that this machine has in the place of the installed one."""
    moved = tmp_path / "strangler.service"
    moved.write_text(UNIT.read_text("utf-8").replace(PROGRAM, sys.executable), "utf-8")
    return moved


def analyzed(*arguments: str) -> subprocess.CompletedProcess[str]:
    """What `systemd-analyze` says."""
    return subprocess.run(
        ["systemd-analyze", *arguments], capture_output=True, text=True, check=False, timeout=30
    )


@analyze
def test_systemd_finds_nothing_wrong(unit: Path) -> None:
    """No unknown key, no value it cannot read, no program that is not there."""
    done = analyzed("verify", "--man=no", str(unit))
    about_us = [line for line in done.stderr.splitlines() if "strangler" in line]
    assert done.returncode == 0, done.stderr
    assert about_us == []


@analyze
def test_a_misspelt_key_would_be_found(unit: Path) -> None:
    """The check above is able to fail."""
    unit.write_text(unit.read_text("utf-8").replace("UMask=", "UMaske="), "utf-8")
    assert "UMaske" in analyzed("verify", "--man=no", str(unit)).stderr


@analyze
def test_little_is_left_open(unit: Path) -> None:
    """systemd's own estimate of what a broken-in service could do."""
    done = analyzed("security", "--offline=yes", "--no-pager", str(unit))
    if "unrecognized option" in done.stderr:
        pytest.skip("this systemd-analyze cannot judge a file")
    [found] = re.findall(r"exposure level for strangler\.service: ([0-9.]+)", done.stdout)
    assert float(found) <= MOST_EXPOSED, done.stdout


def test_it_gives_the_router_time_to_finish() -> None:
    """systemd kills later than the router cuts, so that each exchange has its fate."""
    [grace] = [text.partition("GRACE=")[2] for text in lines("Environment") if "GRACE" in text]
    [stop] = lines("TimeoutStopSec")
    assert seconds(stop) > seconds(grace) == Options().grace_s


def test_the_supervisor_alone_is_asked_to_stop() -> None:
    """It has the workers finish; SIGKILL after the grace time is for all."""
    assert lines("KillMode") == ["mixed"]


def test_the_secret_is_a_credential_and_nowhere_in_the_unit() -> None:
    """`systemctl show` tells everybody what a unit's environment holds."""
    assert lines("LoadCredential") == ["jwt_secret:/etc/strangler/jwt_secret"]
    assert "JWT_SECRET_FILE=%d/jwt_secret" in lines("Environment")
    assert not any(text.startswith("JWT_SECRET=") for text in lines("Environment"))


def test_a_reload_is_what_the_router_takes_for_one() -> None:
    """SIGHUP, and a start that checks the file first."""
    assert lines("ExecReload") == ["/bin/kill -HUP $MAINPID"]
    assert lines("ExecStartPre") == [f"{PROGRAM} check"]
    assert lines("ExecStart") == [f"{PROGRAM} serve"]

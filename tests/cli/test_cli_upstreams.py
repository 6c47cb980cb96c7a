"""STRANGLER_UPSTREAMS from the command line: every command that reads the file honours it."""

from pathlib import Path

import pytest

from router import serve
from router.cli import main
from router.serve import Options

COMMANDS = [
    ["serve", "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0"],
    ["check"],
    ["explain", "--user", "u"],
    ["set", "wod", "20"],
    ["token", "--user", "u"],
]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda line: str(line[0]))
def test_a_bad_variable_is_told_by_every_command(
    command: list[str],
    file: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """Exit code 1, the variable's name and the remedy, and the file as it was."""
    before = file.read_text()
    monkeypatch.setenv("STRANGLER_UPSTREAMS", "caoch=http://coach:5002")
    assert main(command) == 1
    said = capfd.readouterr().err
    assert said.startswith("STRANGLER_UPSTREAMS: caoch: is no upstream of config/routes.yaml")
    assert file.read_text() == before


def test_check_shows_what_is_in_force(
    file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`check --effective` prints the address that would be asked."""
    monkeypatch.setenv("STRANGLER_UPSTREAMS", "coach=http://coach:5002")
    assert main(["check", "--effective"]) == 0
    shown = capsys.readouterr().out
    assert "url: http://coach:5002" in shown
    assert "url: http://127.0.0.1:5001" in shown


def test_set_edits_the_number_alone(
    file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """An address of the environment is not written into the file."""
    before = file.read_text()
    monkeypatch.setenv("STRANGLER_UPSTREAMS", "coach=http://coach:5002")
    assert main(["set", "wod", "20"]) == 0
    assert file.read_text() == before.replace("percent: 10", "percent: 20")


def test_serve_hands_the_addresses_on(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment is read by the command line alone."""
    handed: list[Options] = []
    monkeypatch.setattr(serve, "run", lambda options: handed.append(options) or 0)
    monkeypatch.setenv("STRANGLER_UPSTREAMS", "coach=http://coach:5002")
    assert main(["serve"]) == 0
    assert handed[0].addresses == {"coach": "http://coach:5002"}

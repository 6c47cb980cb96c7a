"""`make compare-pair`, a short form of it: health is silent, and a bug in coach is found."""

import subprocess
from collections import Counter
from pathlib import Path

import pytest

from dev.compare_pair.__main__ import main
from dev.compare_pair.playing import Book, Play
from dev.compare_pair.report import Shown
from dev.stack import Stack

pytestmark = pytest.mark.system


def test_health_is_silent_and_a_bug_is_found(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A hundred exchanges of the real pair, then coach with a line of its code changed."""
    page = tmp_path / "comparison.md"
    code = main(["--count", "100", "--write", str(page)])
    said = capsys.readouterr().out
    assert code == 0, said
    assert "kept: health is silent" in said
    assert "legacy asked twice for" in said
    assert "MISMATCH $.exercises[*].suggested_weight" in page.read_text("utf-8")


def test_a_pair_without_a_bug_is_not_said_to_have_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The verdict is of what was found, not of what was put in."""
    said = subprocess.CompletedProcess([], 0, "no mismatch\n", "")
    shown = Shown(10, healthy(10), healthy(20), 1.0, said, said)
    monkeypatch.setattr("dev.compare_pair.__main__.show", lambda *_: shown)
    assert main(["--count", "10"]) == 1
    told = capsys.readouterr().out
    assert "kept: health is silent" in told
    assert "**broken**: a bug is found within 200 sampled exchanges: not found in 20" in told


def healthy(count: int) -> Play:
    """A play of a pair that agrees."""
    book = Book(verdicts=Counter(same=count))
    return Play(Stack, iter(()), lambda _: True, sent=count, book=book)  # type: ignore[arg-type]

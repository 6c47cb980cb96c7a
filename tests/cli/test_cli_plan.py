"""`strangler plan`: what a file would move, as a person and a program read it."""

import json
from pathlib import Path
from typing import Any

import pytest

from router.cli import main
from tests.cli.admin_port import admin_port
from tests.config.files import SHIPPED

MOVES = [{"from": "monolith", "to": "coach", "users": 412}]
RATES = {"coach": {"now": 3.1, "then": 6.4}, "monolith": {"now": 58.0, "then": 54.7}}
ROUTE = {
    "users": 8290,
    "estimated": False,
    "seconds": 431.0,
    "moves": MOVES,
    "requests_per_second": RATES,
}
PLAN = {
    "problems": [],
    "warnings": [],
    "hash": {"now": "aaa", "then": "bbb"},
    "changes": ["wod.percent 5 → 10"],
    "routes": {"wod": ROUTE},
}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Give a file to plan with."""
    path = tmp_path / "next.yaml"
    path.write_text(SHIPPED, "utf-8")
    return path


def told(
    capsys: pytest.CaptureFixture[str], file: Path, plan: Any, *words: str, status: int = 200
) -> tuple[int, str]:
    """Exit code, and all that was said."""
    with admin_port({f"/plan?file={file}": (status, plan)}, posted=SHIPPED.encode()) as admin:
        code = main(["plan", str(file), *words, "--admin", admin])
    said = capsys.readouterr()
    return code, said.out + said.err


def test_who_moves_and_every_change(capsys: pytest.CaptureFixture[str], file: Path) -> None:
    """In words; the file went to the router as it is."""
    code, said = told(capsys, file, PLAN)
    assert code == 0
    assert said.splitlines() == [
        "wod.percent 5 → 10",
        "wod: moves 412 of 8,290 recently seen users (4.97 %) monolith → coach, 0 back",
        "wod: coach from 3.1 to 6.4, monolith from 58 to 54.7 requests/s",
    ]


@pytest.mark.parametrize(
    ("also", "line"),
    [
        ({"moves": []}, "wod: moves nobody of 8,290 recently seen users"),
        (
            {"estimated": True},
            "wod: moves 412 of about 8,290 recently seen users (4.97 %) monolith → coach, 0 back",
        ),
        (
            {"moves": [*MOVES, {"from": "coach", "to": "monolith", "users": 3}]},
            "wod: moves 412 of 8,290 recently seen users (4.97 %) monolith → coach, 3 back",
        ),
        ({"users": 0, "moves": []}, "wod: moves nobody of 0 recently seen users"),
    ],
)
def test_other_movements(
    capsys: pytest.CaptureFixture[str], file: Path, also: dict[str, Any], line: str
) -> None:
    """Both ways, none at all, or an estimate."""
    _, said = told(capsys, file, {**PLAN, "routes": {"wod": {**ROUTE, **also}}})
    assert line in said.splitlines()


def test_nothing_changes(capsys: pytest.CaptureFixture[str], file: Path) -> None:
    """A remark is another hash and nothing else."""
    _, said = told(capsys, file, {**PLAN, "changes": []})
    assert said == "nothing changes (hash aaa → bbb)\n"


def test_warnings_are_told(capsys: pytest.CaptureFixture[str], file: Path) -> None:
    """As `check` does."""
    code, said = told(capsys, file, {**PLAN, "warnings": ["a.yaml:1:1: careful"]})
    assert code == 0
    assert said.endswith("warning: a.yaml:1:1: careful\n")


def test_json(capsys: pytest.CaptureFixture[str], file: Path) -> None:
    """All of what the router says."""
    code, said = told(capsys, file, PLAN, "--format", "json")
    assert (code, json.loads(said)) == (0, PLAN)


def test_a_bad_file(capsys: pytest.CaptureFixture[str], file: Path) -> None:
    """Every problem, as the router would log it."""
    code, said = told(capsys, file, {"problems": ["next.yaml:1:1: bad"]}, status=422)
    assert (code, said) == (1, "next.yaml:1:1: bad\n")


def test_no_file_and_no_router(capsys: pytest.CaptureFixture[str], file: Path) -> None:
    """Each in words."""
    assert main(["plan", str(file.with_name("none.yaml")), "--admin", "127.0.0.1:1"]) == 1
    assert "cannot be read" in capsys.readouterr().err
    assert main(["plan", str(file), "--admin", "127.0.0.1:1"]) == 1
    assert "no answer from the admin port" in capsys.readouterr().err

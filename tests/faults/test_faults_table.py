"""No row of the matrix is without a test, and no test that it names is missing."""

import ast
import re
from pathlib import Path

import pytest

from dev.plan import ROOT
from tests.faults.book import PAGE, page
from tests.faults.rows import Row
from tests.faults.table import ROWS

TESTS = ROOT / "tests"
WALL = re.compile(r"\btime\.time\b|\bdatetime\.now\b")
BY_THE_WALL = {"router/cli/token.py", "router/edge/keyfiles.py", "router/serve/worker.py"}


def test_every_row_is_tried() -> None:
    """Here, or by a test elsewhere."""
    assert [row.fault for _, row in ROWS if not row.ways and not row.tests] == []
    faults = [row.fault for _, row in ROWS]
    assert len(set(faults)) == len(faults)


@pytest.mark.parametrize("row", [row for _, row in ROWS if row.tests], ids=lambda row: row.fault)
def test_the_tests_that_a_row_names_exist(row: Row) -> None:
    """By file and name."""
    for one in row.tests:
        file, _, name = one.partition("::")
        assert name in functions(TESTS / file), one


def functions(path: Path) -> set[str]:
    """The names of the functions of a file."""
    tree = ast.parse(path.read_text("utf-8"))
    defined = (ast.FunctionDef, ast.AsyncFunctionDef)
    return {node.name for node in tree.body if isinstance(node, defined)}


def test_the_page_is_fresh() -> None:
    """`python -m tests.faults.book --write` makes it anew."""
    assert PAGE.read_text("utf-8") == page()


def test_the_wall_clock_is_for_tokens_logs_and_dates() -> None:
    """Whoever asks it is known; a stepped clock moves no deadline, and no timer."""
    found = {
        str(path.relative_to(ROOT))
        for path in (ROOT / "router").rglob("*.py")
        if WALL.search(path.read_text("utf-8"))
    }
    assert found == BY_THE_WALL

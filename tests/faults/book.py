"""docs/faults.md: every fault that is survived and what a client sees of it, from the tables.

`python -m tests.faults.book --write` makes it anew; a test checks that it is fresh.
"""

import sys
from pathlib import Path

from tests.faults.rows import Row
from tests.faults.table import TABLES

PAGE = Path(__file__).parents[2] / "docs" / "faults.md"

INTRODUCTION = """# Faults that are survived

What becomes of each fault of the candidate, of the file, and of the machine: {count} rows, tried \
in {ways} ways through the real router by `tests/faults`, and by the tests that are named. The \
candidate's are those of a route with fallback. *cause* is the one that `fallback` lists, and that \
logs and metrics say. This page is made from the tables by `python -m tests.faults.book --write`.
"""


def page() -> str:
    """The whole page."""
    rows = [row for table in TABLES.values() for row in table]
    ways = sum(len(row.ways) for row in rows)
    parts = [INTRODUCTION.format(count=len(rows), ways=ways)]
    parts += [section(topic, table) for topic, table in TABLES.items()]
    return "\n".join(parts)


def section(topic: str, rows: tuple[Row, ...]) -> str:
    """One table."""
    head = ["| fault | cause | what is seen | tried as |", "|---|---|---|---|"]
    lines = [f"| {row.fault} | {row.cause} | {row.sees} | {tried(row)} |" for row in rows]
    return "\n".join([f"## {topic[0].upper()}{topic[1:]}", "", *head, *lines, ""])


def tried(row: Row) -> str:
    """How, in the names of the ways and of the tests elsewhere."""
    return "; ".join([*row.ways, *(f"`tests/{name}`" for name in row.tests)])


if __name__ == "__main__":
    if "--write" in sys.argv:
        PAGE.write_text(page(), "utf-8")
    else:
        print(page())

"""The board: current, and every query one that Prometheus can read."""

import json
from pathlib import Path

import yaml

from dev import board
from tests.alerts.rules import needs_promtool, promtool


def test_the_file_is_what_the_script_makes() -> None:
    """`make board` was run after the last change."""
    assert board.FILE.read_text("utf-8") == board.text()


def test_no_two_panels_overlap() -> None:
    """Each has an id and a place of its own."""
    panels = json.loads(board.text())["panels"]
    places = [(one["gridPos"]["x"], one["gridPos"]["y"]) for one in panels]
    assert len(set(places)) == len({one["id"] for one in panels}) == len(panels)


@needs_promtool
def test_each_query_is_promql(tmp_path: Path) -> None:
    """Wrapped in rules, since promtool reads nothing else."""
    rules = [
        {"record": f"board:query:{number}", "expr": query}
        for number, query in enumerate(board.expressions())
    ]
    file = tmp_path / "board.yml"
    file.write_text(yaml.safe_dump({"groups": [{"name": "board", "rules": rules}]}), "utf-8")
    promtool("check", "rules", str(file))

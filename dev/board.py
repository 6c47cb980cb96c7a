"""The Grafana board: `python -m dev.board` says whether it is current, `--write` makes it.

config/grafana/dashboards/strangler.json is drawn from what `dev.panels` has.
"""

import json
import sys
from typing import Any

from dev.panels import ROWS, Panel
from dev.plan import ROOT

FILE = ROOT / "config" / "grafana" / "dashboards" / "strangler.json"
SOURCE = {"type": "prometheus", "uid": "prometheus"}
WIDTH, HEIGHT = 24, 8
"""Of the board, and of a panel, in Grafana's units."""


def expressions() -> list[str]:
    """Every query of the board, its variables replaced as Grafana replaces them."""
    queries = (q for row in ROWS.values() for panel in row for q in panel.queries.values())
    return [
        query.replace("$__rate_interval", "1m").replace("$route", ".+").replace("$instance", ".+")
        for query in queries
    ]


def board() -> dict[str, Any]:
    """The board as Grafana reads it."""
    panels: list[dict[str, Any]] = []
    top = 0
    for title, row in ROWS.items():
        panels.append(heading(title, top))
        width = WIDTH // len(row)
        places = [{"h": HEIGHT, "w": width, "x": width * n, "y": top + 1} for n in range(len(row))]
        panels += [drawn(panel, place) for panel, place in zip(row, places, strict=True)]
        top += 1 + HEIGHT
    for number, panel in enumerate(panels, 1):
        panel["id"] = number
    return {
        "uid": "strangler",
        "title": "Strangler router",
        "description": "Made by `make board`.",
        "tags": ["strangler"],
        "schemaVersion": 39,
        "version": 1,
        "editable": False,
        "refresh": "10s",
        "time": {"from": "now-1h", "to": "now"},
        "templating": {"list": [variable("route"), variable("instance")]},
        "panels": panels,
    }


def heading(title: str, top: int) -> dict[str, Any]:
    """The line above a row of panels."""
    place = {"h": 1, "w": WIDTH, "x": 0, "y": top}
    return {"type": "row", "title": title, "collapsed": False, "gridPos": place, "panels": []}


def drawn(panel: Panel, place: dict[str, int]) -> dict[str, Any]:
    """One panel in its place."""
    custom: dict[str, Any] = {"fillOpacity": 10, "showPoints": "never"}
    if panel.stacked:
        custom |= {"fillOpacity": 40, "stacking": {"mode": "normal"}}
    return {
        "type": "timeseries",
        "title": panel.title,
        "description": panel.reads,
        "datasource": SOURCE,
        "gridPos": place,
        "fieldConfig": {"defaults": {"unit": panel.unit, "min": 0, "custom": custom}},
        "options": {"tooltip": {"mode": "multi"}, "legend": {"displayMode": "list"}},
        "targets": [
            {"refId": chr(ord("A") + number), "expr": query, "legendFormat": legend}
            for number, (legend, query) in enumerate(panel.queries.items())
        ],
    }


def variable(label: str) -> dict[str, Any]:
    """A choice at the top of the board: some or all values of *label*."""
    return {
        "name": label,
        "type": "query",
        "datasource": SOURCE,
        "query": f"label_values(strangler_requests_total, {label})",
        "refresh": 2,
        "includeAll": True,
        "allValue": ".+",
        "multi": True,
        "current": {"text": ["All"], "value": ["$__all"]},
    }


def text() -> str:
    """The file's content."""
    return json.dumps(board(), indent=2) + "\n"


def main(arguments: list[str]) -> int:
    """Check, or write; the exit code."""
    if arguments == ["--write"]:
        FILE.parent.mkdir(parents=True, exist_ok=True)
        FILE.write_text(text(), "utf-8")
    if not FILE.exists() or FILE.read_text("utf-8") != text():
        print(f"{FILE.relative_to(ROOT)} is not what dev/board.py makes; run: make board")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

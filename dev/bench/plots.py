"""Plots of single figures: bars as SVG, small enough to be read as text."""

from collections.abc import Sequence
from html import escape
from pathlib import Path

from dev.bench.figures import Results
from dev.bench.stages import STAGES
from dev.bench.table import number
from dev.bench.targets import ROUTER

PLOTTED = ("cpu-90", "a-second", "p99.9", "a-client")
LINE = 26
LEFT = 90
BAR = 400
RIGHT = 130
LONGEST = 4.0
"""A bar longer than that many of the median peer's is cut, so that the others can be told apart."""
STYLE = (
    "text{font:13px sans-serif;fill:#222}.t{font-weight:bold}.b{fill:#8fa8c8}.r{fill:#d9822b}"
    ".w{stroke:#222;stroke-width:1.5}"
    "@media(prefers-color-scheme:dark){text{fill:#ddd}.w{stroke:#ddd}}"
)


def write_plots(folder: Path, results: Results, peers: Sequence[str]) -> list[tuple[str, Path]]:
    """A file for each of `PLOTTED` that was measured, with its title."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for stage in STAGES:
        for figure in stage.figures:
            rows = {peer: v for peer in peers if (v := results.of(figure.name, peer))}
            if figure.name in PLOTTED and rows:
                title = f"{stage.title.partition(':')[0]}: {figure.title}, {figure.unit}"
                path = folder / f"bench-{figure.name.replace('.', '-')}.svg"
                path.write_text(svg(title, rows, figure.digits), "utf-8")
                written.append((title, path))
    return written


def svg(title: str, rows: dict[str, list[float]], digits: int) -> str:
    """Bars of the medians with a line from the least to the most; the router's stands out."""
    full = scale(rows)
    height = LINE * (len(rows) + 1) + 10
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{LEFT + BAR + RIGHT}" height="{height}" '
        f'role="img" aria-label="{escape(title)}">',
        f"<style>{STYLE}</style>",
        f'<text class="t" x="4" y="18">{escape(title)}</text>',
    ]
    for place, (peer, values) in enumerate(rows.items(), start=1):
        parts += bar(peer, sorted(values), place * LINE + 4, full, digits)
    return "\n".join([*parts, "</svg>", ""])


def scale(rows: dict[str, list[float]]) -> float:
    """What the whole width stands for."""
    middles = sorted(middle(sorted(values)) for values in rows.values())
    return max(min(max(map(max, rows.values())), LONGEST * middle(middles)), 1e-9)


def middle(values: Sequence[float]) -> float:
    """The middle one of sorted values."""
    return values[len(values) // 2]


def bar(peer: str, values: Sequence[float], y: int, full: float, digits: int) -> list[str]:
    """One line of the plot."""

    def x(value: float) -> str:
        return f"{LEFT + BAR * min(max(value / full, 0.0), 1.0):.0f}"

    value, kind = middle(values), "r" if peer == ROUTER else "b"
    width = int(x(value)) - LEFT
    cut = " (bar cut)" if value > full else ""
    end = int(x(values[-1])) + 6
    return [
        f'<text x="4" y="{y + 15}">{escape(peer)}</text>',
        f'<rect class="{kind}" x="{LEFT}" y="{y + 2}" width="{width}" height="{LINE - 8}"/>',
        f'<line class="w" x1="{x(values[0])}" x2="{x(values[-1])}" y1="{y + 11}" y2="{y + 11}"/>',
        f'<text x="{end}" y="{y + 15}">{number(value, digits)}{cut}</text>',
    ]

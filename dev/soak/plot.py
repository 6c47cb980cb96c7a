"""Two lines over the time of the run, memory and descriptors, as SVG."""

from collections.abc import Callable, Sequence
from pathlib import Path

from dev.soak.samples import Sample

WIDTH, HEIGHT = 620, 120
LEFT, TOP = 60, 26
STYLE = (
    "text{font:13px sans-serif;fill:#222}.t{font-weight:bold}.l{fill:none;stroke:#d9822b;"
    "stroke-width:1.5}.a{stroke:#888;stroke-width:1}"
    "@media(prefers-color-scheme:dark){text{fill:#ddd}}"
)
LINES: Sequence[tuple[str, Callable[[Sample], float]]] = (
    ("memory, MiB", lambda one: one.memory_mib),
    ("descriptors", lambda one: one.descriptors),
)


def write_plot(path: Path, samples: Sequence[Sample]) -> None:
    """The plot of a run."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(svg(samples), "utf-8")


def svg(samples: Sequence[Sample]) -> str:
    """One panel under the other; each begins at nothing, so that a rise is as large as it is."""
    height = (HEIGHT + TOP) * len(LINES) + 24
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{LEFT + WIDTH + 20}" height="{height}" '
        'role="img" aria-label="memory and descriptors over time">',
        f"<style>{STYLE}</style>",
    ]
    for place, (title, of) in enumerate(LINES):
        parts += panel(title, samples, of, place * (HEIGHT + TOP))
    minutes = samples[-1].at_s / 60
    parts.append(f'<text x="{LEFT + WIDTH - 60}" y="{height - 6}">{minutes:.1f} min</text>')
    return "\n".join([*parts, "</svg>", ""])


def panel(
    title: str, samples: Sequence[Sample], of: Callable[[Sample], float], top: int
) -> list[str]:
    """One line with its title, its axes and its highest value."""
    most = max(*map(of, samples), 1.0)
    end, floor = max(samples[-1].at_s, 1.0), top + TOP + HEIGHT
    points = " ".join(
        f"{LEFT + WIDTH * one.at_s / end:.0f},{floor - HEIGHT * of(one) / most:.1f}"
        for one in samples
    )
    return [
        f'<text class="t" x="4" y="{top + 18}">{title}</text>',
        f'<text x="4" y="{top + TOP + 12}">{most:.0f}</text>',
        f'<text x="4" y="{floor}">0</text>',
        f'<line class="a" x1="{LEFT}" x2="{LEFT + WIDTH}" y1="{floor}" y2="{floor}"/>',
        f'<line class="a" x1="{LEFT}" x2="{LEFT}" y1="{top + TOP}" y2="{floor}"/>',
        f'<polyline class="l" points="{points}"/>',
    ]

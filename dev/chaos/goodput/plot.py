"""The run over time as SVG: who served the WOD, how long it took, and the fates; faults shaded."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from html import escape
from math import log10
from pathlib import Path

from dev.bench.plots import STYLE
from dev.chaos.goodput.ledger import Entry, Told
from dev.chaos.goodput.seen import Run
from load.tally import percentile

BIN_S = 5.0
LEFT, WIDTH, HEIGHT, GAP, KEYS = 62, 840, 130, 50, 170
TOP, FOOT = 34, 8
MINUTE_S = 60.0
SLOWEST_MS, QUICKEST_MS = 30_000.0, 1.0
SERVED = {"coach": "#5b8c5a", "monolith": "#d9822b", "told 503": "#b9b4ab", "otherwise": "#b03a2e"}
FATES = {
    "ok": "#5b8c5a",
    "rescued": "#d9822b",
    "breaker_direct": "#8fa8c8",
    "shed": "#b9b4ab",
    "upstream_error": "#6d6a75",
    "fail_both": "#b03a2e",
    "fail_budget": "#7b4b94",
    "any other": "#222222",
}
LATENCIES: dict[str, tuple[str, Callable[[Entry], bool]]] = {
    "WOD by coach": ("#5b8c5a", lambda e: e.is_wod and e.is_good and e.served == "coach"),
    "WOD by monolith": ("#d9822b", lambda e: e.is_wod and e.is_good and e.served != "coach"),
    "refusals": ("#b03a2e", lambda e: e.is_wod and not e.is_good),
    "cheap requests": ("#3b5b92", lambda e: not e.is_wod and e.is_good),
}
OURS = (
    ".f{fill:#888;fill-opacity:.16}.a{stroke:#888;stroke-width:1}.l{fill:none;stroke-width:1.6}"
    ".s{font-size:11px}"
)


def write_plot(path: Path, run: Run) -> None:
    """The plot of a run."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(svg(run), "utf-8")


def svg(run: Run) -> str:
    """Three panels over one time."""
    span = Span(run)
    height = TOP + 3 * (HEIGHT + GAP) - FOOT
    tops = [TOP + place * (HEIGHT + GAP) for place in range(3)]
    wods = [entry for entry in run.ledger if entry.is_wod]
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{LEFT + WIDTH + KEYS}" height="{height}" '
        'role="img" aria-label="who served the WOD, latency and fates while coach has faults">',
        f"<style>{STYLE}{OURS}</style>",
        *shaded(run, span, tops),
        *minutes(span, tops),
        *stacked("WODs a second, by who served (minutes)", SERVED, who, wods, span, tops[0]),
        *lines(run.ledger, span, tops[1]),
        *stacked("fates of the WODs, a second", FATES, fate_in(run.told), wods, span, tops[2]),
    ]
    return "\n".join([*parts, "</svg>", ""])


class Span:
    """The time of the run, in bins."""

    def __init__(self, run: Run) -> None:
        self.begin = run.ledger[0].at
        self.bins = int((run.ledger[-1].at - self.begin) / BIN_S) + 1

    def place(self, at: float) -> int:
        """The bin of a moment."""
        return min(int((at - self.begin) / BIN_S), self.bins - 1)

    def x(self, at: float) -> float:
        """Where a moment is drawn."""
        return LEFT + WIDTH * min((at - self.begin) / BIN_S / self.bins, 1.0)

    def binned(self, entries: Sequence[Entry]) -> list[list[Entry]]:
        """The entries of each bin, by when they were sent."""
        bins: list[list[Entry]] = [[] for _ in range(self.bins)]
        for entry in entries:
            bins[self.place(entry.at)].append(entry)
        return bins


def who(entry: Entry) -> str:
    """Who served, or what was said instead."""
    if entry.is_good:
        return "coach" if entry.served == "coach" else "monolith"
    return "told 503" if entry.status == 503 else "otherwise"


def fate_in(told: Mapping[str, Told]) -> Callable[[Entry], str]:
    """Gives the fate of an entry."""
    return lambda entry: known(told[entry.id].fate if entry.id in told else "")


def known(fate: str) -> str:
    """A fate that has a colour."""
    return fate if fate in FATES else "any other"


def shaded(run: Run, span: Span, tops: Sequence[int]) -> Iterator[str]:
    """The faults."""
    for window in run.windows:
        x, end = span.x(window.begin), span.x(window.back)
        yield f'<text class="s" x="{x:.0f}" y="12">{escape(window.fault.name)}</text>'
        for top in tops:
            yield (
                f'<rect class="f" x="{x:.1f}" y="{top}" width="{end - x:.1f}" height="{HEIGHT}"/>'
            )


def minutes(span: Span, tops: Sequence[int]) -> Iterator[str]:
    """The time below each panel."""
    for minute in range(int(span.bins * BIN_S / MINUTE_S) + 1):
        x = span.x(span.begin + minute * MINUTE_S)
        for top in tops:
            y = top + HEIGHT
            yield f'<line class="a" x1="{x:.0f}" x2="{x:.0f}" y1="{y}" y2="{y + 4}"/>'
            yield f'<text class="s" x="{x - 3:.0f}" y="{y + 15}">{minute}</text>'


def stacked(
    title: str,
    colours: dict[str, str],
    kind: Callable[[Entry], str],
    entries: Sequence[Entry],
    span: Span,
    top: int,
) -> Iterator[str]:
    """Bars, one upon the other."""
    counts = [Counter(map(kind, some)) for some in span.binned(entries)]
    most = max(max((count.total() for count in counts), default=0), 1)
    yield from frame(title, top, f"{most / BIN_S:.1f}", "0")
    width = WIDTH / span.bins
    for place, count in enumerate(counts):
        y = float(top + HEIGHT)
        for name, colour in colours.items():
            tall = HEIGHT * count[name] / most
            y -= tall
            if tall:
                yield (
                    f'<rect fill="{colour}" x="{LEFT + place * width:.1f}" y="{y:.1f}" '
                    f'width="{width - 0.5:.1f}" height="{tall:.1f}"/>'
                )
    seen = {name: c for name, c in colours.items() if any(count[name] for count in counts)}
    yield from keys(seen, top)


def lines(ledger: Sequence[Entry], span: Span, top: int) -> Iterator[str]:
    """The 95th percentiles, on a logarithmic scale."""
    yield from frame("95th percentile", top, "30 s", "1 ms")
    for ms, text in ((50.0, "50 ms"), (2000.0, "2 s")):
        y = level(ms, top)
        yield f'<line class="a" stroke-dasharray="2 4" x1="{LEFT}" x2="{LEFT + WIDTH}" '
        yield f'y1="{y:.0f}" y2="{y:.0f}"/><text class="s" x="4" y="{y + 4:.0f}">{text}</text>'
    for colour, is_one in LATENCIES.values():
        bins = span.binned([entry for entry in ledger if is_one(entry)])
        for points in runs(bins, span, top):
            yield f'<polyline class="l" stroke="{colour}" points="{points}"/>'
    yield from keys({name: colour for name, (colour, _) in LATENCIES.items()}, top)


def runs(bins: Sequence[Sequence[Entry]], span: Span, top: int) -> Iterator[str]:
    """The points of a line, anew after each gap."""
    points: list[str] = []
    width = WIDTH / span.bins
    for place, some in enumerate([*bins, []]):
        p95 = percentile([entry.ms for entry in some], 95)
        if p95 is not None:
            x, y = LEFT + (place + 0.5) * width, level(p95, top)
            points.append(f"{x:.1f},{y:.1f}")
        elif points:
            # A line of one point would not be seen.
            yield " ".join(points if len(points) > 1 else [points[0], shifted(points[0])])
            points = []


def shifted(point: str) -> str:
    """The same a little to the right."""
    x, _, y = point.partition(",")
    return f"{float(x) + 3:.1f},{y}"


def level(ms: float, top: int) -> float:
    """Where a time is drawn."""
    within = min(max(ms, QUICKEST_MS), SLOWEST_MS)
    return top + HEIGHT * (1 - log10(within / QUICKEST_MS) / log10(SLOWEST_MS / QUICKEST_MS))


def frame(title: str, top: int, most: str, least: str) -> Iterator[str]:
    """Title, axes, scale."""
    floor = top + HEIGHT
    yield f'<text class="t" x="{LEFT}" y="{top - 6}">{escape(title)}</text>'
    yield f'<text class="s" x="4" y="{top + 10}">{most}</text>'
    yield f'<text class="s" x="4" y="{floor}">{least}</text>'
    yield f'<line class="a" x1="{LEFT}" x2="{LEFT + WIDTH}" y1="{floor}" y2="{floor}"/>'
    yield f'<line class="a" x1="{LEFT}" x2="{LEFT}" y1="{top}" y2="{floor}"/>'


def keys(colours: dict[str, str], top: int) -> Iterator[str]:
    """What the colours mean."""
    x = LEFT + WIDTH + 12
    for place, (name, colour) in enumerate(colours.items()):
        y = top + 16 * place
        yield f'<rect fill="{colour}" x="{x}" y="{y}" width="10" height="10"/>'
        yield f'<text class="s" x="{x + 16}" y="{y + 10}">{escape(name)}</text>'

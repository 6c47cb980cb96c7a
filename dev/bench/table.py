"""The figures as tables, in Markdown that also reads well as text."""

from collections.abc import Iterable, Sequence

from dev.bench.figures import RIVALS, Figure, Results
from dev.bench.stages import Stage

HEAD = ("", "peer", "median", "least–most", *(f"× {rival}" for rival in RIVALS))


def table(stage: Stage, results: Results, peers: Sequence[str]) -> str:
    """One stage: a line for each figure and peer."""
    rows = [row for figure in stage.figures for row in of_figure(figure, results, peers)]
    return aligned([HEAD, *rows]) if rows else ""


def of_figure(figure: Figure, results: Results, peers: Sequence[str]) -> Iterable[tuple[str, ...]]:
    """The lines of one figure; its title stands on the first."""
    title = f"{figure.title}, {figure.unit}"
    for peer in peers:
        values = results.of(figure.name, peer)
        if values:
            yield (
                title,
                peer,
                number(results.median(figure.name, peer), figure.digits),
                f"{number(min(values), figure.digits)}–{number(max(values), figure.digits)}",
                *(number(results.ratio(figure.name, peer, rival), 2) for rival in RIVALS),
            )
            title = ""


def number(value: float | None, digits: int) -> str:
    """As it is printed; a dash for what was not measured."""
    return "-" if value is None else f"{value:.{digits}f}"


def aligned(rows: Sequence[Sequence[str]]) -> str:
    """A table of Markdown whose columns stand under each other; numbers to the right."""
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    lines = [
        "| " + " | ".join(cell(row[n], widths[n], n) for n in range(len(row))) + " |"
        for row in rows
    ]
    rule = "|" + "|".join("-" * (w + 2 - (n > 1)) + ":" * (n > 1) for n, w in enumerate(widths))
    return "\n".join([lines[0], f"{rule}|", *lines[1:]])


def cell(text: str, width: int, place: int) -> str:
    """One cell."""
    return text.rjust(width) if place > 1 else text.ljust(width)

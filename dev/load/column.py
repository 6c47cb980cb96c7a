"""One column of the report: a run at one percentage, and the verdict on it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from load.promises import Verdict, verdicts
from load.sides import Side
from load.tally import WOD, Tally

PROGRAMS = ("monolith", "coach", "router", "users")


@dataclass(frozen=True, slots=True)
class Column:
    """What was measured at *percent*; *cpu_s* by program."""

    percent: float
    tally: Tally
    cpu_s: Mapping[str, float]

    @property
    def verdicts(self) -> list[Verdict]:
        """All promises."""
        return verdicts(self.tally, self.percent)

    @property
    def fails(self) -> bool:
        """Whether the run as a whole is a failure.

        At 0 % what the old code cannot do is the finding; a user on a wrong side never is.
        """
        broken = [verdict for verdict in self.verdicts if not verdict.is_kept]
        return any(verdict.ours or self.percent > 0 for verdict in broken)


def table(columns: Sequence[Column]) -> str:
    """The columns side by side, as a table in Markdown that also reads well as text."""
    cells = [["", *(f"{column.percent:g} %" for column in columns)], *rows(columns)]
    widths = [max(len(row[place]) for row in cells) for place in range(len(cells[0]))]
    lines = ["| " + " | ".join(map(str.ljust, row, widths)) + " |" for row in cells]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)


def rows(columns: Sequence[Column]) -> list[list[str]]:
    """All but the head."""
    endpoints = dict.fromkeys(name for column in columns for name in column.tally.endpoints)
    found = [[title, *(tell(column) for column in columns)] for title, tell in FIGURES.items()]
    for name in endpoints:
        title = f"{name}: p50 / p95 / p99, ms"
        found.append([title, *(times(column.tally, name) for column in columns)])
    for program in PROGRAMS:
        title = f"CPU of {program}, s"
        found.append([title, *(f"{column.cpu_s.get(program, 0):.1f}" for column in columns)])
    return [*found, ["promises", *(verdict(column) for column in columns)]]


def times(tally: Tally, endpoint: str) -> str:
    """Three percentiles of the good answers."""
    found = [tally.percentile(endpoint, percent) for percent in (50, 95, 99)]
    return " / ".join("-" if value is None else f"{value:.0f}" for value in found)


def failed(tally: Tally, endpoint: str | None) -> str:
    """How many, and what share."""
    count, asked = tally.failures(endpoint), tally.requests(endpoint)
    return f"{count} ({count / asked:.1%})" if asked else "-"


def a_second(tally: Tally, endpoint: str | None) -> str:
    """Good answers a second."""
    return f"{tally.answered(endpoint) / tally.lasted_s:.2f}" if tally.lasted_s > 0 else "-"


def cost_of_wod(column: Column) -> str:
    """CPU of the three programs for each WOD that a user got, all other work included."""
    answered = column.tally.answered(WOD)
    spent = sum(column.cpu_s.get(name, 0.0) for name in PROGRAMS[:3])
    return f"{spent * 1000 / answered:.0f}" if answered else "-"


def verdict(column: Column) -> str:
    """In a word."""
    broken = sum(not verdict.is_kept for verdict in column.verdicts)
    return f"{broken} of {len(column.verdicts)} broken" if broken else "all kept"


FIGURES = {
    "requests": lambda column: f"{column.tally.requests()}",
    "failed": lambda column: failed(column.tally, None),
    "good answers a second": lambda column: a_second(column.tally, None),
    "WODs asked for": lambda column: f"{column.tally.requests(WOD)}",
    "WODs failed": lambda column: failed(column.tally, WOD),
    "WODs had a second": lambda column: a_second(column.tally, WOD),
    "users on a wrong side": lambda column: f"{column.tally.sides[Side.WRONG]}",
    "rescued": lambda column: f"{column.tally.sides[Side.RESCUED]}",
    "CPU of the three programs a WOD had, ms": cost_of_wod,
}

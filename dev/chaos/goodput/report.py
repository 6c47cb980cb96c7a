"""The report of a run: a table of the faults and verdicts, printed, and as a section of a page."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from dev.bench.table import aligned
from dev.chaos.goodput.judging import share, verdicts
from dev.chaos.goodput.plot import write_plot
from dev.chaos.goodput.seen import Run, Spell
from dev.load.page import MIX, machine
from dev.sections import put
from dev.soak.judging import told as counted
from load.tally import percentile

HEAD = (
    "coach",
    "",
    "good/s",
    "of alone",
    "monolith busy",
    "refused",
    "p95 of the excess, ms",
    "in vain",
    "cheap p95, ms",
    "longest wait, s",
    "breaker after, s",
    "recovered after, s",
)


def report(run: Run) -> str:
    """Table and verdicts, in Markdown that also reads well as text."""
    lines = "\n".join(map(str, verdicts(run)))
    parts = [table(run), f"Coach away: {share(run):.1%} of the monolith alone.", lines]
    if run.left_out:
        parts.append(f"Left out, as coach had no network of its own: {run.left_out}.")
    parts += [
        f"The machine stood still for {spell.stalled_s:.0f} s around *{spell.window.fault.name}*: "
        "its figures are worth nothing."
        for spell in run.spells
        if spell.stalled_s
    ]
    return "\n\n".join([*parts, fates(run)])


def table(run: Run) -> str:
    """A line for the monolith alone, and one for each fault."""
    return aligned([HEAD, *alone(run), *map(line, run.spells)])


def alone(run: Run) -> Iterator[tuple[str, ...]]:
    """The monolith alone, before and after."""
    for when, one in zip(("before", "after"), run.alone, strict=False):
        of_both = number(one.rate / run.capacity if run.capacity else None, 2)
        refused = [entry.ms for entry in one.refused]
        told = (str(len(refused)), number(percentile(refused, 95), 0))
        cheap = number(percentile(one.native, 95), 0)
        name = f"alone, {when}"
        yield (name, "", number(one.rate, 2), of_both, "", *told, "", cheap, "", "", "")


def line(spell: Spell) -> tuple[str, ...]:
    """One fault."""
    run, excess = spell.run, [entry.ms for entry in spell.excess]
    return (
        spell.window.fault.name,
        "",
        number(spell.goodput, 2),
        number(spell.goodput / run.capacity if run.capacity else None, 2),
        number(spell.busy, 2),
        str(len(spell.refused)),
        number(percentile(excess, 95), 0),
        str(spell.in_vain),
        number(percentile(spell.cheap, 95), 0),
        number(spell.longest_s, 2),
        number(spell.opened_s, 1),
        number(spell.recovered_s, 1),
    )


def fates(run: Run) -> str:
    """The fates of the WODs in each fault's time, by the router's log."""
    lines = []
    for spell in run.spells:
        ids = [entry.id for entry in spell.wods]
        found = Counter(run.told[identity].fate for identity in ids if identity in run.told)
        lines.append(f"- {spell.window.fault.name}: {counted(found)}")
    return "\n".join(["Fates of the WODs meanwhile:\n", *lines])


def number(value: float | None, digits: int) -> str:
    """As it is printed; a dash for what was not seen."""
    return "-" if value is None else f"{value:.{digits}f}"


def write(page: Path, run: Run, command: str, told: str) -> None:
    """Put the section and its plot in place."""
    plot = page.parent / "chaos-goodput.svg"
    write_plot(plot, run)
    put(
        page,
        "chaos ONLY=goodput",
        "\n\n".join(
            [
                "## Coach away: what is left",
                f"Written by `{command}` on {datetime.now(UTC):%Y-%m-%d %H:%M} UTC. {machine()}",
                told,
                f"![who served, latency and fates over time]({plot.name})",
                report(run),
                READING,
            ]
        ),
        title="Chaos",
    )


READING = f"""### How to read it

- The users ask as those of `make load` do ({MIX}), through the router at 100 %. Beside them a few are pinned to the monolith and ask for nothing but the WOD.
- *good/s* are good workouts a second that came while the fault was, by the clients' ledger, without its first seconds. *of alone* is that by what the monolith gives the same users without router and coach, measured before and after the faults; it refuses most of them, too.
- *monolith busy* is the share of that time in which the monolith, by its log, had as many workouts to compute as it can at once: with it a slow minute of the machine can be told from a monolith that is left idle.
- *refused* are workouts that were not given; *the excess* are those of them that had not waited for coach, as those before the breaker opens and its probes have; *in vain* are those that the monolith computed, by its log, and no client got.
- *longest wait* is for coach: from when the client sent until the monolith, by its log, began on it, or it was refused. *breaker after*: when the first exchange was sent that passed coach by.
- *recovered*: from when on 95 % of coach's users were served by coach again, counted from when coach could serve.

`make chaos ONLY=goodput` prints it, `make chaos ONLY=goodput WRITE=docs/chaos.md` writes this section and its plot."""  # noqa: E501 - prose of a page, one line a paragraph

"""The report of a soak: a table and verdicts, printed, and as a section of docs/performance.md."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

from dev.bench.table import aligned
from dev.load.page import machine
from dev.sections import put
from dev.soak.judging import WARM_S, WARM_SHARE, Soaked, told, verdicts
from dev.soak.plot import write_plot
from dev.soak.samples import Sample

LINES = 12
"""Of the table, whatever the length of the run."""
HEAD = ("at, s", "", "memory, MiB", "descriptors", "under way", "requests/s", "core, %", "lag, ms")


def report(soaked: Soaked) -> str:
    """The table and the verdicts, in Markdown that also reads well as text."""
    lines = "\n".join(map(str, verdicts(soaked)))
    return f"{table(soaked.samples)}\n\n{lines}\n\nFates: {told(soaked.fates)}."


def table(samples: Sequence[Sample]) -> str:
    """Some of the samples, evenly over the run, and the last."""
    step = max(1, (len(samples) - 1) // LINES)
    chosen = [samples[0], *samples[step:-1:step], samples[-1]]
    return aligned([HEAD, *rows(chosen)])


def rows(chosen: Sequence[Sample]) -> Iterator[tuple[str, ...]]:
    """A line for each but the first: rates are since the one before."""
    for before, one in pairwise(chosen):
        took_s = one.at_s - before.at_s
        yield (
            f"{one.at_s:.0f}",
            "",
            f"{one.memory_mib:.1f}",
            f"{one.descriptors}",
            f"{one.under_way}",
            f"{(one.requests - before.requests) / took_s:.0f}",
            f"{(one.cpu_s - before.cpu_s) / took_s * 100:.0f}",
            f"{one.lag_ms:.1f}",
        )


def write(page: Path, soaked: Soaked, command: str) -> None:
    """Put the section and its plot in place."""
    plot = page.parent / "soak.svg"
    write_plot(plot, soaked.samples)
    put(
        page,
        "soak",
        "\n\n".join(
            [
                "## For long",
                f"Written by `{command}` on {datetime.now(UTC):%Y-%m-%d %H:%M} UTC. {machine()}",
                TOLD.format(soaked.rate, soaked.busy * 100, soaked.worst_p99_ms),
                f"![memory and descriptors over time]({plot.name})",
                report(soaked),
                READING,
            ]
        ),
    )


TOLD = (
    "One worker at {:.0f} requests a second of kept connections, and the mix beside them: {:.0f} % "
    "of its core. The worst 99th percentile of ten seconds was {:.1f} ms."
)
READING = f"""### How to read the soak

- The router as it is shipped, alone on one core, as in `make bench`. The users' open loop has 64 kept connections and 90 % of tokens seen before, as many as take 0.4 of the core; before it, tokens are shown until the router remembers as many as it ever will. Beside it, each four times a second on a connection of its own: a path that is not there, a missing token, a line that is no HTTP, 256 KiB up by length and in chunks, 4 MiB down, and clients that leave in the head, at once, in the upload, and in the answer. It is scraped each second, and every ten seconds reloaded with another percentage and told to open its log again.
- Memory is of supervisor and worker, shared pages divided among who shares them. A straight line through the samples after the warm-up ({WARM_SHARE * 100:.0f} % of the run, {WARM_S:.0f} s at most) says how much each rises.
- The requests that clients sent are counted by them, and fates by the router: the two must agree exactly.

`make soak SECONDS=1800` prints it, `make soak WRITE=docs/performance.md` writes this section and its plot."""  # noqa: E501 - prose of a page, one line a paragraph

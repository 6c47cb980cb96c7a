"""The report as a section of docs/performance.md: written by the run, never by hand."""

import os
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from dev.load.column import Column, table
from dev.sections import put
from load.wishes import Wishes

GIB = 1024**3


def page(columns: Sequence[Column], wishes: Wishes, command: str) -> str:
    """The section, in Markdown."""
    return "\n\n".join(
        [
            "## Before and after the migration",
            f"Written by `{command}` on {datetime.now(UTC):%Y-%m-%d %H:%M} UTC. {machine()}",
            told(wishes),
            table(columns),
            *(promises(column) for column in columns),
            READING,
        ]
    )


def machine() -> str:
    """Its shape: figures of another machine differ, the comparison holds."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / GIB
    return (
        f"The machine: {os.cpu_count()} cores ({platform.machine()}), {memory:.0f} GiB, "
        f"Python {platform.python_version()}; users and programs share it."
    )


def told(wishes: Wishes) -> str:
    """What the users did."""
    low, high = wishes.think_s
    share = "only the WOD" if wishes.mix == "wod" else MIX
    return (
        f"{wishes.users} users ({wishes.shape}) for {wishes.seconds:g} s, each with a token of "
        f"their own, {low:g} to {high:g} s between requests: {share}. The same users at each "
        "percentage, on the same programs, one after the other."
    )


def promises(column: Column) -> str:
    """The verdicts on one column."""
    lines = (
        f"- {'kept' if one.is_kept else '**broken**'}: {one.promise}: {one.found}"
        for one in column.verdicts
    )
    return "\n".join([f"At {column.percent:g} %:\n", *lines])


def write(path: Path, text: str) -> None:
    """Put the section in place."""
    put(path, "load", text)


MIX = "4 of 10 the WOD, 2 the catalogue, 1 the muscle groups, 2 their history, and 1 writes to it"
READING = """### How to read the columns

- Times are of good answers alone. A refusal in a millisecond is counted as a failure, not as quick.
- At 0 % the old code serves. It computes two workouts at once, lets four wait for 4 s each, and tells the others 503: that it breaks the promises is the finding, and why WOD moves. At any other percentage a broken promise fails the run.
- CPU of *users* is the load generator's own. It runs on the same machine and is charged to nobody.
- [How load is judged](adr/0016-how-load-is-judged.md), and why so.

`make load` prints the table. `make load SECONDS=30 USERS=50 SHAPE=spike MIX=wod` changes the run (shapes: steady, ramp, spike; mixes: app, wod), `make load WRITE=docs/performance.md` writes this section, `make load-k6` plays the same scenario with k6. Each request is in `load/reports/`, as HTML and CSV."""  # noqa: E501 - prose of a page, one line a paragraph

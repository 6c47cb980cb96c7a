"""What was seen of the pair: printed, and as a page."""

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from dev.compare_pair.playing import NOT_COMPARED, Play
from dev.compare_pair.scene import A_PART, BUG, USERS
from dev.load.page import machine
from dev.sections import put
from dev.soak.judging import Verdict

MOST = 200
"""Sampled exchanges within which a bug is to be found."""
SILENT = frozenset({"same", "date", "unproven", *NOT_COMPARED})


@dataclass(frozen=True, slots=True)
class Shown:
    """How many were wanted, both plays, and what `strangler compare` said after each."""

    count: int
    healthy: Play
    wrong: Play
    took_s: float
    quiet: "subprocess.CompletedProcess[str]"
    loud: "subprocess.CompletedProcess[str]"

    @property
    def verdicts(self) -> list[Verdict]:
        """What was to be seen."""
        return [
            Verdict("health is silent", words(self.healthy), self.is_silent),
            Verdict(f"a bug is found within {MOST} sampled exchanges", self.found, self.is_found),
            Verdict(
                "`strangler compare` tells which by its exit code",
                f"{self.quiet.returncode} before, {self.loud.returncode} after",
                (self.quiet.returncode, self.loud.returncode) == (0, 1),
            ),
        ]

    @property
    def is_kept(self) -> bool:
        """Whether all was seen."""
        return all(one.is_kept for one in self.verdicts)

    @property
    def is_silent(self) -> bool:
        """Whether all was compared, nothing is a mismatch, and coach told what differs before."""
        book = self.healthy.book
        is_explained = book.verdicts["unproven"] <= self.healthy.degraded
        is_enough = self.healthy.compared >= self.count
        is_quiet = set(book.verdicts) <= SILENT and not book.is_found
        return is_enough and is_quiet and is_explained

    @property
    def is_found(self) -> bool:
        """Whether the bug was found in time."""
        return self.wrong.book.is_found and self.wrong.judged <= MOST

    @property
    def found(self) -> str:
        """After how many, in words."""
        if not self.wrong.book.is_found:
            return f"not found in {self.wrong.judged}"
        return f"after {self.wrong.judged}"


def words(play: Play) -> str:
    """A play's verdicts, as a sentence has them."""
    of_all = ", ".join(f"{count} {verdict}" for verdict, count in play.book.verdicts.most_common())
    told = f"coach said of {play.degraded} that it had not had the history"
    return f"{of_all}; {told}; legacy asked twice for {play.book.controls}"


def report(shown: Shown) -> str:
    """Verdicts, and what the command says."""
    lines = "\n".join(map(str, shown.verdicts))
    return "\n\n".join([lines, *spoken(shown)])


def spoken(shown: Shown) -> Iterator[str]:
    """What `strangler compare wod` printed."""
    for when, done in (("Before the bug", shown.quiet), ("With the bug", shown.loud)):
        yield f"{when}, `strangler compare wod`:\n\n```text\n{done.stdout.strip()}\n```"


def write(page: Path, shown: Shown, command: str) -> None:
    """Put it into the page."""
    rate = shown.healthy.judged / shown.took_s
    text = "\n\n".join(
        [
            f"Written by `{command}` on {datetime.now(UTC):%Y-%m-%d %H:%M} UTC. {machine()}",
            TOLD.format(count=shown.healthy.judged, rate=rate),
            report(shown),
            READING,
        ]
    )
    put(page, "compare-pair", text, title="The pair, compared")


TOLD = (
    "The real monolith, coach and router; every exchange is compared "
    "(`compare: {{sample: 100, ignore: [generated_at]}}`). {count} exchanges of the healthy pair "
    "at {rate:.1f} a second; then coach is restarted with a bug, before the same router."
)
READING = f"""### How to read it

- The monolith searches as ever, for each exchange anew, but its catalogue is cut to {A_PART} exercises a body part, or 10,000 searches would take hours. {USERS} users of all five levels have done up to eight exercises yesterday, and today.
- Exchanges are sent no faster than they can be compared, so that none is dropped; one that is all the same, as the machine stood still, is made up for by another. The router has two workers, whose books are added up, and the monolith may compute four workouts at once.
- The bug is one line of `coach/choosing.py`: `{BUG[0].partition(chr(10))[0]}` has become `{BUG[1].partition(chr(10))[0]}`, so that weights are 4 % too high before they are rounded. Exchanges with the bug are counted from the restart on, and the book still holds all the healthy ones, as it would in production.
- An answer for which coach could not have the user's history within its 200 ms is another workout, and says so (`X-Coach-Degraded`). On a busy machine there are a few; they are differences, and *unproven*, and must be no more than coach said. In production they are found the same way, and stay far below a mismatch.
- *date* is not a difference: the UTC day changed between the two answers.

`make compare-pair COUNT=1000` plays fewer, `make compare-pair WRITE=docs/comparison.md` writes this page."""  # noqa: E501 - prose of a page, one line a paragraph

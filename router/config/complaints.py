"""What is wrong with a routes.yaml, as values that print as one line each."""

from collections.abc import Iterable
from dataclasses import dataclass

MOST = 100
"""Complaints that are told of one file; what is no routes.yaml at all would have thousands."""


@dataclass(frozen=True, slots=True)
class Complaint:
    """One problem or warning: where it is, and what, in words.

    `line` and `column` count from 1; they are None where the file could not even be read. `path`
    is the dotted way down to the field, empty for the file as a whole.
    """

    source: str
    line: int | None
    column: int | None
    path: str
    message: str

    def __str__(self) -> str:
        """The line form: `config/routes.yaml:14:14: routes.wod.percent: 101 is greater …`."""
        place = self.source if self.line is None else f"{self.source}:{self.line}:{self.column}"
        return ": ".join(part for part in (place, self.path, self.message) if part)


class ConfigError(ValueError):
    """A routes.yaml that is not accepted; `problems` says everything that is wrong with it."""

    def __init__(self, problems: Iterable[Complaint]) -> None:
        """Keep the *problems* in the order of the file, and no more of them than anyone reads."""
        self.problems = bounded(sorted(problems, key=place_of))
        super().__init__("\n".join(map(str, self.problems)))


def place_of(complaint: Complaint) -> tuple[int, int, str]:
    """The order of the file, then of the paths."""
    return complaint.line or 0, complaint.column or 0, complaint.path


def bounded(complaints: list[Complaint]) -> tuple[Complaint, ...]:
    """The first `MOST` of *complaints*, and how many more there were."""
    more = len(complaints) - MOST
    if more <= 0:
        return tuple(complaints)
    last = complaints[MOST]
    rest = Complaint(last.source, last.line, last.column, "", f"… and {more} problems more")
    return (*complaints[:MOST], rest)

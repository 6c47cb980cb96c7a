"""What the README tells a reader to type, and what it says that brings."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
EXAMPLE = re.compile(r"\b(?:\d+\.\d+|[0-9a-f]{12})\b")


@dataclass(frozen=True)
class Step:
    """One command, and the lines that are shown below it."""

    command: str
    shown: tuple[str, ...]

    def is_shown_in(self, output: str) -> bool:
        """Whether the shown lines come in *output*, in this order.

        Numbers with a fraction and hashes are examples, and so are all values in a line of JSON,
        since a workout depends on the day: there the names have to be the same. `…` is the rest.
        """
        lines = iter(output.splitlines())
        return all(any(agrees(line, one) for line in lines) for one in self.shown)


def agrees(line: str, shown: str) -> bool:
    """Whether a line of output is what the README shows."""
    start, is_cut, _ = shown.partition("…")
    expected, found = meaning(start), meaning(line)
    return found[: len(expected)] == expected if is_cut else found == expected


def meaning(line: str) -> list[str]:
    """What counts in a line: the names if it is JSON, else the words."""
    if line.startswith("{"):
        return re.findall(r'"(\w+)":', line)
    return EXAMPLE.sub("#", line).split()


def steps(page: Path) -> Iterator[Step]:
    """The commands of all `console` blocks, in order; other blocks are not for typing."""
    for block in BLOCK.findall(page.read_text("utf-8")):
        yield from steps_of(block)


def steps_of(block: str) -> Iterator[Step]:
    """The commands of one block."""
    for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        command, _, shown = part.partition("\n")
        while command.endswith("\\"):
            more, _, shown = shown.partition("\n")
            command = f"{command}\n{more}"
        yield Step(command, tuple(filter(None, shown.splitlines())))

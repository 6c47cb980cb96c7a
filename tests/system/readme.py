"""What the README tells a reader to type, and what it says that brings."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
VALUE = re.compile(r'(?<=:)(?:\\"[^"]*\\"|[\d.]+)')


@dataclass(frozen=True)
class Step:
    """One command, and the lines that are shown below it."""

    command: str
    shown: tuple[str, ...]

    def is_shown_in(self, output: str) -> bool:
        """Whether the shown lines come in *output*, in this order.

        `…` stands for anything, blanks for blanks. The values in a line of JSON are examples: a
        workout depends on the day.
        """
        patterns = [re.compile(pattern(line)) for line in self.shown]
        lines = iter(output.splitlines())
        return all(any(one.match(line.strip()) for line in lines) for one in patterns)


def pattern(line: str) -> str:
    """The regular expression for one shown line."""
    words = (re.escape(word) for word in line.strip().split())
    escaped = r"\s+".join(words).replace("…", ".*")
    if line.startswith("{"):
        escaped = VALUE.sub('(?:"[^"]*"|[0-9.]+)', escaped.replace('"', '\\"'))
        escaped = escaped.replace('\\"', '"')
    return escaped


def steps(page: Path) -> Iterator[Step]:
    """The commands of all `console` blocks, in order; other blocks are not for typing."""
    for block in BLOCK.findall(page.read_text("utf-8")):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, shown = part.partition("\n")
            while command.endswith("\\"):
                more, _, shown = shown.partition("\n")
                command = f"{command}\n{more}"
            yield Step(command, tuple(filter(None, shown.splitlines())))

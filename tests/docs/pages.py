"""A page's fenced blocks, in the order in which a reader meets them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from dev.plan import ROOT

BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
PAGES = (
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
    *sorted((ROOT / "deploy").rglob("*.md")),
)


@dataclass(frozen=True)
class Block:
    """What stands between two fences, and the word behind the first."""

    kind: str
    text: str


def blocks(page: Path) -> Iterator[Block]:
    """The blocks of *page* that say what they are."""
    for kind, text in BLOCK.findall(page.read_text("utf-8")):
        yield Block(kind, text)


def prose(page: Path) -> str:
    """*page* without its blocks."""
    return FENCED.sub("", page.read_text("utf-8"))


def anchors(page: Path) -> set[str]:
    """The anchors that GitHub gives the headings of *page*."""
    return {anchor(heading) for heading in HEADING.findall(prose(page))}


def anchor(heading: str) -> str:
    """A heading's anchor: lower case, punctuation gone, blanks as dashes."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")

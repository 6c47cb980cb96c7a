"""The text of routes.yaml as a tree in which every value knows where it stands."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

Step = str | int
Loc = tuple[Step, ...]
"""The way down to a value: keys of mappings and places in lists."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in the text: the character's index, and line and column counted from 1."""

    index: int
    line: int
    column: int


@dataclass(slots=True)
class Node:
    """One value of the file. `value` is a scalar, a list of nodes or a mapping to nodes.

    `keys` says where each key of a mapping stands; `flow` tells `{a: b}` from lines of their own.
    """

    value: Any
    start: Mark
    end: Mark
    keys: dict[str, Mark] = field(default_factory=dict)
    flow: bool = False

    def child(self, step: Step) -> "Node | None":
        """The value under a key or at a place of a list, or None."""
        if isinstance(self.value, dict):
            return self.value.get(step)
        if isinstance(self.value, list) and isinstance(step, int) and step < len(self.value):
            child: Node = self.value[step]
            return child
        return None


def plain(node: Node) -> Any:
    """The value without its places: dictionaries, lists and scalars."""
    if isinstance(node.value, dict):
        return {key: plain(child) for key, child in node.value.items()}
    if isinstance(node.value, list):
        return [plain(child) for child in node.value]
    return node.value


def descend(root: Node, loc: Loc) -> Iterator[tuple[Step, Node, Node]]:
    """Each (step, parent, child) of *loc*, as far as the file goes.

    A single value that was lifted to a list has no places in the file: those steps are left out.
    """
    parent = root
    for step in loc:
        if isinstance(step, int) and not isinstance(parent.value, list):
            continue
        child = parent.child(step)
        if child is None:
            return
        yield step, parent, child
        parent = child


def place(root: Node, loc: Loc, *, at_key: bool = False) -> tuple[Mark, Loc]:
    """Where the value at *loc* stands, and the way to it as the file has it.

    A short form (`match: GET /x`) has no nodes below it, so its own place is the best there is.
    With *at_key* it is the key's place that counts, as it is for values of several lines: what is
    wrong is then wrong with the entry as a whole.
    """
    way = list(descend(root, loc))
    if not way:
        return root.start, ()
    last, parent, child = way[-1]
    at_key = at_key or (isinstance(child.value, dict | list) and not child.flow)
    mark = parent.keys.get(str(last), child.start) if at_key else child.start
    return mark, tuple(step for step, _, _ in way)


SECRETS = re.compile("secret|password|token", re.IGNORECASE)


def is_private(loc: Loc) -> bool:
    """Whether the value at *loc* could be a secret in the wrong place: it is then never shown."""
    return loc[:1] == ("jwt",) or any(SECRETS.search(str(step)) for step in loc)


def dotted(loc: Loc) -> str:
    """*loc* as it is told: `routes.wod.match[1].path`."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in loc)
    return text.removeprefix(".")

"""Text → tree: YAML's traps are refused here, with the line and column of each.

The parser's events are walked directly, which is flat, so that depth and aliases are bounded
before anything is built. Anchors and aliases are refused altogether: what a route does should be
read where the route stands, and no bound is then needed against a file that unfolds to gigabytes.
"""

from collections.abc import Iterator
from typing import Any

import yaml

from router.config.complaints import Complaint, ConfigError
from router.config.nodes import Loc, Mark, Node, dotted, is_private
from router.config.scalars import resolve
from router.config.switches import hint_at_nothing
from router.config.text import text_of

MAX_DEPTH = 16
"""How deep values may be nested; the deepest field there is has six steps."""
MAX_NODES = 10_000
"""How many values a file may have: its lists, mappings and words, keys too. A worker judges a new
file beside the clients that it serves, and a value costs 15 µs and 3 KiB at worst: a MiB of them
would cost 13 s and 1.4 GB. 1,600 routes with a candidate are 10,000 values.
"""
TOO_MANY = (
    f"the file has more than {MAX_NODES:,} values (lists, mappings and words, keys too);"
    " shorten its lists: pin by a role instead of by users, match a prefix instead of paths"
)


class Reader:
    """Builds the tree of one file from the parser's events, and collects what is wrong with it."""

    def __init__(self, source: str, text: str) -> None:
        """Read *text*, which came from *source*."""
        self.source = source
        self.problems: list[Complaint] = []
        self._nodes = 0
        self.events: Iterator[Any] = yaml.parse(text, Loader=yaml.CSafeLoader)

    def complain(self, mark: Mark, loc: Loc, message: str) -> None:
        """Note a problem, and read on."""
        self.problems.append(Complaint(self.source, mark.line, mark.column, dotted(loc), message))

    def refuse(self, mark: Mark, loc: Loc, message: str) -> ConfigError:
        """The end of reading: what was found before, and the problem that makes the rest moot."""
        self.complain(mark, loc, message)
        return ConfigError(self.problems)

    def document(self) -> Node:
        """The one document of the file, whose top is a mapping."""
        try:
            next(self.events)  # the stream begins
            event = next(self.events)
            root = None
            if not isinstance(event, yaml.StreamEndEvent):
                root = self.node(next(self.events), ())
                self.expect_end()
        except yaml.MarkedYAMLError as error:
            raise self.refuse(mark_of(error.problem_mark), (), syntax_words(error)) from None
        if root is None or root.value is None:
            self.problems.clear()  # of an empty value, among them, which is the whole file here
            raise self.refuse(Mark(0, 1, 1), (), "the file is empty")
        if not isinstance(root.value, dict):
            raise self.refuse(root.start, (), "the file must be a mapping (`key: value` lines)")
        return root

    def expect_end(self) -> None:
        """Nothing may follow the first document: a reader might take the other one."""
        next(self.events)  # the document ends
        event = next(self.events)
        if not isinstance(event, yaml.StreamEndEvent):
            raise self.refuse(mark_of(event.start_mark), (), "a second document (`---`) begins")

    def node(self, event: Any, loc: Loc) -> Node:
        """The value that begins with *event*."""
        start = mark_of(event.start_mark)
        self._nodes += 1
        if self._nodes > MAX_NODES:
            self.problems.clear()  # it is no routes.yaml, and that should be read first
            raise self.refuse(start, (), TOO_MANY)
        if len(loc) > MAX_DEPTH:
            raise self.refuse(start, loc[:1], f"is nested deeper than {MAX_DEPTH} levels")
        if isinstance(event, yaml.AliasEvent) or event.anchor:
            self.complain(start, loc, "anchors (&) and aliases (*) are not taken; write it out")
        if isinstance(event, yaml.AliasEvent):
            return Node(None, start, mark_of(event.end_mark))
        if event.tag is not None:
            self.complain(start, loc, f"the tag {event.tag} is not taken; leave it out")
        if isinstance(event, yaml.ScalarEvent):
            return self.scalar(event, loc)
        if isinstance(event, yaml.SequenceStartEvent):
            return self.sequence(event, loc)
        return self.mapping(event, loc)

    def scalar(self, event: Any, loc: Loc) -> Node:
        """One word: as it is if it was quoted, else what it unmistakably means."""
        start, end = mark_of(event.start_mark), mark_of(event.end_mark)
        if not event.implicit[0]:
            return Node(event.value, start, end)
        value, doubt = resolve(event.value)
        if doubt is not None:
            remedy = hint_at_nothing(loc) if value is None else ""
            self.complain(start, loc, f"{quoted(event.value, loc)}{doubt}{remedy}")
        return Node(value, start, end)

    def sequence(self, event: Any, loc: Loc) -> Node:
        """A list."""
        children: list[Node] = []
        while not isinstance(after := next(self.events), yaml.SequenceEndEvent):
            children.append(self.node(after, (*loc, len(children))))
        start, end = mark_of(event.start_mark), mark_of(after.end_mark)
        return Node(children, start, end, flow=bool(event.flow_style))

    def mapping(self, event: Any, loc: Loc) -> Node:
        """A mapping, every key of it once."""
        children: dict[str, Node] = {}
        keys: dict[str, Mark] = {}
        while not isinstance(after := next(self.events), yaml.MappingEndEvent):
            key, mark = self.key(after, loc)
            child = self.node(next(self.events), (*loc, key or "?"))
            if key is None:
                continue
            if key in keys:
                line = keys[key].line
                self.complain(mark, (*loc, key), f"is written twice (first in line {line})")
            keys.setdefault(key, mark)
            children[key] = child
        start, end = mark_of(event.start_mark), mark_of(after.end_mark)
        return Node(children, start, end, keys=keys, flow=bool(event.flow_style))

    def key(self, event: Any, loc: Loc) -> tuple[str | None, Mark]:
        """A key, or None for one that cannot be taken."""
        node = self.node(event, (*loc, "?"))
        merge = node.value == "<<" and event.implicit[0]
        if isinstance(node.value, str) and not merge:
            return node.value, node.start
        words = "merge keys (<<) are not taken; write it out" if merge else "a key must be text"
        self.complain(node.start, loc, words)
        return None, node.start


def read(source: str, content: bytes) -> tuple[Node, list[Complaint]]:
    """The tree of *content* and what is doubtful in it; `ConfigError` where no tree can be had."""
    reader = Reader(source, text_of(source, content))
    return reader.document(), reader.problems


def mark_of(mark: Any) -> Mark:
    """The parser's mark, counted from 1 as editors do."""
    return Mark(mark.index, mark.line + 1, mark.column + 1)


def quoted(word: str, loc: Loc) -> str:
    """*word* in quotes and a blank, or nothing where it could be a secret or is not there."""
    if not word or is_private(loc):
        return ""
    return f'"{word if len(word) <= 40 else word[:39] + "…"}" '


def syntax_words(error: yaml.MarkedYAMLError) -> str:
    """What the parser says of broken YAML, and how to mend what people trip over most."""
    if error.context and "next token" in error.context:
        return f"not valid YAML: {error.problem} (indent with spaces, not tabs; quote @ and `)"
    began = f", which begins in line {error.context_mark.line + 1}" if error.context_mark else ""
    context = f" ({error.context}{began})" if error.context else ""
    return f"not valid YAML: {error.problem}{context}"

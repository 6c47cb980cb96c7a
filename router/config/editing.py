"""One number in routes.yaml, changed in place: every other byte of the file stays as it is.

The number's place is known from reading the file, so nothing is written anew, comments, layout,
quotes and line ends included. What is meant is then proved: both texts are loaded, and only that
number may differ.
"""

import difflib
from codecs import BOM_UTF8
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from router.config.complaints import Complaint, ConfigError
from router.config.loading import NOWHERE_ELSE, load, read_file
from router.config.nodes import Mark, Node
from router.config.reading import read
from router.config.replacing import replace_content
from router.config.vocabulary import nearest
from router.core.model import Route, Snapshot


@dataclass(frozen=True, slots=True)
class Edit:
    """A change to the file at `path` that has been checked and not yet been written."""

    path: Path
    before: bytes
    after: bytes
    snapshot: Snapshot

    def diff(self) -> str:
        """The change as a unified diff; empty where nothing changes."""
        old, new = (
            content.decode("utf-8-sig").replace("\r\n", "\n").splitlines(keepends=True)
            for content in (self.before, self.after)
        )
        name = str(self.path)
        return "".join(difflib.unified_diff(old, new, name, name, n=2))

    def write(self) -> None:
        """Put the new content in the old one's place, or raise `CannotReplace`."""
        if self.before != self.after:
            replace_content(self.path, self.before, self.after)


def set_percent(
    path: Path, route: str, percent: float, addresses: Mapping[str, str] = NOWHERE_ELSE
) -> Edit:
    """The edit that sets the *percent* of *route*; `ConfigError` if the outcome is not valid."""
    before = read_file(path)
    old = load(str(path), before, addresses)
    was = strangled(old, route)
    after = percent_edited(str(path), before, route, percent_text(percent))
    new = load(str(path), after, addresses)
    expected = replace(
        old,
        hash=new.hash,
        routes=tuple(
            replace(one, percent=float(percent)) if one is was else one for one in old.routes
        ),
    )
    if new != expected:
        raise refusal(old, f"routes.{route}.percent: cannot be edited here; change it by hand")
    return Edit(path, before, after, new)


def strangled(snapshot: Snapshot, name: str) -> Route:
    """The route of that *name*, if it has a percentage."""
    routes = {route.name: route for route in snapshot.routes}
    if name not in routes:
        raise refusal(snapshot, f'there is no route "{name}"{nearest(name, routes)}')
    if routes[name].candidate is None:
        raise refusal(snapshot, f"route {name} has no candidate, so there is nothing to divide")
    return routes[name]


def refusal(snapshot: Snapshot, message: str) -> ConfigError:
    """A problem with the edit rather than with a place in the file."""
    return ConfigError([Complaint(snapshot.source, None, None, "", message)])


def percent_text(percent: float) -> str:
    """*percent* as the file spells it: no exponent, no trailing zeros."""
    return f"{percent:.6f}".rstrip("0").rstrip(".")


def percent_edited(source: str, content: bytes, route: str, text: str) -> bytes:
    """*content* with the percent of *route* spelled *text*, whether it was there before or not."""
    root, _ = read(source, content)
    entry = root.value["routes"].value[route]
    node = entry.child("percent")
    mark = BOM_UTF8 if content.startswith(BOM_UTF8) else b""
    whole = content.removeprefix(mark).decode()
    if node is not None:
        edited = whole[: node.start.index] + text + whole[node.end.index :]
    else:
        edited = inserted(whole, entry, text)
    return mark + edited.encode()


def inserted(whole: str, entry: Node, text: str) -> str:
    """*whole* with a percent after the candidate of *entry*: beside it, or in a line below."""
    end = entry.value["candidate"].end.index
    if entry.flow:
        return f"{whole[:end]}, percent: {text}{whole[end:]}"
    line = line_end(whole, end)
    newline = "\r\n" if "\r\n" in whole else "\n"
    return f"{whole[:line]}{newline}{indent(entry.keys['candidate'])}percent: {text}{whole[line:]}"


def line_end(whole: str, start: int) -> int:
    """Where the line of *start* ends, before its line end."""
    found = whole.find("\n", start)
    end = len(whole) if found < 0 else found
    return end - 1 if whole[end - 1 : end] == "\r" else end


def indent(key: Mark) -> str:
    """The blanks before a key."""
    return " " * (key.column - 1)

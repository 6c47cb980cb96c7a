"""Values as an operator may see them: type and length, or as they are where the file says so."""

from typing import Any

from router.core.comparing.differing import ABSENT, Difference, Kind, kind_of
from router.core.comparing.reading import canonical

LONGEST = 200
"""Characters of a value that are shown."""


def shown(difference: Difference, *, values: bool) -> dict[str, str]:
    """*difference* for a page; without *values* nobody's data is in it but the keys of objects."""
    show = as_it_is if values or difference.kind is Kind.STATUS else redacted
    return {
        "path": difference.path,
        "kind": difference.kind,
        "legacy": show(difference.legacy),
        "candidate": show(difference.candidate),
    }


def redacted(value: Any) -> str:
    """What kind of value it is, and how long: `string of 12`."""
    kind = kind_of(value)
    return f"{kind} of {len(value)}" if isinstance(value, str | list | dict) else kind


def as_it_is(value: Any) -> str:
    """The value as JSON has it, cut where it is too long to be read."""
    text = "absent" if value is ABSENT else canonical(value)
    if not text.isprintable():  # it may be meant for a terminal
        text = text.encode("unicode_escape").decode()
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"

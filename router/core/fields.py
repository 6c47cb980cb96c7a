"""Header fields as they stand on the wire: lines of bytes, and what is told by a field's name.

Both directions share this: requests in `core.headers`, answers in `core.answers`, and trailers.
"""

import re
from collections.abc import Callable, Container, Iterable
from functools import lru_cache
from typing import Any, Final

Pair = tuple[bytes, bytes]
"""A field's name as it was spelled, and its value without the blanks around it."""

NAME = rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
NAME_ONLY: Final = re.compile(NAME)
VALUE = rb"[\t\x20-\x7e\x80-\xff]*"
FIELD: Final = re.compile(NAME + rb":" + VALUE)
"""One field line (RFC 9112 5, RFC 9110 5.5): no blank before the colon, no control, no folding."""

HOP_BY_HOP: Final = frozenset(
    {
        b"connection",
        b"keep-alive",
        b"proxy-connection",
        b"proxy-authenticate",
        b"proxy-authorization",
        b"te",
        b"transfer-encoding",
        b"upgrade",
        b"http2-settings",
    }
)
"""Fields that speak of one connection only (RFC 9110 7.6.1), never forwarded."""

OURS: Final = frozenset(
    {
        b"x-user-id",
        b"x-user-role",
        b"x-forwarded-for",
        b"x-forwarded-proto",
        b"x-forwarded-host",
        b"x-forwarded-port",
        b"x-real-ip",
        b"forwarded",
        b"x-request-id",
        b"traceparent",
    }
)
"""Fields that the router sets: a client's are taken out first, in any spelling."""

NO_TRAILERS: Final = (
    HOP_BY_HOP
    | OURS
    | {
        b"age",
        b"authorization",
        b"cache-control",
        b"content-encoding",
        b"content-length",
        b"content-range",
        b"content-type",
        b"cookie",
        b"date",
        b"expect",
        b"expires",
        b"host",
        b"location",
        b"max-forwards",
        b"pragma",
        b"range",
        b"retry-after",
        b"set-cookie",
        b"trailer",
        b"vary",
        b"via",
        b"warning",
        b"www-authenticate",
    }
)
"""Fields that decide on framing, routing, identity or the answer: never taken from a trailer
(RFC 9110 6.5.1), so they are dropped there."""

CONTROLS: Final = frozenset({*range(0x20), 0x7F}) - {ord("\t")}
NUL_FOR_CONTROLS: Final = bytes(0 if byte in CONTROLS else byte for byte in range(256))

SECRET: Final = frozenset({b"authorization", b"cookie", b"proxy-authorization", b"set-cookie"})
"""Fields whose lines are never remembered."""

Look = Callable[[Any, bytes], bool]
"""What is done with the value of a field; whether the field goes on."""

MOST_REMEMBERED = 512
LONGEST_REMEMBERED = 128
"""Lines that are remembered, and bytes that each may have; and as many spellings of names."""


class Found:
    """What is done with a line: `look` takes its field's `value`; None lets it pass unseen."""

    __slots__ = ("look", "value")

    def __init__(self, look: Look | None, value: bytes) -> None:
        self.look = look
        self.value = value


PASSES: Final = Found(None, b"")


class Looks:
    """What is done with each line of a head, by the name of its field; None lets it pass unseen.

    *checked* says that a parser has found no control character in them already.

    The same lines come again and again, letter for letter, so most cost one look-up. What is
    remembered is emptied when full: whoever sends many lines makes it slower, not larger.
    """

    def __init__(self, look_of: Callable[[bytes], Look | None], *, checked: bool = False) -> None:
        self.lines: dict[bytes, Found] = {}
        self._checked = checked
        self._names: dict[bytes, Look | None] = {}
        self._look_of = look_of

    def learn(self, line: bytes) -> Found:
        """What is done with a line that is not known yet; `ValueError` if it is no field."""
        name, colon, value = line.partition(b":")
        if not colon:
            raise ValueError("a line without a colon")
        if not self._checked and has_control(line):
            raise ValueError("a control character in a line")
        look = self._names[name] if name in self._names else self._look_at(name)
        found = PASSES if look is None else Found(look, value.strip(b" \t"))
        if len(line) <= LONGEST_REMEMBERED and name.lower() not in SECRET:
            if len(self.lines) >= MOST_REMEMBERED:
                self.lines.clear()
            self.lines[line] = found
        return found

    def _look_at(self, name: bytes) -> Look | None:
        """What is done with a field that was not spelled so before."""
        if NAME_ONLY.fullmatch(name) is None:
            raise ValueError("not the name of a field")
        if len(self._names) >= MOST_REMEMBERED:
            self._names.clear()
        look = self._names[name] = self._look_of(name.lower())
        return look


def tells_secrets(lines: Iterable[bytes]) -> bool:
    """Whether one of *lines* has a session or credentials, so that they are not remembered."""
    return any(line.partition(b":")[0].strip().lower() in SECRET for line in lines)


def has_control(text: bytes) -> bool:
    """Whether *text* has what may not stand in a head's lines (RFC 9112 4, 5; RFC 9110 5.5)."""
    return b"\0" in text.translate(NUL_FOR_CONTROLS)


def sift(block: bytes, looks: Looks, seen: object) -> bytes:
    """The lines of *block* that go on; what has to be known of the others goes into *seen*.

    A block is header lines with the line end *before* each. What is known is not taken apart.
    Raises `ValueError` for a line that is no field (RFC 9112 5).
    """
    lines = block.split(b"\r\n")
    kept, known, dropped = [lines.pop(0)], looks.lines, False
    for line in lines:
        found = known.get(line)
        if found is None:
            found = looks.learn(line)
        look = found.look
        if look is None or look(seen, found.value):
            kept.append(line)
        else:
            dropped = True
    return b"\r\n".join(kept) if dropped else block


def drop(_: object, __: bytes) -> bool:
    """A field that does not go on, whatever it says."""
    return False


def without(block: bytes, names: Container[bytes]) -> bytes:
    """*block* less the fields of *names*."""
    first, *lines = block.split(b"\r\n")
    kept = [line for line in lines if line.partition(b":")[0].lower() not in names]
    return b"\r\n".join([first, *kept])


@lru_cache(maxsize=256)  # the same few values come again and again
def tokens(value: bytes) -> frozenset[bytes]:
    """The members of a comma-separated list, lower-cased."""
    return frozenset(part.strip().lower() for part in value.split(b",") if part.strip())


def lines_of(pairs: Iterable[Pair]) -> bytes:
    """*pairs* as header lines, each with its line end."""
    return b"".join([b"%b: %b\r\n" % pair for pair in pairs])


def forwardable_trailers(lines: Iterable[bytes], named: Container[bytes] = ()) -> bytes:
    """The trailer lines that may go on, each with its line end: none that `Connection` *named*.

    Many an application reads an underscore as a dash.
    """
    names = ((line.partition(b":")[0].lower(), line) for line in lines)
    return b"".join(
        [
            line + b"\r\n"
            for name, line in names
            if name not in named and name.replace(b"_", b"-") not in NO_TRAILERS
        ]
    )

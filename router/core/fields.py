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

Look = Callable[[Any, bytes], bool]
"""What is done with the value of a field; whether the field goes on."""

MOST_SPELLINGS = 512


class Looks:
    """What is done with each field, by its name as it was spelled; None lets it pass unseen.

    Clients spell a name alike each time, so most fields cost one look-up. Emptied when full:
    whoever sends many spellings makes it slower, not larger.
    """

    def __init__(self, look_of: Callable[[bytes], Look | None]) -> None:
        self.known: dict[bytes, Look | None] = {}
        self._look_of = look_of

    def learn(self, name: bytes) -> Look | None:
        """What is done with a field that was not spelled so before; `ValueError` if it is none."""
        if NAME_ONLY.fullmatch(name) is None:
            raise ValueError("not the name of a field")
        if len(self.known) >= MOST_SPELLINGS:
            self.known.clear()
        look = self.known[name] = self._look_of(name.lower())
        return look


def sift(block: bytes, looks: Looks, seen: object) -> bytes:
    """The lines of *block* that go on; what has to be known of the others goes into *seen*.

    A block is header lines with the line end *before* each. What need not be looked at is not
    taken apart. Raises `ValueError` for a line that is no field (RFC 9112 5).
    """
    first, *lines = block.split(b"\r\n")
    kept, known, dropped = [first], looks.known, False
    for line in lines:
        name, colon, value = line.partition(b":")
        if not colon:
            raise ValueError("a line without a colon")
        look = known[name] if name in known else looks.learn(name)
        if look is None or look(seen, value.strip(b" \t")):
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
    """The trailer lines that may go on, each with its line end: none that `Connection` *named*."""
    names = ((name_of(line), line) for line in lines)
    return b"".join(
        [line + b"\r\n" for name, line in names if name not in NO_TRAILERS and name not in named]
    )


def name_of(line: bytes) -> bytes:
    """The lower-cased name of a field line, dashes for underscores as upstreams may read it."""
    return line.partition(b":")[0].lower().replace(b"_", b"-")

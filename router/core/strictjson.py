"""JSON that two readers cannot understand differently (RFC 8259 4, RFC 8725 2.4)."""

import json
from typing import Any, Final


def strict_json(text: bytes) -> dict[str, Any]:
    """A JSON object in UTF-8 with no key twice and no NaN or Infinity; `ValueError` otherwise.

    What is nested too deeply for the reader raises `RecursionError`. Bytes are decoded here, since
    the reader would guess at UTF-16 and UTF-32 too, and pass over a byte order mark.
    """
    value = whole(text.decode())
    if not isinstance(value, dict):
        raise ValueError("not an object")  # noqa: TRY004 - bad input, not a bad type of ours
    return value


def whole(text: str) -> object:
    """The one value that *text* is; where no blanks are around it, one scan is enough."""
    if text.startswith("{"):
        value, end = READER.raw_decode(text)
        if end == len(text):
            return value
    return READER.decode(text)


def no_key_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """The object, unless two readers could take different values for one key."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key is there twice")
    return found


def no_constant(name: str) -> None:
    """`NaN` and `Infinity` are not JSON (RFC 8259 6)."""
    raise ValueError(f"{name} is not JSON")


READER: Final = json.JSONDecoder(object_pairs_hook=no_key_twice, parse_constant=no_constant)
"""Made once: `json.loads` would make one for each token."""

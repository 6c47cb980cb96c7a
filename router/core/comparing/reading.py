"""An answer as a value that can be compared: JSON in one canonical form, anything else as text."""

import json
import zlib
from typing import Any, Final, NamedTuple

from router.core.strictjson import no_constant, no_key_twice

LONG = 300
"""Digits of a number that fit a float; what has more is compared as infinite."""
ANY_DEFLATE: Final = 47
"""zlib's word for: gzip (RFC 1952) or zlib (RFC 1950), whichever it is."""


class Answer(NamedTuple):
    """What an upstream said: the status, the lines of its head, the body as it came."""

    status: int
    block: bytes
    body: bytes


class Seen(NamedTuple):
    """What is compared of an answer: the first digit of its status, and the value of its body."""

    status: int
    value: Any


class Unreadable(ValueError):
    """The body cannot be understood: its coding is one we do not know, or it nests too deep."""


class TooLarge(ValueError):
    """The body has more bytes than are compared, once it is decoded."""


class Text(str):
    """A body that is no JSON. A JSON string is another type, though it were equal."""

    __slots__ = ()


def read_answer(answer: Answer, most: int) -> Seen:
    """*answer* as a value, of at most *most* bytes; `Unreadable` or `TooLarge` otherwise."""
    body = decoded(answer.body, field(answer.block, b"content-encoding"), most)
    kind = field(answer.block, b"content-type").partition(b";")[0]
    return Seen(answer.status // 100, value_of(body) if b"json" in kind else as_text(body))


def value_of(body: bytes) -> Any:
    """The JSON value in *body*; its text where it is none, since that is a difference too."""
    try:
        return READER.decode(body.decode())
    except ValueError:
        return as_text(body)
    except RecursionError:
        raise Unreadable("nests too deep") from None


def as_text(body: bytes) -> Text:
    """Any bytes as text."""
    return Text(body.decode("latin-1"))


def field(block: bytes, wanted: bytes) -> bytes:
    """The value of the field *wanted*, in lower case as its name is; empty where there is none."""
    for line in block.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == wanted:
            return value.strip().lower()
    return b""


def decoded(body: bytes, coding: bytes, most: int) -> bytes:
    """*body* without its content coding (RFC 9110 8.4)."""
    if len(body) > most:
        raise TooLarge
    if coding in {b"", b"identity"}:
        plain = body
    elif coding in {b"gzip", b"x-gzip", b"deflate"}:
        plain = inflated(body, most)
    else:
        raise Unreadable(f"coded as {coding.decode('latin-1')}")
    if len(plain) > most:
        raise TooLarge
    return plain


def inflated(body: bytes, most: int) -> bytes:
    """*body* inflated, to no more than one byte past *most*, however much is in it."""
    reader = zlib.decompressobj(ANY_DEFLATE)
    try:
        plain = reader.decompress(body, most + 1)
    except zlib.error:
        raise Unreadable("not the coding that it says") from None
    if len(plain) <= most and not reader.eof:
        raise Unreadable("ends too early")
    return plain


def number(text: str) -> int | float:
    """A number in its one form: 1, 1.0 and 1e0 are the same (RFC 8785 3.2.2.3)."""
    value = float(text)
    return int(value) if value.is_integer() and abs(value) < 2**53 else value


def whole(text: str) -> int | float:
    """An integer as it is, but for one that no float could be compared with."""
    return int(text) if len(text) <= LONG else float(text)


READER: Final = json.JSONDecoder(
    object_pairs_hook=no_key_twice,
    parse_constant=no_constant,
    parse_float=number,
    parse_int=whole,
)


def canonical(value: Any) -> str:
    """The one text of a value that was read: keys in order, no blanks."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)

"""HTTP/1.1 as RFC 9112 has it and no more, read byte by byte: the second opinion of the fuzzing.

It shares no code with the router, so that one mistake is not made twice. What it refuses nobody may
let pass.
"""

from dataclasses import dataclass, field

TCHAR = frozenset(b"!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
VCHAR = frozenset(range(0x21, 0x7F))
TEXT = frozenset({0x09, 0x20}) | VCHAR | frozenset(range(0x80, 0x100))
DIGITS = frozenset(b"0123456789")
HEXDIGITS = frozenset(b"0123456789abcdefABCDEF")

Fields = list[tuple[bytes, bytes]]


class NotStrict(Exception):
    """No message of HTTP/1.1: what is wrong with it."""


class Unfinished(Exception):
    """The message may yet become whole."""


@dataclass
class Message:
    """One message: the parts of its start line, its fields, and what stands behind the head."""

    start: list[bytes]
    fields: Fields
    rest: bytes = b""
    body: bytes = b""
    trailers: Fields = field(default_factory=list)

    def all(self, name: bytes) -> list[bytes]:
        """The values of a field, whatever the case of its name."""
        return [value for one, value in self.fields if one.lower() == name]

    def members(self, name: bytes) -> list[bytes]:
        """The members of a list field, in lower case."""
        whole = b",".join(self.all(name))
        return [one.strip(b" \t").lower() for one in whole.split(b",") if one.strip(b" \t")]


def need(holds: bool, what: str) -> None:
    """Go on, or say what is missing."""
    if not holds:
        raise NotStrict(what)


def line_of(data: bytes, at: int) -> tuple[bytes, int]:
    """The line from *at*, and where the next begins; it ends in CR LF and has neither within."""
    end = data.find(b"\n", at)
    if end < 0:
        need(data.find(b"\r", at, len(data) - 1) < 0, "a CR alone")
        raise Unfinished
    need(end > at and data[end - 1] == 0x0D, "an LF alone")
    line = data[at : end - 1]
    need(b"\r" not in line, "a CR alone")
    return line, end + 1


def fields_of(data: bytes, at: int) -> tuple[Fields, int]:
    """The field lines from *at* to the empty one, and where that ends (RFC 9112 5)."""
    found: Fields = []
    while True:
        line, at = line_of(data, at)
        if not line:
            return found, at
        name, colon, value = line.partition(b":")
        need(bool(colon) and bool(name) and TCHAR.issuperset(name), "not the name of a field")
        need(TEXT.issuperset(value), "a control in a field's value")
        found.append((name, value.strip(b" \t")))


def request(data: bytes) -> Message:
    """The head of a request (RFC 9112 3): method, target and version are its start."""
    line, at = line_of(data, 0)
    start = line.split(b" ")
    need(len(start) == 3, "a request line of other than three parts")
    method, target, version = start
    need(bool(method) and TCHAR.issuperset(method), "not a method")
    need(bool(target) and VCHAR.issuperset(target), "not a target")
    need(version in {b"HTTP/1.1", b"HTTP/1.0"}, "another version")
    fields, at = fields_of(data, at)
    return Message(start, fields, data[at:])


def answer(data: bytes) -> Message:
    """The head of an answer (RFC 9112 4): version, status and reason are its start."""
    line, at = line_of(data, 0)
    version, _, rest = line.partition(b" ")
    status, _, reason = rest.partition(b" ")
    need(version in {b"HTTP/1.1", b"HTTP/1.0"}, "another version")
    need(len(status) == 3 and DIGITS.issuperset(status), "not a status")
    need(TEXT.issuperset(reason), "a control in the reason")
    fields, at = fields_of(data, at)
    return Message([version, status, reason], fields, data[at:])


def length_of(message: Message) -> int | None:
    """The one length of a body; None where it is chunked, or there is none (RFC 9112 6)."""
    lengths, codings = message.all(b"content-length"), message.all(b"transfer-encoding")
    need(len(lengths) + len(codings) <= 1, "more than one length")
    if codings:
        need(codings[0].lower() == b"chunked", "an encoding that is not chunked")
        return None
    if not lengths:
        return None
    need(bool(lengths[0]) and DIGITS.issuperset(lengths[0]), "a length that is no number")
    return int(lengths[0])


def read_body(message: Message, *, until_closed: bool = False) -> None:
    """Move the body from `rest` to `body` and `trailers`; raises where it is not whole."""
    length = length_of(message)
    if message.all(b"transfer-encoding"):
        read_chunks(message)
    elif length is not None:
        if len(message.rest) < length:
            raise Unfinished
        message.body, message.rest = message.rest[:length], message.rest[length:]
    elif until_closed:
        message.body, message.rest = message.rest, b""


def read_chunks(message: Message) -> None:
    """A chunked body (RFC 9112 7.1)."""
    data, at, pieces = message.rest, 0, []
    while True:
        line, at = line_of(data, at)
        size, semicolon, extension = line.partition(b";")
        need(0 < len(size) <= 16 and HEXDIGITS.issuperset(size), "not the size of a chunk")
        need(not semicolon or TEXT.issuperset(extension), "a control in an extension")
        if int(size, 16) == 0:
            break
        end = at + int(size, 16)
        if len(data) < end + 2:
            need(b"\r\n".startswith(data[end : end + 2]), "no line end behind a chunk")
            raise Unfinished
        pieces.append(data[at:end])
        need(data[end : end + 2] == b"\r\n", "no line end behind a chunk")
        at = end + 2
    message.trailers, at = fields_of(data, at)
    message.body, message.rest = b"".join(pieces), data[at:]

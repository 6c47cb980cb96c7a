"""Messages off the wire, read by RFC 9112 alone: line by line, believing and mending nothing."""

import asyncio
from dataclasses import dataclass, field

BODILESS = frozenset({204, 304})


@dataclass(slots=True)
class Message:
    """One message: its start line, its header lines as they stand, and its body decoded.

    `framing` is how the body's end was told: `none`, `length`, `chunked`, or `end` of connection.
    """

    start: bytes
    lines: list[bytes]
    framing: str = "none"
    body: bytes = b""
    trailers: list[bytes] = field(default_factory=list)

    def values(self, name: bytes) -> list[bytes]:
        """Each value of the field *name*, without the blanks around it."""
        return [value_of(line) for line in self.lines if name_of(line) == name]

    def members(self, name: bytes) -> frozenset[bytes]:
        """The members of the list that is field *name*, in lower case."""
        split = b",".join(self.values(name)).lower().split(b",")
        return frozenset(one.strip(b" \t") for one in split if one.strip(b" \t"))

    @property
    def status(self) -> int:
        """The status of an answer."""
        return int(self.start.split(b" ", 2)[1])

    @property
    def method(self) -> bytes:
        """The method of a request."""
        return self.start.split(b" ", 1)[0]


def name_of(line: bytes) -> bytes:
    """The name of the field *line*, in lower case."""
    return line.partition(b":")[0].lower()


def value_of(line: bytes) -> bytes:
    """The value of the field *line*, without the blanks around it."""
    return line.partition(b":")[2].strip(b" \t")


async def read_request(head: bytes, reader: asyncio.StreamReader) -> Message:
    """The request whose head has been read."""
    message = read_head(head)
    if message.values(b"transfer-encoding") or message.values(b"content-length"):
        await read_body(message, reader)
    return message


async def read_answer(method: bytes, reader: asyncio.StreamReader) -> list[Message]:
    """The answer to a request of *method*, behind the interim ones."""
    messages = [read_head(await reader.readuntil(b"\r\n\r\n"))]
    while messages[-1].status < 200:
        messages.append(read_head(await reader.readuntil(b"\r\n\r\n")))
    if method != b"HEAD" and messages[-1].status not in BODILESS:
        await read_body(messages[-1], reader)
    return messages


def read_head(head: bytes) -> Message:
    """A message of which the head is all there is so far."""
    start, *lines = head.removesuffix(b"\r\n\r\n").split(b"\r\n")
    return Message(start, lines)


async def read_body(message: Message, reader: asyncio.StreamReader) -> None:
    """Read the body as the head announces it (RFC 9112 6.3)."""
    encodings, lengths = message.values(b"transfer-encoding"), message.values(b"content-length")
    assert len(encodings) + len(lengths) < 2, message.lines
    if encodings:
        assert [one.lower() for one in encodings] == [b"chunked"]
        message.framing = "chunked"
        await read_chunks(message, reader)
    elif lengths:
        message.framing = "length"
        message.body = await reader.readexactly(int(lengths[0]))
    else:
        message.framing = "end"
        message.body = await reader.read()


async def read_chunks(message: Message, reader: asyncio.StreamReader) -> None:
    """Read the chunks, whatever their extensions, and the trailer section (RFC 9112 7.1)."""
    pieces = []
    while size := int((await line_of(reader)).partition(b";")[0], 16):
        pieces.append(await reader.readexactly(size))
        assert await line_of(reader) == b""
    message.body = b"".join(pieces)
    while line := await line_of(reader):
        message.trailers.append(line)


async def line_of(reader: asyncio.StreamReader) -> bytes:
    """The next line, without its end."""
    return (await reader.readuntil(b"\r\n"))[:-2]

"""Bodies: the same content comes out however it is cut, and what is sent on is that content."""

from dataclasses import dataclass

from dev.fuzz import strict
from dev.fuzz.cutting import cuts
from router.core.framing import (
    MAX_EXTENSIONS,
    MAX_TRAILERS,
    MOST_TRAILERS,
    BadFraming,
    BodyReader,
    Chunked,
    Counted,
)
from router.core.problems import Problem
from router.edge.client.upload import Upload

LIMIT = 100_000
NAMED = frozenset({b"x-named"})
FORBIDDEN = frozenset(
    b"content-length transfer-encoding host authorization connection cookie x-user-id te"
    b" trailer upgrade set-cookie forwarded".split()
)
"""What must not come out of a trailer section (RFC 9110 6.5.1), nor with underscores for dashes."""


@dataclass(frozen=True)
class Seen:
    """What a reader made of its bytes."""

    body: bytes
    done: bool
    bad: bool
    rest: bytes
    trailers: tuple[bytes, ...]


def read(reader: BodyReader, pieces: list[bytes]) -> Seen:
    """Feed *pieces* until the end or the first mistake."""
    body = b""
    for place, piece in enumerate(pieces):
        if reader.done:
            return Seen(body, True, False, reader.rest + b"".join(pieces[place:]), lines(reader))
        try:
            body += reader.feed(piece)
        except BadFraming:
            return Seen(b"", False, True, b"", ())
    return Seen(body, reader.done, False, reader.rest if reader.done else b"", lines(reader))


def lines(reader: BodyReader) -> tuple[bytes, ...]:
    """Its trailer lines, once there are no more to come."""
    return tuple(reader.trailers) if reader.done else ()


def check(data: bytes) -> None:
    """The body as chunks; and as so many bytes as the first one says."""
    whole = read(Chunked(), [data])
    for pieces in cuts(data):
        assert read(Chunked(), pieces) == whole, pieces
    check_chunks(whole, data)
    check_upload(whole, data)
    length = data[0] if data else 0
    counted = read(Counted(length), [data])
    assert counted.body + counted.rest == data
    assert counted.done == (len(data) >= length)
    for pieces in cuts(data):
        assert read(Counted(length), pieces) == counted, pieces


def check_chunks(whole: Seen, data: bytes) -> None:
    """As RFC 9112 7.1 has it; the limits may refuse more."""
    asked = strict.Message([], [], data)
    try:
        strict.read_chunks(asked)
    except strict.NotStrict:
        assert not whole.done, "let pass what is no chunked body"
    except strict.Unfinished:
        assert not whole.done, "ended too early"
    else:
        trailers = sum(len(name) + len(value) for name, value in asked.trailers)
        beyond = max(len(data), trailers) > min(MAX_EXTENSIONS, MAX_TRAILERS)
        assert whole.done or beyond or len(asked.trailers) > MOST_TRAILERS, "refused a good body"
        if whole.done:
            assert (whole.body, whole.rest) == (asked.body, asked.rest)


class Sink:
    """An upstream, and a client, that take all."""

    is_full = False
    most_waiting = 2**16

    def __init__(self) -> None:
        self.come = b""

    def write(self, data: bytes) -> None:
        """Take it."""
        self.come += data

    def pace(self) -> None:
        """There is room."""


def check_upload(whole: Seen, data: bytes) -> None:
    """What an upload sends on is a chunked body of the same content, less forbidden trailers."""
    for pieces in cuts(data):
        sink, problems = Sink(), list[Problem]()
        upload = Upload(
            sink,
            length=None,
            limit=LIMIT,
            invites=False,
            named=NAMED,
            failed=problems.append,
        )
        upload.send_to(sink)
        for piece in pieces:
            if not upload.done:
                upload.feed(piece)
        assert upload.complete == whole.done
        assert bool(problems) == whole.bad
        if whole.done:
            sent = strict.Message([], [], sink.come)
            strict.read_chunks(sent)
            assert (sent.body, sent.rest) == (whole.body, b"")
            names = {name.lower() for name, _ in sent.trailers}
            assert not names & NAMED
            assert not {name.replace(b"_", b"-") for name in names} & FORBIDDEN


SEEDS = (
    b"5\r\nhello\r\n0\r\n\r\nrest",
    b"5;x=y\r\nhello\r\nA\r\n0123456789\r\n0\r\nX-T: 1\r\nHost: b\r\nX_Named: c\r\n\r\n",
    b"0\r\n\r\n",
    b"0x5\r\nhello\r\n0\r\n\r\n",
    b"00000005\r\nhello\r\n000;a\r\nx-named: 1\r\nX-User_Id: 2\r\n\r\n",
    b"\x05helloworld",
)

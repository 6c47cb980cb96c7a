"""A connection to an upstream: the same answer comes out however its bytes are cut."""

from dataclasses import dataclass

from dev.fuzz import strict
from dev.fuzz.cutting import cuts
from router.core.answers import Head
from router.core.outcome import Fault
from router.edge.upstream.wire import Connection

METHODS = ("GET", "HEAD")


@dataclass(frozen=True)
class Seen:
    """All that an exchange can tell of an answer."""

    status: int | None
    block: bytes
    interim: tuple[int, ...]
    body: bytes
    complete: bool
    fault: Fault | None
    reusable: bool
    trailers: tuple[bytes, ...]


def played(method: str, pieces: list[bytes], *, upgrade: bool) -> Seen:
    """What comes of *pieces*."""
    connection, interim = Connection(), list[int]()
    connection.begin(method, b"", 0.0, upgrade=upgrade)

    def note(head: Head) -> None:
        interim.append(head.status)

    connection.on_interim = note
    body = b""
    for piece in pieces:
        if not connection.closed:
            connection.data_received(piece)
            body += connection.take()
    head = connection.head
    return Seen(
        head.status if head is not None else None,
        head.block if head is not None else b"",
        tuple(interim),
        body,
        connection.complete,
        connection.fault,
        connection.is_reusable,
        tuple(connection.trailers) if connection.complete else (),
    )


def check(data: bytes) -> None:
    """The same in one piece and in several, and as RFC 9112 has it."""
    for method in METHODS:
        for upgrade in (False, True):
            whole = played(method, [data], upgrade=upgrade)
            for pieces in cuts(data):
                cut = played(method, pieces, upgrade=upgrade)
                assert told(cut) == told(whole), (pieces, cut, whole)
        if whole.complete and whole.fault is None and whole.status != 101:
            check_answer(method, whole, data)


def told(seen: Seen) -> Seen:
    """What may be compared: of a broken answer only what had come before may differ."""
    if seen.fault is None:
        return seen
    return Seen(seen.status, seen.block, seen.interim, b"", False, seen.fault, seen.reusable, ())


def check_answer(method: str, whole: Seen, data: bytes) -> None:
    """The one answer in the bytes, with its body; nothing behind it is handed to anybody."""
    asked = strict.answer(data)
    while asked.start[1][:1] == b"1":
        asked = strict.answer(asked.rest)
    assert whole.status == int(asked.start[1])
    if method == "HEAD" or whole.status in {204, 304}:
        assert whole.body == b""
    else:
        strict.read_body(asked)
        assert whole.body == asked.body
        assert [strict.fields_of(one + b"\r\n\r\n", 0)[0][0] for one in whole.trailers] == (
            asked.trailers
        )
    assert not (whole.reusable and asked.rest), "handed out dirty"


SEEDS = (
    b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX-T: 1\r\n\r\n",
    b"HTTP/1.1 200 OK\r\n\r\nuntil the end",
    b"HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\nbytes",
    b"HTTP/1.1 204 No Content\r\n\r\nmore",
    b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhelloHTTP/1.1 200 OK\r\n\r\n",
    b"SSH-2.0-OpenSSH\r\n",
    b"HTTP/1.1 103 Early\r\n\r\n" * 3,
)

"""A client's connection: however it is cut the same requests come out, and only real ones."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

from dev.fuzz import strict
from dev.fuzz.cutting import cuts
from dev.fuzz.targets import requests
from router.core.problems import Problem
from router.edge.client.client import Client
from router.edge.front import Front
from router.edge.relay import give

LIMIT = 10_000
REFUSALS = requests.REFUSALS | {413}
LOOP = asyncio.new_event_loop()


@dataclass
class Seen:
    """What a connection made of its bytes."""

    requests: list[tuple[str, str, bytes, bytes]] = field(default_factory=list)
    refusals: list[int] = field(default_factory=list)
    closed: bool = False


class Sink:
    """Where an upload goes."""

    is_full = False

    def __init__(self) -> None:
        self.come = b""

    def write(self, data: bytes) -> None:
        """Take it."""
        self.come += data


class Taking:
    """A request under way: it is answered once its body is whole."""

    def __init__(self, seen: Seen, client: Client) -> None:
        self._seen = seen
        self._client = client
        self._sink = Sink()
        self._over = False
        self._block = client.message.block

    def begin(self) -> None:
        """Refuse it, answer it, or take its body."""
        message = self._client.message
        head = message.head
        if isinstance(head, Problem):
            self.upload_failed(head)
            return
        if b"close" in head.named:
            self._client.close_after()
        if not head.has_body:
            self._answer()
            return
        length = None if head.chunked else head.content_length
        self._upload = self._client.upload(
            length=length,
            limit=LIMIT,
            expects_continue=head.expects_continue,
            named=head.named,
            failed=self.upload_failed,
        )
        self._upload.send_to(self)
        self._client.receive()

    is_full = False

    def write(self, data: bytes) -> None:
        """Take more of the body; the end of it is the end of the request."""
        self._sink.write(data)
        if not self._over and self._upload.complete and not self._upload.waiting:
            LATER.append(self._answer)

    def _answer(self) -> None:
        if self._over:
            return
        self._over = True
        message = self._client.message
        body = content(message.block, self._sink.come)
        self._seen.requests.append((message.method, message.target, message.block, body))
        self._client.begin_answer()
        self._client.write(b"HTTP/1.1 204 No Content\r\n\r\n")
        self._client.finished()

    def left(self) -> None:
        """The client has gone."""
        self._over = True

    def upload_failed(self, problem: Problem) -> None:
        """Its body is broken."""
        self._over = True
        self._seen.refusals.append(problem.status)
        give(self._client, problem, "id", "date")
        self._client.finished()


LATER: list[Any] = []
"""Answers that are due once the bytes under way have been taken, as an upstream's would be."""


class Transport(asyncio.Transport):
    """A client's socket that swallows all."""

    def __init__(self, seen: Seen) -> None:
        super().__init__()
        self._seen = seen

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Nobody reads it."""

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """Where it comes from."""
        return ("192.0.2.1", 1) if name == "peername" else default

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """There is room."""

    def pause_reading(self) -> None:
        """What is fed is read all the same."""

    resume_reading = write_eof = abort = pause_reading

    def is_closing(self) -> bool:
        """Whether it was closed."""
        return self._seen.closed

    def close(self) -> None:
        """The end."""
        self._seen.closed = True


def played(pieces: list[bytes]) -> Seen:
    """What a connection makes of *pieces*."""
    seen = Seen()

    def serve(client: Client) -> Taking:
        taking = Taking(seen, client)
        LATER.append(taking.begin)
        return taking

    def refuse(client: Client, problem: Problem) -> None:
        seen.refusals.append(problem.status)
        give(client, problem, "id", "date")
        client.finished()

    front = Front(serve, refuse, LOOP)
    front._sweep = asyncio.TimerHandle(0.0, front.close, (), LOOP)  # no time passes here
    connection = front()
    connection.connection_made(Transport(seen))
    for piece in pieces:
        connection.data_received(piece)
        while LATER:
            LATER.pop(0)()
    return seen


def check(data: bytes) -> None:
    """The same in one piece and in several, and what was served is what was written.

    With a head's end behind it: what cannot become a head may be refused before or then.
    """
    data += b"\r\n\r\n"
    whole = played([data])
    assert set(whole.refusals) <= REFUSALS, whole.refusals
    for pieces in cuts(data):
        cut = played(pieces)
        # Which refusal it is may depend on which of two mistakes came first.
        assert (cut.requests, len(cut.refusals)) == (whole.requests, len(whole.refusals)), pieces
    check_served(whole, data)


def check_served(whole: Seen, data: bytes) -> None:
    """Each served request stands in the bytes, behind the one before, with that body."""
    for method, target, block, body in whole.requests:
        asked = strict.request(data.removeprefix(b"\r\n"))
        strict.read_body(asked)
        assert [method.encode(), target.encode()] == asked.start[:2]
        assert strict.fields_of(block[2:] + b"\r\n\r\n" if block else b"\r\n", 0)[0] == asked.fields
        assert body == asked.body
        data = asked.rest


def content(block: bytes, sent: bytes) -> bytes:
    """What an upstream reads of the body that it is sent; it must end where that ends."""
    fields, _ = strict.fields_of(block[2:] + b"\r\n\r\n" if block else b"\r\n", 0)
    got = strict.Message([], [pair for pair in fields if is_framing(pair)], sent)
    strict.read_body(got)
    assert got.rest == b""
    return got.body


def is_framing(pair: tuple[bytes, bytes]) -> bool:
    """Whether a field says how long the body is."""
    return pair[0].lower() in {b"content-length", b"transfer-encoding"}


SEEDS = (
    b"GET /a HTTP/1.1\r\nHost: a\r\n\r\n" * 3,
    b"\r\nPOST /b HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello"
    b"GET / HTTP/1.1\r\nHost: a\r\n\r\n",
    b"PUT /c HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"5;x=y\r\nhello\r\n0\r\nX-T: 1\r\nHost: b\r\n\r\n"
    b"GET /d HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\nGET /e HTTP/1.1\r\n\r\n",
    b"GET /f HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET /g HTTP/1.0\r\n\r\n",
    b"POST /h HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nokrest",
    b"\x16\x03\x01\x02\x00\x01",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    b"CONNECT ",  # broke once
)

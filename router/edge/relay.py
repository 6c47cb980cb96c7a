"""Answers on their way to the client: an upstream's, or a problem of our own."""

from collections.abc import Callable
from math import inf

from router.core.fields import forwardable_trailers
from router.core.framing import as_chunk, last_chunk
from router.core.onward import UNSIZED, client_head
from router.core.problems import Notice, Problem, body_of, head_of, notice_of
from router.edge.client.client import Client
from router.edge.upstream.wire import Connection


def give(client: Client, problem: Problem, request_id: str, date: str) -> None:
    """Send *problem* whole; a HEAD request gets its head only."""
    client.begin_answer()
    if problem.close:
        client.close_after()
    body = body_of(problem, request_id)
    head = head_of(problem, request_id, date, len(body), close=not client.keep_alive)
    client.write(head if client.method == "HEAD" else head + body)


def note(client: Client, notice: Notice, request_id: str, date: str) -> None:
    """Send *notice*."""
    client.begin_answer()
    client.write(notice_of(notice, request_id, date, close=not client.keep_alive))


def commit(client: Client, connection: Connection, extra: bytes) -> bool:
    """Send the answer's head and what has come of its body; whether the body goes in chunks.

    An answer that is complete leaves in this one write.
    """
    head = connection.head
    assert head is not None  # an answer has one
    client.begin_answer()
    http_1_0 = client.is_http_1_0
    chunked = head.framing in UNSIZED and not http_1_0
    if http_1_0 and head.framing in UNSIZED:
        client.close_after()  # HTTP/1.0 knows the end by the connection's
    begin = client_head(head, http_1_0=http_1_0, close=not client.keep_alive, extra=extra)
    client.write(begin + framed(connection, chunked=chunked))
    return chunked


def framed(connection: Connection, *, chunked: bool) -> bytes:
    """What has come of the body, framed for the client, with the end if this is the end."""
    data = connection.take()
    if not chunked:
        return data
    if not connection.complete:
        return as_chunk(data)
    named = connection.head.named if connection.head is not None else ()
    return as_chunk(data) + last_chunk(forwardable_trailers(connection.trailers, named))


class Relay:
    """The rest of a committed answer, sent on as it comes.

    No faster than the client reads: what waits makes the upstream wait. An answer that breaks off
    breaks off the client's connection too, so that it never looks whole. `ended` is told which.
    """

    __slots__ = ("_chunked", "_client", "_clock", "_connection", "_ended", "_pause_s")

    def __init__(
        self,
        client: Client,
        connection: Connection,
        *,
        chunked: bool,
        pause_s: float,
        clock: Callable[[], float],
        ended: Callable[[bool], None],
    ) -> None:
        self._client = client
        self._clock = clock
        self._connection = connection
        self._chunked = chunked
        self._pause_s = pause_s
        self._ended = ended

    def start(self) -> None:
        """Send on what comes from now on."""
        self._connection.on_change = self._on_change
        self._client.on_writable = self._on_writable
        self._connection.due = self._clock() + self._pause_s

    def _on_change(self) -> None:
        """More of the body is here, or its end, or what prevents it."""
        connection = self._connection
        if connection.fault is not None:
            self._client.abort()
            self._ended(False)
        elif not self._client.is_full:
            self._send()
        else:
            connection.due = inf  # it is the client that is waited for

    def _on_writable(self) -> None:
        if self._connection.fault is None:
            self._send()

    def _send(self) -> None:
        data = framed(self._connection, chunked=self._chunked)
        if data:
            self._client.write(data)
        if self._connection.complete:
            self._ended(True)
        else:
            self._connection.due = self._clock() + self._pause_s

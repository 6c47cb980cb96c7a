"""Answers on their way to the client: an upstream's, or a problem of our own."""

from router.core.answers import Framing, client_head
from router.core.problems import Problem, body_of, head_of
from router.edge.front import Client
from router.edge.upstream.wire import Connection

IDLE_S = 60.0
"""How long an upstream may pause within a body."""


def give(client: Client, problem: Problem, request_id: str) -> None:
    """Send *problem* whole; a HEAD request gets its head only."""
    client.begin_answer()
    if problem.close:
        client.close_after()
    body = body_of(problem, request_id)
    head = head_of(problem, request_id, len(body), close=not client.keep_alive)
    client.write(head if client.method == "HEAD" else head + body)


async def relay(client: Client, connection: Connection, extra: bytes) -> bool:
    """Send the answer that *connection* holds, and the rest as it comes; whether it came whole.

    An answer that is complete already leaves in one write. One that breaks off breaks off the
    client's connection too, so that it never looks whole.
    """
    head = connection.head
    assert head is not None
    unsized = head.framing in {Framing.CHUNKED, Framing.EOF}
    chunked = unsized and not client.is_http_1_0
    client.begin_answer()
    if unsized and not chunked:
        client.close_after()  # HTTP/1.0 knows the end by the connection's
    begin = client_head(head, http_1_0=client.is_http_1_0, close=not client.keep_alive, extra=extra)
    client.write(begin + framed(connection, chunked=chunked))
    while not connection.complete and connection.fault is None:
        await client.drained()
        await next_change(connection)
        rest = framed(connection, chunked=chunked)
        if rest:
            client.write(rest)
    if connection.fault is not None:
        client.abort()
        return False
    return True


async def next_change(connection: Connection) -> None:
    """Wait for more of the body, for as long as an upstream may pause."""
    if connection.complete or connection.fault is not None or connection.buffered:
        return
    timer = connection.loop.call_later(IDLE_S, connection.expire)
    try:
        await connection.changed()
    finally:
        timer.cancel()


def framed(connection: Connection, *, chunked: bool) -> bytes:
    """What has come of the body, framed for the client, with the end if this is the end."""
    pieces = connection.take()
    if not chunked:
        return b"".join(pieces)
    body = b"".join(pieces)
    chunk = b"%x\r\n%b\r\n" % (len(body), body) if body else b""
    return chunk + b"0\r\n\r\n" if connection.complete else chunk

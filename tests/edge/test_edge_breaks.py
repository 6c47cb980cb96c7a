"""A connection to an upstream that breaks: what came before is not lost with it."""

import asyncio
import socket
from collections.abc import Iterator
from math import inf

import pytest

from router.core.outcome import Fault
from router.edge.upstream.wire import Connection
from tests.edge.scripts import head
from tests.edge.stages import until
from tests.edge.upstreams import LINGER_NONE

POST = b"POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n"


class Pair:
    """A connection as the pool makes them, and the upstream's end of it."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))

    async def open(self) -> None:
        """Connect, and begin an upload."""
        _, self.connection = await asyncio.get_running_loop().create_connection(
            Connection, *self._listener.getsockname()
        )
        self.upstream, _ = self._listener.accept()
        self.connection.begin("POST", POST, inf)

    def break_off(self, sent: bytes) -> None:
        """Have the upstream send that, and reset; a write of ours is the first to find out."""
        self.upstream.sendall(sent)
        self.upstream.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_NONE)
        self.upstream.close()
        self.connection.write(b"more of the upload")

    def close(self) -> None:
        """Let everything go."""
        self.connection.abort()
        self.upstream.close()
        self._listener.close()


@pytest.fixture
def pair() -> Iterator[Pair]:
    """Give a pair that is closed afterwards."""
    one = Pair()
    yield one
    one.close()


async def test_an_answer_that_came_before_the_reset_is_heard(pair: Pair) -> None:
    """As of a server that refuses a large upload and closes."""
    await pair.open()
    pair.break_off(head(413, "Content-Length: 9", "Connection: close") + b"too large")
    await until(lambda: pair.connection.closed, "the end of the connection")
    found = pair.connection.head
    assert found is not None
    assert (found.status, pair.connection.take()) == (413, b"too large")
    assert pair.connection.complete
    assert pair.connection.fault is None
    assert not pair.connection.is_reusable


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"HTTP/1.1 413 Too",
        head(413, "Content-Length: 9") + b"too",
        head(200) + b"its end is a reset",
        head(200, "Content-Length: 1000000") + b"x" * 200_000,
    ],
    ids=["nothing", "half a head", "half a body", "no length", "much"],
)
async def test_what_is_not_whole_is_no_answer(pair: Pair, sent: bytes) -> None:
    """Nor is more kept of it than of any other."""
    await pair.open()
    pair.break_off(sent)
    await until(lambda: pair.connection.closed, "the end of the connection")
    assert not pair.connection.complete
    assert pair.connection.fault is Fault.CLOSED
    assert pair.connection.buffered <= 128 * 1024

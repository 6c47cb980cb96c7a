"""The open loop against upstreams that stall or hang up, and the sink for uploads."""

import asyncio
import socketserver
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise

import pytest

from dev.bench.openloop import CONNECTIONS, played, schedule
from dev.bench.sink import Sink
from dev.bench.upstream import BODY
from tests.timing import at_best

HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n%b\r\n"
Answer = Callable[[int], bytes]


@pytest.fixture
def tokens(tmp_path):
    """A file of as many as any of these runs wants."""
    path = tmp_path / "tokens"
    path.write_text("token\n" * 5000, "ascii")
    return path


class Server(socketserver.ThreadingTCPServer):
    """Answers each request by what *answer* says of its number; hangs up after nothing or a close.

    One request at a time, as a program on one core: while one stalls, all wait.
    """

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, answer: Answer) -> None:
        super().__init__(("127.0.0.1", 0), Connection)
        self.answer = answer
        self.one_at_a_time = threading.Lock()
        self.asked = 0


class Connection(socketserver.StreamRequestHandler):
    """A thread for each."""

    server: Server

    def handle(self) -> None:
        while self.read_head():
            with self.server.one_at_a_time:
                self.server.asked += 1
                said = self.server.answer(self.server.asked)
            self.wfile.write(said)
            if not said or b"close" in said:
                return

    def read_head(self) -> bool:
        """Whether there was another request."""
        line = self.rfile.readline()
        while line.strip():
            line = self.rfile.readline()
        return bool(line)


@contextmanager
def upstream(answer: Answer) -> Iterator[int]:
    """A server under way; its port."""
    with Server(answer) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


def good(_: int) -> bytes:
    """The right answer."""
    return HEAD % (len(BODY), b"") + BODY


def test_the_schedule_has_its_rate_and_no_rhythm(tokens):
    """The same one each time, at moments of their own."""
    moments = [moment for moment, _ in schedule(1000, 2.0, tokens)]
    gaps = {round(b - a, 9) for a, b in pairwise(moments)}
    assert 1800 < len(moments) < 2200
    assert len(gaps) > 1500
    assert moments == [moment for moment, _ in schedule(1000, 2.0, tokens)]


@pytest.mark.alone
def test_all_good_answers_are_counted(tokens):
    """Each with its time."""
    with upstream(good) as port:
        took_s, failed = played(port, 200, 0.5, tokens)
    assert failed == 0
    assert 60 < len(took_s) < 140
    assert 0 < took_s[0] <= took_s[-1]


@pytest.mark.alone
def test_a_stall_is_charged_to_all_that_should_have_been_asked_meanwhile(tokens):
    """A closed loop of 64 connections would see no more than 64 slow answers."""

    def stalls_once(number: int) -> bytes:
        if number == CONNECTIONS + 50:
            time.sleep(0.3)  # the upstream's one thread: all connections hang
        return good(number)

    with upstream(stalls_once) as port:
        took_s, failed = played(port, 1000, 0.6, tokens)
    assert failed == 0
    assert sum(took > 0.05 for took in took_s) > 150


def test_what_it_takes_to_open_the_connections_is_not_counted(tokens):
    """They are kept ones: 64 that all come at once would be the slowest of a thousand requests."""

    def slow_at_first(number: int) -> bytes:
        time.sleep(0.2 if number < 2 else 0.0)
        return good(number)

    def longest_s() -> float:
        with upstream(slow_at_first) as port:
            took_s, failed = played(port, 200, 0.5, tokens)
        assert failed == 0
        return took_s[-1]

    assert at_best(longest_s, 0.2) < 0.2


def test_a_connection_that_closes_is_followed_by_another(tokens):
    """Announced, it fails nothing; in silence, it fails the request that was sent on it."""
    closing = HEAD % (len(BODY), b"Connection: close\r\n") + BODY
    with upstream(lambda number: closing if number % 5 == 0 else good(number)) as port:
        _, failed = played(port, 200, 0.5, tokens)
    assert failed == 0
    with upstream(lambda number: b"" if number == CONNECTIONS + 7 else good(number)) as port:
        _, failed = played(port, 200, 0.5, tokens)
    assert failed == 1


@pytest.mark.parametrize(
    "upload",
    [
        b"Content-Length: 5\r\n\r\nhello",
        b"content-length: 0\r\n\r\n",
        b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    ],
)
@pytest.mark.parametrize("size", [1, 3, 1000])
def test_the_sink_answers_when_all_has_come_and_not_before(upload, size):
    """However it is cut; and takes the next upload on the same connection."""
    request = b"PUT /sink HTTP/1.1\r\nHost: a\r\n" + upload
    transport = Transport()
    sink = Sink()
    sink.connection_made(transport)
    for uploads in (1, 2):
        feed(sink, request[:-1], size)
        assert len(transport.written) == uploads - 1
        feed(sink, request[-1:], size)
        assert len(transport.written) == uploads
    assert transport.written[0].startswith(b"HTTP/1.1 200 ")


class Transport(asyncio.Transport):
    """Remembers what was written."""

    def __init__(self) -> None:
        super().__init__()
        self.written: list[bytes] = []

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written.append(bytes(data))


def feed(sink: Sink, data: bytes, size: int) -> None:
    """As a socket would, in pieces."""
    for start in range(0, len(data), size):
        piece = data[start : start + size]
        sink.get_buffer(-1)[: len(piece)] = piece
        sink.buffer_updated(len(piece))

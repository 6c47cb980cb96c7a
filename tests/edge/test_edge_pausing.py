"""An upstream is told to pause while enough of its answer waits, and only while more is to come."""

from math import inf

import pytest

from router.edge.upstream.wire import HIGH_WATER, Connection
from tests.edge.scripts import chunk, head

MUCH = b"x" * HIGH_WATER
LENGTH = head(200, f"Content-Length: {2 * HIGH_WATER}")
CHUNKS = head(200, "Transfer-Encoding: chunked")
LAST = b"0\r\n\r\n"


class Transport:
    """Says what it was told."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def write(self, data: bytes) -> None:
        """Take *data*."""

    def pause_reading(self) -> None:
        """Read no more."""
        self.told.append("pause")

    def resume_reading(self) -> None:
        """Read on."""
        self.told.append("resume")


def played(*pieces: bytes) -> tuple[Connection, Transport]:
    """A connection on which *pieces* have come."""
    connection, transport = Connection(), Transport()
    connection.connection_made(transport)
    connection.begin("GET", b"", inf)
    for piece in pieces:
        connection.data_received(piece)
    return connection, transport


@pytest.mark.parametrize("begin", [LENGTH + MUCH, CHUNKS + chunk(MUCH)], ids=["length", "chunks"])
def test_it_pauses_until_what_waits_is_taken(begin: bytes) -> None:
    """It is told once, however much comes all the same."""
    connection, transport = played(begin[:-9])
    assert transport.told == []
    connection.data_received(begin[-9:])
    connection.data_received(b"")
    assert connection.buffered == HIGH_WATER
    assert transport.told == ["pause"]
    assert connection.take() == MUCH
    assert transport.told == ["pause", "resume"]


@pytest.mark.parametrize(
    "pieces",
    [
        (head(200, f"Content-Length: {HIGH_WATER}") + MUCH,),
        (head(200, f"Content-Length: {HIGH_WATER}") + MUCH[1:], b"x"),
        (CHUNKS + chunk(MUCH) + LAST,),
    ],
    ids=["at once", "in two pieces", "chunks"],
)
def test_of_a_complete_answer_nothing_is_to_come(pieces: tuple[bytes, ...]) -> None:
    """And so nothing has to be held back."""
    connection, transport = played(*pieces)
    assert connection.complete
    assert connection.take() == MUCH
    assert transport.told == []

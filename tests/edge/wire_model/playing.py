"""A row played on a scene: in pieces, and to its end or to a break."""

from collections.abc import Callable, Sequence

from tests.differential.reading import Message
from tests.edge.wire_model.scenes import Scene
from tests.edge.wire_model.table import Row
from tests.edge.wire_model.telling import requests_in, whole_answers
from tests.edge.wire_model.transports import Transport

PROBE = b"GET /probe HTTP/1.1\r\nHost: probe\r\n\r\n"
PROBED = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nprobed"


def give(scene: Scene, transport: Transport, pieces: Sequence[bytes]) -> None:
    """Have the peer send *pieces*, each read by itself."""
    for piece in pieces:
        transport.give(piece)
        scene.loop.settle()


def halves(data: bytes, cut: int) -> list[bytes]:
    """*data* in two pieces."""
    return [data[:cut], data[cut:]]


def every_byte(data: bytes) -> list[bytes]:
    """*data* byte by byte."""
    return [data[place : place + 1] for place in range(len(data))]


def asked(scene: Scene, row: Row, pieces: Sequence[bytes] | None = None) -> Transport:
    """A client that has sent its request."""
    client = scene.dial()
    give(scene, client, [row.sends] if pieces is None else pieces)
    return client


def answer(
    scene: Scene, row: Row, cut: Callable[[bytes], Sequence[bytes]] = lambda data: [data]
) -> list[Message]:
    """Have the upstream answer each request as it comes; what it has been sent."""
    for said in row.says:
        line = scene.lines[-1]
        give(scene, line, cut(said))
    if row.ends:
        line.end()
        scene.loop.settle()
    return requests_in(scene.loop, bytes(line.written))


def is_right(scene: Scene, row: Row, client: Transport) -> bool:
    """Whether the client has all that the row says, whole."""
    got = whole_answers(scene.loop, client, list(row.methods))
    finals = [one[-1] for one in got]
    trailers = finals[-1].trailers if finals else []
    return (
        tuple(one.status for one in finals) == row.statuses
        and tuple(one.body for one in finals) == row.bodies
        and trailers == row.trailers
    )


def probe(scene: Scene) -> None:
    """Ask for something else: whatever was kept must be clean enough for it."""
    client = scene.dial()
    before = {line: len(line.written) for line in scene.lines}
    give(scene, client, [PROBE])
    [line] = [one for one in scene.lines if len(one.written) > before.get(one, 0)]
    assert line.written[before.get(line, 0) :].startswith(b"GET /probe HTTP/1.1\r\n")
    give(scene, line, [PROBED])
    assert client.written.startswith(b"HTTP/1.1 200 OK\r\n")
    assert client.written.endswith(b"\r\n\r\nprobed")
    assert not client.aborted

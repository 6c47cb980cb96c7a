"""Clients that leave, at each byte that they send and that they are sent: nothing is left of it."""

from collections.abc import Callable

import pytest

from router.core.fates import Fate
from tests.edge.wire_model.playing import asked, every_byte, give, probe
from tests.edge.wire_model.scenes import Scene
from tests.edge.wire_model.table import ROWS, Row, lines
from tests.edge.wire_model.transports import Transport

every_row = pytest.mark.parametrize("row", ROWS, ids=str)
every_way = pytest.mark.parametrize("leaves", [Transport.end, Transport.reset])
SERVED = {Fate.OK, Fate.CLIENT_GONE}

Leaves = Callable[[Transport], None]


def gone(scene: Scene, client: Transport, leaves: Leaves) -> None:
    """Have the client leave: at once nothing is under way, and what was unfinished is closed."""
    leaves(client)
    scene.loop.settle()
    assert client.lost
    scene.clear_clients()
    assert {record.fate for record in scene.ledger.records} <= SERVED
    probe(scene)
    scene.clear()


@every_row
@every_way
def test_it_leaves_in_its_request(scene: Scene, row: Row, leaves: Leaves) -> None:
    """At each byte; the upstream that has been sent the head gets no invented end."""
    for place in range(len(row.sends) + 1):
        client = asked(scene, row, [row.sends[:place]])
        under_way = scene.lines
        leaves(client)
        scene.loop.settle()
        assert all(line.aborted for line in under_way), "an unfinished exchange is kept"
        gone(scene, client, leaves)


@every_row
@every_way
def test_it_leaves_in_its_answer(scene: Scene, row: Row, leaves: Leaves) -> None:
    """At each byte that the upstream has said."""
    for place in range(len(row.says[0]) + 1):
        client = asked(scene, row)
        give(scene, scene.lines[-1], [row.says[0][:place]])
        gone(scene, client, leaves)


@every_row
@every_way
def test_it_leaves_while_it_does_not_read(scene: Scene, row: Row, leaves: Leaves) -> None:
    """Its answer waits for it in our buffers, and is thrown away."""
    for place in range(len(row.says[0]) + 1):
        client = asked(scene, row)
        client.stall()
        give(scene, scene.lines[-1], [row.says[0][:place]])
        client.read_on() if leaves is Transport.end else None
        gone(scene, client, leaves)


@every_way
def test_it_leaves_while_connections_are_made(scene: Scene, leaves: Leaves) -> None:
    """Before the upstream answers the call, in that moment, and after it."""
    row = ROWS[0]
    for turns in range(8):
        scene.loop.accepts = False
        client = asked(scene, row)
        scene.loop.dials[-1].accept()
        for _ in range(turns):
            scene.loop.turn()
        scene.loop.accepts = True
        gone(scene, client, leaves)
        assert not scene.legacy.under_way


SWITCHES = lines("GET /t HTTP/1.1", "Host: a", "Connection: Upgrade", "Upgrade: x")
SWITCHED = lines("HTTP/1.1 101 Yes", "Connection: Upgrade", "Upgrade: x")


@every_way
def test_it_leaves_a_tunnel(scene: Scene, leaves: Leaves) -> None:
    """Or the way to it; and bytes go both ways until then, in whatever pieces."""
    for place in range(len(SWITCHED) + 1):
        client = scene.dial()
        give(scene, client, [SWITCHES + b"up"])
        line = scene.lines[-1]
        give(scene, line, every_byte(SWITCHED[:place]))
        if place == len(SWITCHED):
            give(scene, line, every_byte(b"down"))
            assert line.written.endswith(b"\r\n\r\nup")
            assert client.written.endswith(b"\r\n\r\ndown")
        client.reset() if leaves is Transport.reset else client.end()
        scene.loop.settle()
        if not client.lost:  # half-closed: the upstream has the last word
            give(scene, line, [b"bye"])
            line.end()
            scene.loop.settle()
            assert client.written.endswith(b"bye")
        gone(scene, client, leaves)

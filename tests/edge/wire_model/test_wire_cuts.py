"""In how many pieces bytes come makes no difference; and what breaks off never looks whole."""

from collections.abc import Callable

import pytest

from tests.edge.wire_model.playing import (
    answer,
    asked,
    every_byte,
    give,
    halves,
    is_right,
    probe,
)
from tests.edge.wire_model.scenes import SILENCE_S, Scene
from tests.edge.wire_model.table import ROWS, Row, lines
from tests.edge.wire_model.telling import whole_answers
from tests.edge.wire_model.transports import Transport

OUR_OWN = b"application/problem+json"

UPLOAD = lines("POST /a HTTP/1.1", "Host: a", "Content-Length: 9999")

every_row = pytest.mark.parametrize("row", ROWS, ids=str)


@every_row
def test_a_cut_of_the_request_changes_nothing(scene: Scene, row: Row) -> None:
    """At each byte, and at all of them."""
    pieces = [halves(row.sends, cut) for cut in range(len(row.sends) + 1)]
    for one in [*pieces, every_byte(row.sends)]:
        client = asked(scene, row, one)
        arrived = answer(scene, row)
        assert tuple(message.body for message in arrived) == row.uploads, one
        assert is_right(scene, row, client), one
        scene.clear()


@every_row
def test_a_cut_of_the_answer_changes_nothing(scene: Scene, row: Row) -> None:
    """At each byte, and at all of them; what is kept afterwards is clean."""
    longest = max(map(len, row.says))
    for cut in range(longest + 1):
        client = asked(scene, row)
        answer(scene, row, lambda said, cut=cut: halves(said, cut))
        assert is_right(scene, row, client), cut
        probe(scene)
        scene.clear()
    client = asked(scene, row, every_byte(row.sends))
    answer(scene, row, every_byte)
    assert is_right(scene, row, client)
    scene.clear()


def falls_silent(scene: Scene, _: Transport) -> None:
    """The upstream says no more."""
    scene.loop.let_pass(SILENCE_S)


def ends(scene: Scene, line: Transport) -> None:
    """The upstream closes."""
    line.end()


def resets(scene: Scene, line: Transport) -> None:
    """The upstream breaks off."""
    line.reset()


@every_row
@pytest.mark.parametrize("breaks", [ends, resets, falls_silent])
def test_an_answer_that_breaks_off_never_looks_whole(
    scene: Scene, row: Row, breaks: Callable[[Scene, Transport], None]
) -> None:
    """At each byte of it: the client gets our own answer, legacy's, or sees that it is broken."""
    said = row.says[0]
    for place in range(len(said)):
        client = asked(scene, row)
        line = scene.lines[-1]
        give(scene, line, [said[:place]])
        breaks(scene, line)
        scene.loop.settle()
        if not may_look_whole(row, breaks, said[:place]):
            judge_broken(scene, row, client)
        probe(scene)
        scene.clear()


@pytest.mark.parametrize("row", [ROWS[0], ROWS[2]], ids=str)
def test_an_end_is_noticed_though_the_upstream_does_not_read(scene: Scene, row: Row) -> None:
    """Its end needs not wait for the rest of an upload that nobody takes any more."""
    client = asked(scene, row, [UPLOAD])
    line = scene.lines[-1]
    line.stall()
    client.give(b"x" * 1000)
    give(scene, line, [row.said[:-1]])
    line.end()
    scene.loop.settle()
    got = whole_answers(scene.loop, client, list(row.methods))
    assert [one[-1].body for one in got] == [b"hell"] * row.until_closed
    assert client.aborted is not row.until_closed


def may_look_whole(row: Row, breaks: Callable[..., None], said: bytes) -> bool:
    """Whether nobody can tell that this is not all: only the end was to tell, and it came."""
    return row.until_closed and breaks is ends and b"\r\n\r\n" in said


def judge_broken(scene: Scene, row: Row, client: Transport) -> None:
    """The client has been told, or can tell, or is being served by legacy."""
    got = whole_answers(scene.loop, client, list(row.methods))
    if not got and not client.lost:  # asked again: a candidate's place is taken by legacy
        give(scene, scene.lines[-1], [row.says[0]])
        assert is_right(scene, row, client)
    elif not got:
        assert client.aborted or not client.written
    else:
        assert {one[-1].status for one in got} <= {502, 504}
        assert all(one[-1].values(b"content-type") == [OUR_OWN] for one in got)

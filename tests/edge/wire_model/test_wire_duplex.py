"""An upload and its answer at once, readers that stall, in any order: all arrives, little waits."""

import re

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from tests.edge.wire_model.playing import probe
from tests.edge.wire_model.scenes import Scene
from tests.edge.wire_model.table import lines
from tests.edge.wire_model.transports import HIGH, Transport

READ = 16 * 1024
"""Bytes that one read gives."""

MOST_WAITING = 2 * (HIGH + READ) + 1024
"""What may wait for one reader: a buffer of ours and its transport's, each by one read too full."""

PATTERN = b"".join(b"%07x " % number for number in range(2**16))
CHUNK = re.compile(rb"([0-9a-f]+)\r\n")
WAYS_TO_STOP = ["finish", "answer early", "leave", "break off"]
sizes = st.sampled_from([1, 1000, READ, 5 * READ, 15 * READ])


def body_of(data: bytes, *, chunked: bool) -> bytes:
    """The content in *data*, which is what has come of a body."""
    if not chunked:
        return data
    pieces, at = [], 0
    while found := CHUNK.match(data, at):
        size = int(found[1], 16)
        pieces.append(data[found.end() : found.end() + size])
        at = found.end() + size + 2
    return b"".join(pieces)


class Way:
    """One direction: `source` sends `sent` bytes of content, `sink` gets them behind a head."""

    def __init__(self, source: Transport, sink: Transport, *, chunked: bool) -> None:
        self.source = source
        self.sink = sink
        self.chunked = chunked
        self.sent = 0

    def send(self, size: int) -> None:
        """Send *size* bytes more, so many at once as one read gives."""
        end = self.sent + size
        while self.sent < end:
            piece = PATTERN[self.sent : min(end, self.sent + READ)]
            framed = b"%x\r\n%b\r\n" % (len(piece), piece) if self.chunked else piece
            self.source.give(framed)
            self.sent += len(piece)

    @property
    def unread(self) -> int:
        """Bytes that we have left in the kernel."""
        return sum(len(piece or b"") for piece in self.source.incoming)

    @property
    def got(self) -> bytes:
        """The content that has arrived."""
        data = bytes(self.sink.written).rpartition(b"HTTP/1.1")[2]
        return body_of(data.partition(b"\r\n\r\n")[2], chunked=self.chunked)

    def check(self) -> None:
        """What has arrived is what was sent, and little waits in between."""
        got = self.got
        assert got == PATTERN[: len(got)]
        assert self.sent - len(got) - self.unread <= MOST_WAITING
        if not self.sink.stalled:
            assert len(got) == self.sent, "it waits for nobody"
            assert self.source.reading or self.source.is_closing(), "nobody reads any more"


class Duplex(RuleBasedStateMachine):
    """One exchange whose request and answer both stream."""

    def __init__(self) -> None:
        super().__init__()
        self.scene = Scene()
        self.is_over = True

    @precondition(lambda self: self.is_over)
    @rule(up_chunked=st.booleans(), down_chunked=st.booleans())
    def begin(self, up_chunked: bool, down_chunked: bool) -> None:
        """The head of the request, and the head of the answer."""
        client = self.scene.dial()
        client.give(lines("POST /a HTTP/1.1", "Host: a", framing(chunked=up_chunked)))
        self.scene.loop.settle()
        [line] = self.scene.lines  # the kept one, if there is one
        line.give(lines("HTTP/1.1 200 OK", framing(chunked=down_chunked)))
        self.client, self.line = client, line
        self.up = Way(client, line, chunked=up_chunked)
        self.down = Way(line, client, chunked=down_chunked)
        self.is_over = False

    @property
    def goes_on(self) -> bool:
        """Whether the exchange has not been ended by anybody."""
        return not self.is_over

    @property
    def may_send(self) -> bool:
        """Whether there is enough of the pattern left, and somebody to send it."""
        if not self.goes_on:
            return False
        return max(self.up.sent, self.down.sent) + 15 * READ < len(PATTERN)

    @precondition(lambda self: self.may_send)
    @rule(size=sizes, down=st.booleans(), stalls=st.booleans())
    def send(self, size: int, down: bool, stalls: bool) -> None:
        """More of the upload, or of the answer, perhaps to somebody who does not read just now."""
        way = self.down if down else self.up
        if stalls:
            way.sink.stall()
        way.send(size)
        self.scene.loop.settle()

    @precondition(lambda self: self.goes_on)
    @rule(down=st.booleans(), stalls=st.booleans())
    def pace(self, down: bool, stalls: bool) -> None:
        """A reader stalls, or reads on."""
        sink = self.client if down else self.line
        sink.stall() if stalls else sink.read_on()
        self.scene.loop.settle()

    @precondition(lambda self: self.goes_on)
    @rule(how=st.sampled_from(["", "", "", *WAYS_TO_STOP]), client=st.booleans())
    def stop(self, how: str, client: bool) -> None:
        """Now and then the exchange comes to its end, or to a break by either side."""
        if how == "finish":
            self.finish()
        elif how == "answer early":
            self.answer_early()
        elif how:
            self.leave(client, by_reset=how == "break off")

    def finish(self) -> None:
        """Both come to their end, and the upstream's connection serves again.

        The client's does not: its answer began before its upload had ended, and said so.
        """
        for way in (self.up, self.down):
            self.complete(way)
        assert self.client.is_closing()
        assert not self.client.aborted
        assert "1 idle, 0 in use" in repr(self.scene.legacy)
        self.end()

    def answer_early(self) -> None:
        """The answer ends before the upload: whole as it is, its connection is used no more."""
        self.complete(self.down)
        assert self.client.ended, "it is read off for a while, and then closed"
        assert not self.client.aborted
        assert self.line.aborted
        self.end()

    def complete(self, way: Way) -> None:
        """All of it arrives."""
        way.sink.read_on()
        self.scene.loop.settle()
        if way.chunked:
            way.source.give(b"0\r\n\r\n")
        else:
            way.send(len(PATTERN) - way.sent)
        self.scene.loop.settle()
        way.check()

    def leave(self, client: bool, *, by_reset: bool) -> None:
        """Somebody leaves in the middle: the other one is broken off too, and never looks whole.

        An end is noticed once it is read; a break at once.
        """
        one, other = (self.client, self.line) if client else (self.line, self.client)
        if by_reset:
            one.reset()
        else:
            other.read_on()
            self.scene.loop.settle()
            one.end()
        self.scene.loop.settle()
        assert other.aborted
        self.end()

    def end(self) -> None:
        """The next exchange is served as ever."""
        self.is_over = True
        self.scene.clear_clients()
        probe(self.scene)

    @invariant()
    def all_arrives_and_little_waits(self) -> None:
        """Each way by itself, whatever the other one does."""
        if self.goes_on:
            self.up.check()
            self.down.check()

    def teardown(self) -> None:
        """Nothing may be left."""
        try:
            self.scene.close()
        finally:
            self.scene.loop.close()


def framing(*, chunked: bool) -> str:
    """The field that says how long a body is."""
    return "Transfer-Encoding: chunked" if chunked else f"Content-Length: {len(PATTERN)}"


TestDuplex = Duplex.TestCase
TestDuplex.settings = settings(
    max_examples=settings.default.max_examples // 2, stateful_step_count=25
)

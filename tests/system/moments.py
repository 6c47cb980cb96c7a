"""Moments at which a client leaves, and upstreams that keep it waiting until then.

What a request asks for stands in its query: a verb, and the number that it is known by.
"""

import asyncio
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import cast

ASKED = re.compile(rb"\?(?P<verb>[a-z]+)&(?P<number>[0-9]+) HTTP/1\.1\r\n")
PIECE = b"x" * 16 * 1024
FLOOD = 256 * 1024
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
SIZED = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n"


class Cue(StrEnum):
    """What a client waits for before it leaves."""

    NOTHING = "nothing"
    ASKED = "asked"
    """Its request has reached an upstream."""
    ANSWERED = "answered"
    """Something of an answer has come."""


@dataclass(frozen=True, slots=True)
class Moment:
    """When a client leaves.

    *request* has the number's place and the token's; *counts* says whether the router has a
    request at all then, *commits* whether an answer has begun, *reads* whether the client reads it.
    """

    name: str
    request: bytes
    cue: Cue
    counts: bool = True
    commits: bool = False
    reads: bool = True

    @property
    def is_attempted(self) -> bool:
        """Whether an upstream is still busy with it when the client leaves."""
        return self.cue is not Cue.NOTHING


def get(path: bytes) -> bytes:
    """A request without a body."""
    return b"GET %b HTTP/1.1\r\nHost: strangler.test\r\n\r\n" % path


def wod(verb: bytes) -> bytes:
    """The strangled route, which asks for a token."""
    return b"GET /fitness/wod?%b&{number} HTTP/1.1\r\nHost: a\r\nAuthorization: {token}\r\n\r\n" % (
        verb
    )


def put(framing: bytes, begun: bytes) -> bytes:
    """An upload that is never sent to its end."""
    return b"PUT /any?hang&{number} HTTP/1.1\r\nHost: strangler.test\r\n%b\r\n\r\n%b" % (
        framing,
        begun,
    )


WAITING = get(b"/any?hang&{number}")
MOMENTS = (
    Moment("in its head", b"GET /any?hang&{number} HTTP/1.1\r\nHo", Cue.NOTHING, counts=False),
    Moment("at once", get(b"/any?quick&{number}"), Cue.NOTHING),
    Moment("waiting for the answer", WAITING, Cue.ASKED),
    Moment("waiting, with more behind", WAITING + get(b"/any?hang&0") * 3, Cue.ASKED),
    Moment("in its upload", put(b"Content-Length: 100000", PIECE), Cue.ASKED),
    Moment(
        "in its chunked upload",
        put(b"Transfer-Encoding: chunked", b"4000\r\n" + PIECE[:9000]),
        Cue.ASKED,
    ),
    Moment("in the answer", get(b"/any?drip&{number}"), Cue.ANSWERED, commits=True),
    Moment(
        "not reading the answer",
        get(b"/any?flood&{number}"),
        Cue.ASKED,
        commits=True,
        reads=False,
    ),
    Moment("while an answer is held", wod(b"hold"), Cue.ASKED),
    Moment("during the fallback", wod(b"die"), Cue.ASKED),
)


class Upstreams:
    """Both services, and what they know of each number: that it was asked, and let go."""

    def __init__(self) -> None:
        self.lines: set[Line] = set()
        self.asked: dict[int, asyncio.Event] = {}
        self.let_go: dict[int, asyncio.Event] = {}

    def expect(self, number: int) -> None:
        """Wait for *number* from now on."""
        self.asked[number], self.let_go[number] = asyncio.Event(), asyncio.Event()

    def forget(self, number: int) -> None:
        """That was that."""
        del self.asked[number], self.let_go[number]


class Line(asyncio.Protocol):
    """A connection of the router to one of them."""

    def __init__(self, upstreams: Upstreams, *, is_coach: bool) -> None:
        self._upstreams = upstreams
        self._is_coach = is_coach
        self._come = b""
        self._number = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way back."""
        self._transport = cast("asyncio.Transport", transport)
        self._upstreams.lines.add(self)

    def data_received(self, data: bytes) -> None:
        """Play the verb once a head is whole; of uploads nothing is kept."""
        if self._number:
            return
        self._come += data
        if b"\r\n\r\n" in self._come:
            found = ASKED.search(self._come)
            assert found is not None, self._come
            self._come = b""
            self._play(found["verb"].decode(), int(found["number"]))

    def connection_lost(self, exc: Exception | None) -> None:
        """The router has let go of what was asked."""
        self._upstreams.lines.discard(self)
        if self._number in self._upstreams.let_go:
            self._upstreams.let_go[self._number].set()

    def _play(self, verb: str, number: int) -> None:
        match verb:
            case "quick":
                self._transport.write(SIZED % 2 + b"ok")
                return  # and is asked again
            case "die" if self._is_coach:
                self._transport.abort()
                return
            case "hold":
                self._transport.write(SIZED % 1000 + b"held")
            case "drip":
                self._transport.write(CHUNKED + b"4000\r\n" + PIECE + b"\r\n")
            case "flood":
                self._transport.write(SIZED % 2**30 + b"x" * FLOOD)
        self._number = number
        self._upstreams.asked[number].set()

"""The body of a client's request on its way to an upstream: streamed, and kept while it is small.

At most `KEEP` bytes are remembered, so that a failed attempt can be repeated; a larger body gives
that up and streams on. No body is ever read whole into memory.
"""

from collections.abc import Callable
from typing import Protocol

from router.core.fields import forwardable_trailers
from router.core.framing import BadFraming, BodyReader, Chunked, Counted, as_chunk, last_chunk
from router.core.problems import Problem, bad_request

KEEP = 64 * 1024


class Sink(Protocol):
    """Where a body goes: a connection to an upstream."""

    @property
    def is_full(self) -> bool: ...

    def write(self, data: bytes) -> None: ...


class Source(Protocol):
    """Where a body comes from: the client's connection, and how much of it may wait."""

    @property
    def most_waiting(self) -> int: ...

    def pace(self) -> None:
        """Look again whether to read on."""

    def write(self, data: bytes) -> None: ...


class Upload:
    """One upload. `whole` says whether it can still be sent from its first byte, `invites` whether
    the client waits to be asked for it.

    `failed` is called with the answer where the client's body cannot be taken further. *named* are
    fields that `Connection` took out, of the trailers too.
    """

    def __init__(
        self,
        source: Source,
        *,
        length: int | None,
        limit: int,
        invites: bool,
        named: frozenset[bytes],
        failed: Callable[[Problem], None],
    ) -> None:
        self.whole = True
        self.problem: Problem | None = None
        self.waiting = 0
        self._source = source
        self._reader: BodyReader = Chunked() if length is None else Counted(length)
        self._chunked = length is None
        self._limit = limit
        self.invites = invites
        self._named = named
        self._failed = failed
        self._size = 0
        self._pieces: list[bytes] = []
        self._sent = 0
        self._ended = False
        self._sink: Sink | None = None

    # --- what the client's connection does ------------------------------------------------------

    @property
    def done(self) -> bool:
        """Whether nothing more of it is read from the client."""
        return self._reader.done or self.problem is not None

    @property
    def complete(self) -> bool:
        """Whether it was read to its end."""
        return self._reader.done and self.problem is None

    @property
    def wants_more(self) -> bool:
        """Whether the client should go on sending."""
        return not self.done and self.waiting < self._source.most_waiting

    def feed(self, data: bytes) -> bytes:
        """Take what belongs to the body; what is left over comes behind it."""
        self.invites = False  # it does not wait to be invited
        try:
            piece = self._reader.feed(data)
        except BadFraming as error:
            self.fail(bad_request(f"The framing of the body is broken: {error}."))
            return b""
        self._size += len(piece)
        if self._size > self._limit:
            self.fail(too_large(self._limit))
            return b""
        if piece:
            self._pieces.append(piece)
            self.waiting += len(piece)
        self.flush()
        return self._reader.rest

    def fail(self, problem: Problem) -> None:
        """Take no more of it: *problem* says why."""
        if self.problem is None:
            self.problem = problem
            self._failed(problem)

    # --- what an attempt does -------------------------------------------------------------------

    def send_to(self, sink: Sink) -> None:
        """Send it to *sink*: what is kept, then what comes, no faster than it is taken."""
        self._sink = sink
        self.waiting += sum(map(len, self._pieces[: self._sent]))
        self._sent, self._ended = 0, False
        self.flush()

    def stop(self) -> bool:
        """Send no more of it to whoever it goes to; whether all of it has been sent."""
        self._sink = None
        return self._ended

    def invite(self) -> None:
        """Tell a client that waits for it that somebody is there to take the body."""
        if self.invites:
            self.invites = False
            self._source.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def flush(self) -> None:
        """Send on what waits, as far as the sink takes it."""
        sink = self._sink
        if sink is None:
            return
        while self._sent < len(self._pieces) and not sink.is_full:
            piece = self._pieces[self._sent]
            self._sent += 1
            self.waiting -= len(piece)
            sink.write(as_chunk(piece) if self._chunked else piece)
        if self._size > KEEP:
            self.whole = False
            del self._pieces[: self._sent]
            self._sent = 0
        if self._reader.done and not self.waiting and not self._ended:
            self._ended = True
            if self._chunked:
                sink.write(last_chunk(forwardable_trailers(self._reader.trailers, self._named)))
        self._source.pace()


def too_large(limit: int) -> Problem:
    """413 with the limit, and no more of the upload is read."""
    return Problem(413, "too-large", f"The body may have {limit} bytes at most.", close=True)

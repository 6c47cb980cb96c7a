"""One request of a client: what it says, and the way back to who sent it."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from router.core.problems import Problem
from router.edge.client.heads import Message
from router.edge.client.upload import Upload

if TYPE_CHECKING:
    from router.edge.client.connection import ClientConnection


class Handling(Protocol):
    """What serves a request, as far as the client's connection tells it anything."""

    def left(self) -> None:
        """The client has gone, or its connection had to be cut: nothing can be answered."""

    def upload_failed(self, problem: Problem) -> None:
        """The client's body cannot be taken further."""


class Tunnel(Protocol):
    """What takes the bytes of a connection that speaks HTTP no longer."""

    def from_client(self, data: bytes) -> None: ...

    def client_ended(self) -> None: ...

    def overdue(self) -> None: ...


class Client:
    """One client request, until `finished` gives its connection back.

    A client of HTTP/1.0 knows neither chunks nor interim answers. `sent` counts committed bytes.
    """

    __slots__ = (
        "_connection",
        "_stays",
        "_upload",
        "address",
        "is_http_1_0",
        "message",
        "method",
        "on_writable",
        "sent",
    )

    def __init__(self, connection: "ClientConnection", message: Message) -> None:
        self.message = message
        self.method = message.method
        self.is_http_1_0 = message.version < (1, 1)
        self.address = connection.address
        self.sent = 0
        self.on_writable: Callable[[], None] | None = None
        self._connection = connection
        self._stays = message.stays
        self._upload: Upload | None = None

    @property
    def keep_alive(self) -> bool:
        """Whether the connection will take another request after this answer."""
        return self._stays and not self._connection.draining

    @property
    def is_gone(self) -> bool:
        """Whether the client has closed its connection, and not we."""
        return self._connection.is_gone

    @property
    def is_full(self) -> bool:
        """Whether the client has to read before more is written to it."""
        return self._connection.is_full

    def upload(
        self,
        *,
        length: int | None,
        limit: int,
        expects_continue: bool,
        named: frozenset[bytes],
        failed: Callable[[Problem], None],
    ) -> Upload:
        """The body that follows the head: of *length* bytes, or chunked where that is None."""
        self._upload = Upload(
            self._connection,
            length=length,
            limit=limit,
            invites=expects_continue,
            named=named,
            failed=failed,
        )
        return self._upload

    def receive(self) -> None:
        """Begin to read the upload, now that whoever takes it is known."""
        if self._upload is not None:
            self._connection.receive(self._upload)

    def begin_answer(self) -> None:
        """Let the answer's head say `close` where the upload has not been read to its end.

        Nobody can tell then whether what comes next is a body or a request (RFC 9112 9.3).
        """
        if self.message.has_body and (self._upload is None or not self._upload.complete):
            self._stays = False

    def close_after(self) -> None:
        """Take no further request from this connection."""
        self._stays = False

    def write(self, data: bytes) -> None:
        """Commit *data* to the client."""
        self.sent += len(data)
        self._connection.write(data)

    def inform(self, data: bytes) -> None:
        """Send an interim answer: nothing is committed by it."""
        self._connection.write(data)

    def abort(self) -> None:
        """Break the connection off, so that a truncated answer never looks whole."""
        self._stays = False
        self._connection.abort()

    def switch(self, tunnel: Tunnel) -> None:
        """Hand the bytes to come to *tunnel*."""
        self._stays = False
        self._connection.switch(tunnel)

    def read_on(self, wanted: bool) -> None:
        """Whether bytes for a tunnel are taken just now."""
        self._connection.read_on(wanted)

    def expect_within(self, seconds: float) -> None:
        """Have the tunnel told if nothing moves for *seconds*."""
        self._connection.expect_within(seconds)

    def end_writing(self) -> None:
        """Half-close: nothing more will be written."""
        self._connection.end_writing()

    def finished(self) -> None:
        """Give the connection back: to the next request, or to its end."""
        self.on_writable = None
        self._connection.finished(stays=self.keep_alive)

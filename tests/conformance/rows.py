"""What a row of the tables of requests says, and the words to say it with."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.conformance.ways import Way

NOTHING = "nothing"
"""No byte of the request reaches an upstream."""

NEVER_WHOLE = "never whole"
"""An upstream may have been sent the head; it never sees the end of the request."""

UNCHECKED = "unchecked"
"""Both answers are right, and so is what follows from either."""

FRAMING_FIELDS = frozenset({"content-length", "transfer-encoding", "connection", "trailer"})


@dataclass(frozen=True, slots=True)
class Arrives:
    """A request as its upstream gets it.

    `fields`: every end-to-end field, in order and case. `has`: lines that are there, ours too.
    `lacks`: names that are not there. `framing`: `none`, `length` or `chunked`.
    """

    line: str
    fields: tuple[str, ...] | None = None
    has: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    body: str | None = None
    framing: str | None = None
    trailers: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """A row: these bytes, the statuses that are right, what becomes of the connection.

    `closes` is None where either is right. `unless` says why a way makes no sense. `stage` is
    how the router is set up, where it matters.
    """

    name: str
    rfc: str
    sent: bytes
    status: frozenset[int]
    closes: bool | None
    arrives: Arrives | str
    unless: Mapping[Way, str] = field(default_factory=dict)
    stage: Mapping[str, Any] = field(default_factory=dict)

    @property
    def method(self) -> str:
        """The method, as far as the end of the answer depends on it."""
        return "HEAD" if self.sent.startswith(b"HEAD ") else "GET"

    @property
    def is_http_1_0(self) -> bool:
        """Whether the client speaks HTTP/1.0."""
        return b" HTTP/1.0\r\n" in self.sent


def refused(
    name: str,
    rfc: str,
    sent: bytes,
    *status: int,
    closes: bool | None = True,
    upstream: str = NOTHING,
    **also: Any,
) -> Request:
    """A request that is answered by us, with 400 unless *status* says otherwise."""
    right = frozenset(status or (400,))
    return Request(name, rfc, sent, right, closes, upstream, **also)


def served(
    name: str,
    rfc: str,
    sent: bytes,
    *,
    closes: bool | None = False,
    unless: Mapping[Way, str] | None = None,
    stage: Mapping[str, Any] | None = None,
    **arrives: Any,
) -> Request:
    """A request that is passed on: what is not said of its arrival is as it was sent."""
    arrival = Arrives(**(as_sent(sent) | arrives))
    right = frozenset({200})
    return Request(name, rfc, sent, right, closes, arrival, unless or {}, stage or {})


def as_sent(sent: bytes) -> dict[str, Any]:
    """The line, the end-to-end fields and the body (by length) of a request, unchanged."""
    head, _, body = sent.lstrip(b"\r\n").decode("latin-1").partition("\r\n\r\n")
    first, *lines = head.split("\r\n")
    names = {one.partition(":")[0].lower() for one in lines}
    kept = tuple(one for one in lines if one.partition(":")[0].lower() not in FRAMING_FIELDS)
    line = first.replace(" HTTP/1.0", " HTTP/1.1")
    told: dict[str, Any] = {"line": line, "fields": kept}
    if "transfer-encoding" not in names:
        told["body"] = body
    return told

"""Heads on their way on: a request's to an upstream, an answer's to the client.

Lines go on as they came; what is added speaks of the connection that they go out on.
"""

import re
from collections.abc import Iterable
from typing import Final

from router.core.answers import CHUNKED, EOF, Head
from router.core.fields import without
from router.core.headers import Sorted
from router.core.targets import Target

HOPS_LEFT: Final = re.compile(rb"(?i:(\r\nmax-forwards:[ \t]*))[^\r]*")

UNSIZED: Final = frozenset({CHUNKED, EOF})
"""Bodies that go to a client in chunks, or until the connection's end where it knows no chunks."""


def upstream_head(
    raw: bytes,
    method: str,
    target: Target,
    head: Sorted,
    ours: Iterable[bytes],
    *,
    upgrade: bool = False,
    token: bytes | None = None,
) -> bytes:
    """The head that goes upstream: end-to-end lines as they came, then the lines of *ours*.

    *raw* is the client's head; where nothing of it is changed, it goes on in one piece. *upgrade*
    says that the client's wish for another protocol goes on. *token* goes where it was taken out.
    """
    whole = head.whole and target.authority is None
    lines = raw[:-2] if whole else forwarded(method, target, head, token)
    return b"".join((lines, *ours, of_this_hop(head, upgrade=upgrade), b"\r\n"))


def forwarded(method: str, target: Target, head: Sorted, token: bytes | None) -> bytes:
    """The request line and the client's lines as they go upstream, each with its line end.

    Host is kept, but for the authority of an absolute-form target, which wins over it.
    """
    block = head.forward
    if head.behind is not None:
        block = b"".join((block, token or b"", head.behind))
    if target.authority is not None:
        block = b"\r\nHost: " + target.authority.encode() + without(block, {b"host"})
    elif head.host is None:
        block = b"\r\nHost: " + block
    if head.max_forwards is not None and method == "OPTIONS":
        block = HOPS_LEFT.sub(rb"\g<1>%d" % (head.max_forwards - 1), block)
    return b"".join((f"{method} {target.raw} HTTP/1.1".encode(), block, b"\r\n"))


def of_this_hop(head: Sorted, *, upgrade: bool) -> bytes:
    """The fields that speak of our own connection to the upstream."""
    said = b"Transfer-Encoding: chunked\r\n" if head.chunked else b""
    if head.expects_continue and head.has_body:
        said += b"Expect: 100-continue\r\n"
    if upgrade:
        said += b"Connection: Upgrade\r\nUpgrade: %b\r\n" % (head.upgrade or b"")
    elif head.trailers:
        said += b"Connection: TE\r\nTE: trailers\r\n"
    return said


def client_head(head: Head, *, http_1_0: bool, close: bool, extra: bytes = b"") -> bytes:
    """The head as the client gets it: fields as they came, framing as its HTTP version allows."""
    if close:
        extra += b"Connection: close\r\n"
    elif http_1_0:
        extra += b"Connection: keep-alive\r\n"
    if not http_1_0 and head.framing in UNSIZED:
        extra += b"Transfer-Encoding: chunked\r\n"
    return b"".join((head.begin, extra, b"\r\n"))


def interim_head(head: Head) -> bytes:
    """A 1xx answer as the client gets it."""
    return head.begin + b"\r\n"


def switching_head(head: Head) -> bytes:
    """A 101 as the client gets it: what follows is no longer HTTP (RFC 9110 7.8)."""
    return b"%bConnection: Upgrade\r\nUpgrade: %b\r\n\r\n" % (head.begin, head.upgrade or b"")

"""Header rules for requests: what of a client's head goes on, what is told by it, what is refused.

Lines go on as they came (RFC 9110, 9112): order, case, blanks and odd bytes of end-to-end fields
survive, since only what has to be looked at is taken out of the bytes.
"""

import re
from functools import lru_cache
from typing import Final

from router.core.credentials import place_of_token
from router.core.fields import HOP_BY_HOP, OURS, Look, Looks, drop, sift, tokens, without
from router.core.problems import Problem, bad_request
from router.core.targets import HOST

PROTECTED: Final = frozenset({b"authorization", b"host", b"cookie", b"content-length"})
"""What `Connection` may not name: the upstream would see another request than we judged."""

NOTHING_NAMED: Final[frozenset[bytes]] = frozenset()
HTTP_1_0: Final = (1, 0)
HTTP_1_1: Final = (1, 1)

HOST_BYTES: Final = re.compile(HOST.pattern.encode())
REQUEST_ID: Final = re.compile(rb"[A-Za-z0-9._:/+=@-]{1,128}")
PROTOCOLS: Final = re.compile(rb"[A-Za-z0-9!#$%&'*+.^_`|~-]+(?:/[A-Za-z0-9.]+)?")
VIA_NAME: Final = b"strangler"


class Sorted:
    """A client's head, taken apart once: what goes on, and what the router itself must know.

    `forward` is a block of lines, the line end before each. Where it is that of a head less its
    token (`core.credentials`), the token goes between it and `behind`. `whole` says that no line
    was taken out, and none is lacking.
    """

    __slots__ = (
        "authorization",
        "behind",
        "chunked",
        "content_length",
        "expects_continue",
        "forward",
        "host",
        "max_forwards",
        "named",
        "refusal",
        "request_id",
        "traceparent",
        "trailers",
        "upgrade",
        "whole",
    )

    def __init__(self) -> None:
        self.whole = False
        self.forward = b""
        self.behind: bytes | None = None
        self.host: bytes | None = None
        self.authorization: bytes | None = None
        self.content_length: int | None = None
        self.chunked = False
        self.expects_continue = False
        self.request_id: bytes | None = None
        self.traceparent: bytes | None = None
        self.upgrade: bytes | None = None
        self.trailers = False
        self.max_forwards: int | None = None
        self.named = NOTHING_NAMED
        self.refusal: Problem | None = None

    @property
    def has_body(self) -> bool:
        """Whether a body follows the head."""
        return self.chunked or bool(self.content_length)


def sort_out(block: bytes, *, version: tuple[int, int]) -> Sorted | Problem:
    """The head of a request as the rules see it, or why it is refused.

    *block* is its header lines, the line end before each, as the parser has found them good.
    """
    old = version != HTTP_1_1
    if old and version != HTTP_1_0:
        return Problem(505, "version", "Only HTTP/1.1 and HTTP/1.0 are served.", close=True)
    head = Sorted()
    try:
        head.forward = sift(block, LOOKS, head)
    except ValueError:
        return bad_request("A header line is not a field.")
    if head.chunked and head.content_length is not None:
        return bad_request("Content-Length and Transfer-Encoding are both there.")
    if head.chunked and old:
        return bad_request("HTTP/1.0 knows no Transfer-Encoding.")
    if old:
        head.upgrade = None  # RFC 9110 7.8
    if head.named:
        remove_named(head)
    if head.refusal is None and head.host is None and not old:
        return bad_request("The Host header is missing.")
    head.whole = head.forward is block and not old and head.max_forwards is None
    return head.refusal or head


def parted(block: bytes, version: tuple[int, int]) -> Sorted | Problem:
    """As `sort_out`, of a block less its token, which is put in again as it goes on."""
    head = sort_out(block, version=version)
    if isinstance(head, Sorted):
        place = place_of_token(head.forward)
        if place:
            head.forward, head.behind = head.forward[:place], head.forward[place:]
    return head


def take_host(head: Sorted, value: bytes) -> bool:
    """Exactly one Host, and nothing in it that two readers could read differently."""
    if head.host is not None:
        head.refusal = bad_request("There is more than one Host header.")
    elif not is_host(value):
        head.refusal = bad_request("The Host header is not a host name with an optional port.")
    head.host = value
    return True


@lru_cache(maxsize=256)
def is_host(value: bytes) -> bool:
    """Whether *value* is a host, perhaps with a port; remembered, since few hosts are asked for."""
    return HOST_BYTES.fullmatch(value) is not None


def take_length(head: Sorted, value: bytes) -> bool:
    """A Content-Length that is there once and is a number (the parser has refused the rest)."""
    if head.content_length is not None:
        head.refusal = bad_request("There is more than one Content-Length header.")
    elif not value.isdigit() or len(value) > 18:
        head.refusal = bad_request("Content-Length is not a number.")
    else:
        head.content_length = int(value)
    return True


def take_authorization(head: Sorted, value: bytes) -> bool:
    """At most one set of credentials: with two, we might judge the one and they the other."""
    if head.authorization is not None:
        head.refusal = bad_request("There is more than one Authorization header.")
    head.authorization = value
    return True


def take_encoding(head: Sorted, value: bytes) -> bool:
    """A chunked body; the parser has refused every other Transfer-Encoding but the empty one."""
    if value.lower() != b"chunked":
        head.refusal = bad_request("Transfer-Encoding is not `chunked`.")
    head.chunked = True
    return False


def take_connection(head: Sorted, value: bytes) -> bool:
    """The names of further fields that were for this hop only."""
    head.named |= tokens(value)
    return False


def take_request_id(head: Sorted, value: bytes) -> bool:
    """The client's own request id, if it is fit for a header and a log."""
    head.request_id = value if REQUEST_ID.fullmatch(value) else None
    return False


def take_traceparent(head: Sorted, value: bytes) -> bool:
    """The trace that this request is part of (W3C Trace Context), read in `tracing`."""
    head.traceparent = value
    return False


def take_expect(head: Sorted, value: bytes) -> bool:
    """The one expectation there is; it is sent on where a body follows (RFC 9110 10.1.1)."""
    if value.lower() == b"100-continue":
        head.expects_continue = True
    else:
        head.refusal = Problem(
            417, "expectation", "Only `Expect: 100-continue` can be met.", close=True
        )
    return False


def take_via(head: Sorted, value: bytes) -> bool:
    """A request that has been here already goes in circles: refuse it (RFC 9110 7.6.3)."""
    hops = (part.split() for part in value.split(b","))
    if any(VIA_NAME in hop[1:2] for hop in hops):
        head.refusal = Problem(508, "loop", "The request has already passed this router.")
    return True


def take_upgrade(head: Sorted, value: bytes) -> bool:
    """What the client would rather speak; a second field, or no protocol, is no wish at all."""
    fits = head.upgrade is None and PROTOCOLS.fullmatch(value) is not None
    head.upgrade = value if fits else b""
    return False


def take_te(head: Sorted, value: bytes) -> bool:
    """Whether the client wants trailers: the only part of TE that may be said again."""
    head.trailers |= b"trailers" in tokens(value)
    return False


def take_max_forwards(head: Sorted, value: bytes) -> bool:
    """How many hops are left; of use to OPTIONS only (RFC 9110 7.6.2), and kept for the others."""
    if value.isdigit() and len(value) < 10:
        head.max_forwards = int(value)
    return True


def remove_named(head: Sorted) -> None:
    """Take out what `Connection` names: those fields were for this hop (RFC 9110 7.6.1)."""
    if head.named & PROTECTED:
        head.refusal = head.refusal or bad_request(
            "Connection names a header that may not be dropped on the way."
        )
    if not head.named <= HARMLESS:
        head.forward = without(head.forward, head.named)


HARMLESS: Final = HOP_BY_HOP | {b"close"}
"""Options of `Connection` that name no field which would have gone on."""

LOOKED_AT: Final[dict[bytes, Look]] = {
    b"host": take_host,
    b"authorization": take_authorization,
    b"content-length": take_length,
    b"transfer-encoding": take_encoding,
    b"connection": take_connection,
    b"expect": take_expect,
    b"via": take_via,
    b"x-request-id": take_request_id,
    b"traceparent": take_traceparent,
    b"upgrade": take_upgrade,
    b"te": take_te,
    b"max-forwards": take_max_forwards,
}


def look_of(name: bytes) -> Look | None:
    """What is done with the field *name*; many an application reads an underscore as a dash."""
    if name in LOOKED_AT:
        return LOOKED_AT[name]
    return drop if name in HOP_BY_HOP or name.replace(b"_", b"-") in OURS else None


LOOKS: Final = Looks(look_of, checked=True)

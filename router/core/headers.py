"""Header rules: what of a client's head goes on, what is ours, what is refused (RFC 9110, 9112).

Heads are raw pairs of bytes throughout: order, case and odd bytes of end-to-end fields survive.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Final

from router.core.problems import Problem, bad_request
from router.core.targets import HOST, Target

Pair = tuple[bytes, bytes]
Pairs = Sequence[Pair]

HOP_BY_HOP = frozenset(
    {
        b"connection",
        b"keep-alive",
        b"proxy-connection",
        b"proxy-authenticate",
        b"proxy-authorization",
        b"te",
        b"trailer",
        b"transfer-encoding",
        b"upgrade",
        b"http2-settings",
    }
)
"""Fields that speak of one connection only (RFC 9110 7.6.1), never forwarded."""

OURS = frozenset(
    {
        b"x-user-id",
        b"x-user-role",
        b"x-forwarded-for",
        b"x-forwarded-proto",
        b"x-forwarded-host",
        b"x-forwarded-port",
        b"x-real-ip",
        b"forwarded",
        b"x-request-id",
        b"traceparent",
    }
)
"""Fields that the router sets: a client's are taken out first, in any spelling."""

PROTECTED = frozenset({b"authorization", b"host", b"cookie", b"content-length"})
"""What `Connection` may not name: the upstream would see another request than we judged."""

DROPPED = HOP_BY_HOP | OURS

SERVED_VERSIONS = frozenset({(1, 0), (1, 1)})

HOST_BYTES = re.compile(HOST.pattern.encode())
REQUEST_ID = re.compile(rb"[A-Za-z0-9._:/+=@-]{1,128}")
VIA_NAME = b"strangler"
MAX_HEAD = 32 * 1024
"""Bytes of names and values that one head may have, beside the limits on each field."""


@dataclass(slots=True)
class Sorted:
    """A client's head, taken apart once: what goes on, and what the router itself must know."""

    forward: list[Pair] = field(default_factory=list)
    host: bytes | None = None
    authorization: bytes | None = None
    content_length: int | None = None
    chunked: bool = False
    expects_continue: bool = False
    request_id: bytes | None = None
    traceparent: bytes | None = None
    named: frozenset[bytes] = frozenset()
    refusal: Problem | None = None


def sort_out(pairs: Pairs, *, version: tuple[int, int]) -> Sorted | Problem:
    """The head of a request as the rules see it, or why it is refused."""
    if version not in SERVED_VERSIONS:
        return Problem(505, "version", "Only HTTP/1.1 and HTTP/1.0 are served.", close=True)
    if sum(map(len, chain.from_iterable(pairs))) > MAX_HEAD:
        return Problem(431, "head-too-large", "The request's head is too large.", close=True)
    head = Sorted()
    for pair in pairs:
        name = pair[0].lower()
        if name in RULES:
            RULES[name](head, pair)
        elif name not in DROPPED and not (b"_" in name and name.replace(b"_", b"-") in OURS):
            head.forward.append(pair)
    if head.chunked and head.content_length is not None:
        return bad_request("Content-Length and Transfer-Encoding are both there.")
    if head.chunked and version < (1, 1):
        return bad_request("HTTP/1.0 knows no Transfer-Encoding.")
    if head.named:
        remove_named(head)
    if head.refusal is None and head.host is None and version >= (1, 1):
        return bad_request("The Host header is missing.")
    return head.refusal or head


def take_host(head: Sorted, pair: Pair) -> None:
    """Exactly one Host, and nothing in it that two readers could read differently."""
    if head.host is not None:
        head.refusal = bad_request("There is more than one Host header.")
    elif HOST_BYTES.fullmatch(pair[1]) is None:
        head.refusal = bad_request("The Host header is not a host name with an optional port.")
    head.host = pair[1]
    head.forward.append(pair)


def take_length(head: Sorted, pair: Pair) -> None:
    """A Content-Length that is there once and is a number (the parser has refused the rest)."""
    if head.content_length is not None:
        head.refusal = bad_request("There is more than one Content-Length header.")
    elif not pair[1].isdigit() or len(pair[1]) > 18:
        head.refusal = bad_request("Content-Length is not a number.")
    else:
        head.content_length = int(pair[1])
        head.forward.append(pair)


def take_authorization(head: Sorted, pair: Pair) -> None:
    """At most one set of credentials: with two, we might judge the one and they the other."""
    if head.authorization is not None:
        head.refusal = bad_request("There is more than one Authorization header.")
    head.authorization = pair[1]
    head.forward.append(pair)


def take_encoding(head: Sorted, pair: Pair) -> None:
    """A chunked body; the parser has refused every other Transfer-Encoding but the empty one."""
    if pair[1].strip().lower() != b"chunked":
        head.refusal = bad_request("Transfer-Encoding is not `chunked`.")
    head.chunked = True


def take_connection(head: Sorted, pair: Pair) -> None:
    """The names of further fields that were for this hop only."""
    head.named |= tokens(pair[1])


def take_request_id(head: Sorted, pair: Pair) -> None:
    """The client's own request id, if it is fit for a header and a log."""
    head.request_id = pair[1] if REQUEST_ID.fullmatch(pair[1]) else None


def take_traceparent(head: Sorted, pair: Pair) -> None:
    """The trace that this request is part of (W3C Trace Context), read in `tracing`."""
    head.traceparent = pair[1]


def take_expect(head: Sorted, pair: Pair) -> None:
    """The one expectation there is; the router answers it, so it is not sent on."""
    if pair[1].strip().lower() == b"100-continue":
        head.expects_continue = True
    else:
        head.refusal = Problem(417, "expectation", "Only `Expect: 100-continue` can be met.")


def take_via(head: Sorted, pair: Pair) -> None:
    """A request that has been here already goes in circles: refuse it (RFC 9110 7.6.3)."""
    hops = (part.split() for part in pair[1].split(b","))
    if any(VIA_NAME in hop[1:2] for hop in hops):
        head.refusal = Problem(508, "loop", "The request has already passed this router.")
    head.forward.append(pair)


def remove_named(head: Sorted) -> None:
    """Take out what `Connection` names: those fields were for this hop (RFC 9110 7.6.1)."""
    if head.named & PROTECTED:
        head.refusal = head.refusal or bad_request(
            "Connection names a header that may not be dropped on the way."
        )
    head.forward = [pair for pair in head.forward if pair[0].lower() not in head.named]


RULES: Final[Mapping[bytes, Callable[[Sorted, Pair], None]]] = {
    b"host": take_host,
    b"authorization": take_authorization,
    b"content-length": take_length,
    b"transfer-encoding": take_encoding,
    b"connection": take_connection,
    b"expect": take_expect,
    b"via": take_via,
    b"x-request-id": take_request_id,
    b"traceparent": take_traceparent,
}
"""What is done with a field that is looked at; of the rest, `DROPPED` is left out."""


def tokens(value: bytes) -> frozenset[bytes]:
    """The members of a comma-separated list, lower-cased."""
    return frozenset(part.strip().lower() for part in value.split(b",") if part.strip())


def lines(pairs: Iterable[Pair]) -> bytes:
    """*pairs* as header lines, each with its line end."""
    return b"".join([b"%b: %b\r\n" % pair for pair in pairs])


@dataclass(frozen=True, slots=True)
class Origin:
    """What the router knows of a client's connection, told upstream in the forwarding headers."""

    address: str
    scheme: str = "http"


def forwarding_headers(origin: Origin, host: bytes) -> list[Pair]:
    """The `X-Forwarded-*` and `Forwarded` (RFC 7239) fields of an untrusted peer's request."""
    address = origin.address.encode("ascii", "replace")
    node = b'"[%b]"' % address if b":" in address else address
    scheme = origin.scheme.encode()
    return [
        (b"X-Forwarded-For", address),
        (b"X-Forwarded-Proto", scheme),
        (b"X-Forwarded-Host", host),
        (b"Forwarded", b'for=%b;proto=%b;host="%b"' % (node, scheme, host)),
        (b"Via", b"1.1 " + VIA_NAME),
    ]


def upstream_head(
    method: str, target: Target, head: Sorted, origin: Origin, ours: list[Pair]
) -> bytes:
    """The head that goes upstream: end-to-end fields as they came, then ours.

    Host is kept, but for the authority of an absolute-form target, which wins over it.
    """
    host = target.authority.encode() if target.authority is not None else head.host or b""
    forward = head.forward
    if host != head.host:
        forward = [(b"Host", host), *(one for one in forward if one[0].lower() != b"host")]
    return b"".join(
        (
            f"{method} {target.raw} HTTP/1.1\r\n".encode(),
            lines(forward),
            b"Transfer-Encoding: chunked\r\n" if head.chunked else b"",
            lines(forwarding_headers(origin, host)),
            lines(ours),
            b"\r\n",
        )
    )

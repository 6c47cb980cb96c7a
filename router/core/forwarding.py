"""Forwarding headers: what an upstream is told of the client and of the way its request took.

An untrusted peer's own are replaced. What a trusted proxy says is kept and appended to, so far as
it can be read in one way only.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from router.core.model import Network
from router.core.peers import address_in, behind, canonical, from_the_right, is_trusted
from router.core.targets import HOST

Pair = tuple[bytes, bytes]

FORWARDING: Final = frozenset(
    {
        b"x-forwarded-for",
        b"x-forwarded-proto",
        b"x-forwarded-host",
        b"x-forwarded-port",
        b"forwarded",
    }
)
"""Fields that a trusted proxy may have set; `X-Real-IP` says nothing that these do not."""

SCHEMES: Final = frozenset({b"http", b"https", b"ws", b"wss"})
HOST_BYTES = re.compile(HOST.pattern.encode())
PORT = re.compile(rb"[1-9][0-9]{0,4}")

TOKEN = rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
PAIR = rb'%b=(?:%b|"[^"\\\x00-\x1f\x7f]*")' % (TOKEN, TOKEN)
ELEMENT = rb"%b(?:; ?%b)*" % (PAIR, PAIR)
FORWARDED = re.compile(rb"%b(?:[ \t]*,[ \t]*%b)*" % (ELEMENT, ELEMENT))
"""RFC 7239 4, without escapes in quotes: nobody needs one to write an address."""


@dataclass(frozen=True, slots=True)
class Origin:
    """What the router knows of a client's connection, told upstream in the forwarding headers."""

    address: str
    scheme: str = "http"


@dataclass(frozen=True, slots=True)
class Came:
    """What a trusted proxy says of its *client*; a field that came twice is not taken."""

    client: str
    forwarded_for: tuple[bytes, ...] = ()
    forwarded: tuple[bytes, ...] = ()
    proto: bytes | None = None
    host: bytes | None = None
    port: bytes | None = None


def came_of(pairs: Iterable[Pair], peer: str, trusted: Sequence[Network]) -> Came | None:
    """What of a request's head counts as the word of *peer*; None where it is not trusted.

    Fields that `Connection` names count too: they were for the next hop, which is us (RFC 9110
    7.6.1). Were they passed over, a client whose `Connection` a proxy lets through could have
    that proxy's own field left out, and pass for the proxy.
    """
    if not is_trusted(peer, trusted):
        return None
    said = defaultdict[bytes, list[bytes]](list)
    for name, value in pairs:
        field = name.lower()
        if field in FORWARDING and value.strip():
            said[field].append(value.strip())
    return Came(
        client=behind(peer, said[b"x-forwarded-for"], trusted),
        forwarded_for=tuple(said[b"x-forwarded-for"]),
        forwarded=tuple(said[b"forwarded"]),
        proto=only(said[b"x-forwarded-proto"]),
        host=only(said[b"x-forwarded-host"]),
        port=only(said[b"x-forwarded-port"]),
    )


def of_the_way(pairs: Iterable[Pair]) -> tuple[Pair, ...]:
    """Those of *pairs* that `came_of` looks at."""
    return tuple(pair for pair in pairs if pair[0].lower() in FORWARDING)


def only(values: Sequence[bytes]) -> bytes | None:
    """The one value, or None where there is none or a choice."""
    return values[0] if len(values) == 1 else None


def forwarding_headers(origin: Origin, host: bytes, came: Came | None = None) -> list[Pair]:
    """The `X-Forwarded-*` and `Forwarded` (RFC 7239) fields of a request for *host*.

    *came* is what a trusted proxy said; None for everybody else, whose own fields are replaced.
    """
    address = origin.address.encode("ascii", "replace")
    scheme = origin.scheme.encode()
    if came is None:
        return [
            (b"X-Forwarded-For", address),
            (b"X-Forwarded-Proto", scheme),
            (b"X-Forwarded-Host", host),
            (b"Forwarded", element(address, scheme, host)),
        ]
    proto, their_host = proto_in(came) or scheme, host_in(came) or host
    before = forwarded_before(came, proto, their_host)
    return [
        (b"X-Forwarded-For", b", ".join((*came.forwarded_for, address))),
        (b"X-Forwarded-Proto", proto),
        (b"X-Forwarded-Host", their_host),
        *((b"X-Forwarded-Port", port) for port in port_in(came)),
        (b"X-Real-IP", came.client.encode("ascii", "replace")),
        (b"Forwarded", b", ".join((*before, element(address, scheme, host)))),
    ]


def proto_in(came: Came) -> bytes | None:
    """The scheme that the client used towards its proxy, if it is one."""
    proto = (came.proto or b"").lower()
    return proto if proto in SCHEMES else None


def host_in(came: Came) -> bytes | None:
    """The host that the client asked its proxy for, if it can be one."""
    return came.host if came.host and HOST_BYTES.fullmatch(came.host) else None


def port_in(came: Came) -> Iterator[bytes]:
    """The port that the client reached its proxy at, if it is one."""
    if came.port and PORT.fullmatch(came.port) and int(came.port) <= 65535:
        yield came.port


def element(address: bytes, proto: bytes, host: bytes) -> bytes:
    """One hop of `Forwarded`."""
    return b'for=%b;proto=%b;host="%b"' % (node(address), proto, host)


def node(address: bytes) -> bytes:
    """*address* as `for=` has it: IPv6 in brackets and quotes (RFC 7239 6)."""
    return b'"[%b]"' % address if b":" in address else address


def forwarded_before(came: Came, proto: bytes, host: bytes) -> Sequence[bytes]:
    """The elements of `Forwarded` for the hops before ours.

    Most proxies speak `X-Forwarded-For` alone, and pass on whatever `Forwarded` a client made up.
    So it is kept only where its last hop is the same; otherwise it is made of the other one
    (RFC 7239 7.4).
    """
    if came.forwarded and agrees(b", ".join(came.forwarded), came.forwarded_for):
        return came.forwarded
    hops = [for_of(hop) for hop in from_the_right(came.forwarded_for)]
    last = [b'%b;proto=%b;host="%b"' % (hop, proto, host) for hop in hops[:1]]
    return [*reversed(hops[1:]), *last]


def for_of(hop: str) -> bytes:
    """A member of `X-Forwarded-For` as an element of `Forwarded`."""
    return b"for=" + node(canonical(hop).encode()) if address_in(hop) else b"for=unknown"


def agrees(forwarded: bytes, forwarded_for: Sequence[bytes]) -> bool:
    """Whether *forwarded* is well-formed and its last hop is that of `X-Forwarded-For`."""
    if FORWARDED.fullmatch(forwarded) is None:
        return False
    last = next(from_the_right(forwarded_for), None)
    if last is None:
        return True
    *_, hop = re.finditer(ELEMENT, forwarded)
    # Pair by pair, not by a search for `for=`: a quoted value may hold one of its own.
    pairs = [found[0].partition(b"=") for found in re.finditer(PAIR, hop[0])]
    said = [value.decode("latin-1") for name, _, value in pairs if name.lower() == b"for"]
    return len(said) == 1 and address_in(said[0]) == address_in(last) is not None

"""Who is at the other end of a connection, and whose client is behind it.

Addresses are text as sockets and headers have it. An IPv4 address inside IPv6 (`::ffff:10.0.0.1`,
what a socket for both gives) is the IPv4 address, so that one rule holds for it however it came.
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

from router.core.model import Network

Address = IPv4Address | IPv6Address
NODE = re.compile(r'"?(?:\[([0-9A-Fa-f:.]+)\]|([0-9.]+))(?::[0-9]{1,5})?"?|([0-9A-Fa-f:.]+)')
"""An address as `X-Forwarded-For` and `Forwarded` have it, perhaps with a port (RFC 7239 6)."""
MAX_NODE = 64
MAX_HOPS = 32
"""Proxies that are looked past: a chain costs no more than that, whatever a client writes into it.
"""


def is_trusted(address: str, trusted: Sequence[Network]) -> bool:
    """Whether *address* is of one of the networks; what is no address never is."""
    if not trusted:
        return False
    found = address_in(address)
    return found is not None and is_within(found, trusted)


def is_within(address: Address, networks: Sequence[Network]) -> bool:
    """Whether *address* is of one of *networks*."""
    for network in networks:  # noqa: SIM110 - a generator would double the cost of each request
        if address in network:
            return True
    return False


def client_of(peer: str, forwarded_for: Sequence[bytes], trusted: Sequence[Network]) -> str:
    """The address that a request of *peer* came from, as far as trusted proxies vouch for it.

    The chain of all `X-Forwarded-For` values, *peer* last, is walked from the right: each trusted
    proxy vouches for the one to its left. The first that is not trusted is the client; what stands
    further left is its own word. Where the chain ends or has something else than an address, the
    last proxy that was walked past is all that is known.
    """
    return behind(peer, forwarded_for, trusted) if is_trusted(peer, trusted) else canonical(peer)


def behind(proxy: str, forwarded_for: Sequence[bytes], trusted: Sequence[Network]) -> str:
    """`client_of` a *proxy* that is trusted."""
    client = proxy
    for node in from_the_right(forwarded_for):
        address = address_in(node)
        if address is None:
            break
        client = node
        if not is_within(address, trusted):
            break
    return canonical(client)


def from_the_right(values: Sequence[bytes]) -> Iterator[str]:
    """The last `MAX_HOPS` members of a list that may be spread over several fields."""
    members = b",".join(values).rsplit(b",", MAX_HOPS)[-MAX_HOPS:]
    hops = (member.strip(b" \t").decode("latin-1") for member in reversed(members))
    return (hop for hop in hops if hop)  # text would be stripped of what is a blank in Unicode only


def address_in(node: str) -> Address | None:
    """The address in *node*, with or without a port, brackets and quotes; None if it has none."""
    return parsed(node) if len(node) <= MAX_NODE else None


@lru_cache(maxsize=4096)
def parsed(node: str) -> Address | None:
    """`address_in`, remembered: the same proxies and clients come again and again."""
    found = NODE.fullmatch(node.partition("%")[0])  # a link-local address names its interface
    if found is None:
        return None
    try:
        address = ip_address(found[1] or found[2] or found[3])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def canonical(node: str) -> str:
    """The one spelling of the address in *node*; what is no address as it is."""
    return spelled(node) if len(node) <= MAX_NODE else node


@lru_cache(maxsize=4096)
def spelled(node: str) -> str:
    """`canonical`, remembered."""
    return str(parsed(node) or node)


def counted_as(address: str) -> str:
    """Under what the connections of *address* are counted: itself, or its /64 network for IPv6.

    A host of IPv6 is given 2^64 addresses (RFC 6177): counted one by one, it had no limit.
    """
    found = address_in(address)
    if isinstance(found, IPv6Address):
        return str(IPv6Network((int(found) >> 64 << 64, 64)))
    return str(found or address)

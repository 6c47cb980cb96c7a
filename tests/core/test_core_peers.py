"""Whom to believe, and who the client is: tables, and what holds for any chain."""

from collections.abc import Sequence
from ipaddress import ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.core.model import Network
from router.core.peers import MAX_HOPS, canonical, client_of, counted_as, is_trusted

TRUSTED = tuple(map(ip_network, ("10.0.0.0/8", "127.0.0.1", "fd00::/8")))

PEERS = [
    ("10.0.0.1", True),
    ("10.255.255.255", True),
    ("11.0.0.1", False),
    ("127.0.0.1", True),
    ("127.0.0.2", False),
    ("::ffff:10.0.0.1", True),
    ("::ffff:11.0.0.1", False),
    ("::10.0.0.1", False),
    ("fd00::1", True),
    ("FD00:0::1", True),
    ("fe80::1", False),
    ("fd00::1%eth0", True),
    ("unknown", False),
    ("", False),
    ("10.0.0", False),
    ("010.0.0.1", False),
    ("10.0.0.1/8", False),
    ("10.0.0.1" + " " * 100, False),
]


@pytest.mark.parametrize(("address", "trusted"), PEERS)
def test_a_peer_is_trusted_by_its_address_alone(address: str, trusted: bool) -> None:
    """However it is spelled; what is no address never is."""
    assert is_trusted(address, TRUSTED) == trusted
    assert not is_trusted(address, ())


CHAINS: list[tuple[str, list[bytes], str]] = [
    # nobody's word counts but that of a trusted peer
    ("192.0.2.1", [], "192.0.2.1"),
    ("192.0.2.1", [b"1.1.1.1"], "192.0.2.1"),
    ("unknown", [b"1.1.1.1"], "unknown"),
    # one proxy, and what a client writes before it
    ("10.0.0.1", [], "10.0.0.1"),
    ("10.0.0.1", [b""], "10.0.0.1"),
    ("10.0.0.1", [b"192.0.2.1"], "192.0.2.1"),
    ("10.0.0.1", [b"1.1.1.1, 192.0.2.1"], "192.0.2.1"),
    ("10.0.0.1", [b"10.0.0.9, 192.0.2.1"], "192.0.2.1"),
    # several proxies, in one field and in several
    ("10.0.0.1", [b"192.0.2.1, 10.0.0.2"], "192.0.2.1"),
    ("10.0.0.1", [b"192.0.2.1", b"10.0.0.2"], "192.0.2.1"),
    ("10.0.0.1", [b"1.1.1.1,192.0.2.1,10.0.0.3", b"127.0.0.1"], "192.0.2.1"),
    # a client that is one of the trusted itself: the last that the chain names
    ("10.0.0.1", [b"10.0.0.3, 10.0.0.2"], "10.0.0.3"),
    # what is no address ends the chain at the last proxy that is known
    ("10.0.0.1", [b"unknown"], "10.0.0.1"),
    ("10.0.0.1", [b"192.0.2.1, _hidden"], "10.0.0.1"),
    ("10.0.0.1", [b"192.0.2.1, unknown, 10.0.0.2"], "10.0.0.2"),
    ("10.0.0.1", [b"192.0.2.1, \xff\xfe"], "10.0.0.1"),
    ("10.0.0.1", [b"192.0.2.1\x85", b"\xa010.0.0.2"], "10.0.0.1"),  # blanks of Unicode alone
    # empty members are none (RFC 9110 5.6.1.2)
    ("10.0.0.1", [b"192.0.2.1, , ", b""], "192.0.2.1"),
    # spellings: ports, brackets, quotes, IPv4 inside IPv6, case
    ("10.0.0.1", [b"192.0.2.1:4711"], "192.0.2.1"),
    ("10.0.0.1", [b"[2001:db8::1]:4711"], "2001:db8::1"),
    ("10.0.0.1", [b'"[2001:DB8::1]"'], "2001:db8::1"),
    ("10.0.0.1", [b"2001:db8:0::1"], "2001:db8::1"),
    ("10.0.0.1", [b"::ffff:192.0.2.1"], "192.0.2.1"),
    ("::ffff:10.0.0.1", [b"192.0.2.1, ::ffff:10.0.0.2"], "192.0.2.1"),
    ("::ffff:192.0.2.1", [b"1.1.1.1"], "192.0.2.1"),
]


@pytest.mark.parametrize(("peer", "values", "client"), CHAINS)
def test_the_client_is_the_last_who_is_not_trusted(
    peer: str, values: list[bytes], client: str
) -> None:
    """What stands further left is that client's own word."""
    assert client_of(peer, values, TRUSTED) == client


@pytest.mark.parametrize("values", [[b"192.0.2.1, " + b"10.0.0.2, " * 5000], [b"," * 30_000]])
def test_a_chain_is_walked_so_far_and_no_further(values: list[bytes]) -> None:
    """What a client can write into a head costs no more than a few hops."""
    assert client_of("10.0.0.1", values, TRUSTED) in {"10.0.0.1", "10.0.0.2"}


def test_as_many_proxies_as_anybody_has_are_walked_past() -> None:
    """One less than is looked at, so that the client is still seen."""
    chain = b", ".join([b"192.0.2.1", *[b"10.0.0.2"] * (MAX_HOPS - 1)])
    assert client_of("10.0.0.1", [chain], TRUSTED) == "192.0.2.1"


members = st.sampled_from(
    [b"192.0.2.1", b"10.0.0.2", b"unknown", b"", b"2001:db8::1", b"fd00::1", b"'; drop", b"\xff"]
)


@given(written=st.lists(members, max_size=6), proxies=st.lists(members, max_size=3))
def test_what_a_client_writes_never_makes_it_another(
    written: list[bytes], proxies: list[bytes]
) -> None:
    """Whatever stands left of what the first trusted proxy saw, the answer is the same."""
    seen = [
        b"198.51.100.7",
        *(one for one in proxies if is_trusted(one.decode("latin-1"), TRUSTED)),
    ]
    assert client_of("10.0.0.1", [b", ".join(written + seen)], TRUSTED) == "198.51.100.7"


@given(st.lists(st.binary(max_size=40), max_size=5), st.sampled_from([(), TRUSTED]))
def test_any_bytes_are_taken(values: list[bytes], trusted: Sequence[Network]) -> None:
    """A header may hold anything; the answer is an address all the same."""
    client = client_of("10.0.0.1", values, trusted)
    assert canonical(client) == client
    assert trusted or client == "10.0.0.1"


SPELLINGS = [
    ("10.0.0.1", "10.0.0.1"),
    ("::ffff:10.0.0.1", "10.0.0.1"),
    ("2001:DB8:0:0::1", "2001:db8::1"),
    ("fe80::1%eth0", "fe80::1"),
    ("unknown", "unknown"),
    ("x" * 1000, "x" * 1000),
]


@pytest.mark.parametrize(("address", "spelled"), SPELLINGS)
def test_an_address_has_one_spelling(address: str, spelled: str) -> None:
    """In logs and in headers, whichever way a socket gave it."""
    assert canonical(address) == spelled


COUNTED = [
    ("192.0.2.1", "192.0.2.1"),
    ("::ffff:192.0.2.1", "192.0.2.1"),
    ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
    ("2001:db8:1:2::", "2001:db8:1:2::/64"),
    ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
    ("::1", "::/64"),
    ("unknown", "unknown"),
]


@pytest.mark.parametrize(("address", "account"), COUNTED)
def test_connections_are_counted_by_who_can_have_the_address(address: str, account: str) -> None:
    """A host of IPv6 has a whole /64 to itself."""
    assert counted_as(address) == account

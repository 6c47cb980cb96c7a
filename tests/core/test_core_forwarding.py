"""What an upstream is told of the client: replaced for anybody, appended for trusted proxies."""

# ruff: noqa: E501 - a row of a table stays on its line
import time
from ipaddress import ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.core.forwarding import FORWARDED, Came, Origin, Pair, came_of, forwarding_headers
from router.core.peers import client_of

TRUSTED = (ip_network("10.0.0.0/8"),)
PROXY = Origin("10.0.0.1")
HOST = b"fit"


def told(*pairs: Pair, peer: str = "10.0.0.1") -> dict[str, str]:
    """The forwarding headers of a request with these fields, by name."""
    came = came_of(pairs, peer, TRUSTED)
    headers = forwarding_headers(Origin(peer), HOST, came)
    assert len({name for name, _ in headers}) == len(headers)
    return {name.decode(): value.decode("latin-1") for name, value in headers}


def test_an_untrusted_peers_word_is_replaced() -> None:
    """By what we saw, each field of it."""
    assert forwarding_headers(Origin("192.0.2.1"), HOST) == [
        (b"X-Forwarded-For", b"192.0.2.1"),
        (b"X-Forwarded-Proto", b"http"),
        (b"X-Forwarded-Host", b"fit"),
        (b"Forwarded", b'for=192.0.2.1;proto=http;host="fit"'),
    ]
    assert forwarding_headers(Origin("::1", "https"), HOST)[-1] == (
        b"Forwarded",
        b'for="[::1]";proto=https;host="fit"',
    )


def test_nothing_that_an_untrusted_peer_says_is_looked_at() -> None:
    """Not even where there are trusted ones."""
    pairs = [(b"X-Forwarded-For", b"1.1.1.1"), (b"Forwarded", b"for=1.1.1.1")]
    assert came_of(pairs, "192.0.2.1", TRUSTED) is None
    assert came_of(pairs, "10.0.0.1", ()) is None


def test_a_trusted_proxys_word_is_kept_and_appended_to() -> None:
    """An nginx in front: it says for whom, and how it was reached."""
    assert told(
        (b"x-forwarded-for", b"192.0.2.1"),
        (b"X-Forwarded-Proto", b"https"),
        (b"X-FORWARDED-HOST", b"fit.example"),
        (b"X-Forwarded-Port", b"443"),
        (b"X-Real-IP", b"1.1.1.1"),
        (b"Accept", b"*/*"),
    ) == {
        "X-Forwarded-For": "192.0.2.1, 10.0.0.1",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Host": "fit.example",
        "X-Forwarded-Port": "443",
        "X-Real-IP": "192.0.2.1",
        "Forwarded": 'for=192.0.2.1;proto=https;host="fit.example", for=10.0.0.1;proto=http;host="fit"',
    }


def test_a_trusted_proxy_that_says_nothing_is_the_client() -> None:
    """A health check of the load balancer itself."""
    assert told() == {
        "X-Forwarded-For": "10.0.0.1",
        "X-Forwarded-Proto": "http",
        "X-Forwarded-Host": "fit",
        "X-Real-IP": "10.0.0.1",
        "Forwarded": 'for=10.0.0.1;proto=http;host="fit"',
    }


CHAINS = [
    ([b"192.0.2.1"], "192.0.2.1, 10.0.0.1", "192.0.2.1"),
    ([b"1.1.1.1, 192.0.2.1"], "1.1.1.1, 192.0.2.1, 10.0.0.1", "192.0.2.1"),
    ([b"192.0.2.1", b"10.0.0.2"], "192.0.2.1, 10.0.0.2, 10.0.0.1", "192.0.2.1"),
    ([b"", b" 192.0.2.1 "], "192.0.2.1, 10.0.0.1", "192.0.2.1"),
    # left as it came: dropping it would let a client pass for the proxy
    ([b"<odd>, 192.0.2.1"], "<odd>, 192.0.2.1, 10.0.0.1", "192.0.2.1"),
    ([b"\xff"], "\xff, 10.0.0.1", "10.0.0.1"),
]


@pytest.mark.parametrize(("values", "chain", "client"), CHAINS)
def test_the_chain_is_kept_and_its_client_named(
    values: list[bytes], chain: str, client: str
) -> None:
    """`X-Real-IP` is the client that the chain vouches for."""
    headers = told(*((b"X-Forwarded-For", value) for value in values))
    assert (headers["X-Forwarded-For"], headers["X-Real-IP"]) == (chain, client)


SINGLE = [
    (b"X-Forwarded-Proto", [b"HTTPS"], "https"),
    (b"X-Forwarded-Proto", [b"wss"], "wss"),
    (b"X-Forwarded-Proto", [b"javascript"], "http"),
    (b"X-Forwarded-Proto", [b"https, http"], "http"),
    (b"X-Forwarded-Proto", [b"https", b"https"], "http"),
    (b"X-Forwarded-Host", [b"[::1]:80"], "[::1]:80"),
    (b"X-Forwarded-Host", [b"a, b"], "fit"),
    (b"X-Forwarded-Host", [b'a";proto=https'], "fit"),
    (b"X-Forwarded-Host", [b"a/b"], "fit"),
    (b"X-Forwarded-Host", [b""], "fit"),
    (b"X-Forwarded-Host", [b"a", b"b"], "fit"),
    (b"X-Forwarded-Port", [b"65535"], "65535"),
    (b"X-Forwarded-Port", [b"65536"], None),
    (b"X-Forwarded-Port", [b"0"], None),
    (b"X-Forwarded-Port", [b"443, 80"], None),
    (b"X-Forwarded-Port", [b"https"], None),
]


@pytest.mark.parametrize(("name", "values", "value"), SINGLE)
def test_what_is_ill_formed_is_replaced(
    name: bytes, values: list[bytes], value: str | None
) -> None:
    """A scheme, a host, a port; one of each, or what we saw ourselves (a port we do not say)."""
    assert told(*((name, one) for one in values)).get(name.decode()) == value


def test_a_client_cannot_have_a_proxys_own_field_left_out() -> None:
    """`Connection` names what is for the next hop, and that is us (RFC 9110 7.6.1)."""
    chain = (b"X-Forwarded-For", b"192.0.2.1")
    assert told((b"Connection", b"close, X-Forwarded-For"), chain) == told(chain)


@pytest.mark.parametrize("name", [b"X_Forwarded_For", b"X-Forwarded_For"])
def test_underscores_are_no_dashes(name: bytes) -> None:
    """A proxy that removes the one spelling lets the other through."""
    assert told((name, b"1.1.1.1")) == told()


OURS = 'for=10.0.0.1;proto=http;host="fit"'
MADE = 'for=192.0.2.1;proto=http;host="fit"'
FORWARDEDS = [
    # the proxy speaks both, and the last hop is the same
    ([b"for=192.0.2.1"], [b"192.0.2.1"], "for=192.0.2.1"),
    ([b"For=192.0.2.1;proto=https"], [b"192.0.2.1"], "For=192.0.2.1;proto=https"),
    ([b'for=1.1.1.1, for="192.0.2.1:80";by=_a'], [b"192.0.2.1"], 'for=1.1.1.1, for="192.0.2.1:80";by=_a'),
    ([b"for=1.1.1.1", b"for=192.0.2.1"], [b"192.0.2.1"], "for=1.1.1.1, for=192.0.2.1"),
    ([b'by=a;for="[2001:DB8::1]"'], [b"2001:db8::1"], 'by=a;for="[2001:DB8::1]"'),
    ([b'host="a,b;for=x";for=192.0.2.1'], [b"192.0.2.1"], 'host="a,b;for=x";for=192.0.2.1'),
    # it speaks Forwarded alone
    ([b"for=192.0.2.1;proto=https"], [], "for=192.0.2.1;proto=https"),
    ([b"for=unknown"], [], "for=unknown"),
    # it speaks X-Forwarded-For alone
    ([], [b"192.0.2.1"], MADE),
    ([], [b"1.1.1.1, 192.0.2.1:80"], f"for=1.1.1.1, {MADE}"),
    ([], [b"2001:DB8::1"], 'for="[2001:db8::1]";proto=http;host="fit"'),
    ([], [b"<odd>, 192.0.2.1"], f"for=unknown, {MADE}"),
    # it passes on what the client made up: another last hop, two of them, one inside quotes
    ([b"for=1.1.1.1"], [b"192.0.2.1"], MADE),
    ([b"for=192.0.2.1, for=1.1.1.1"], [b"192.0.2.1"], MADE),
    ([b"for=192.0.2.1;for=1.1.1.1"], [b"192.0.2.1"], MADE),
    ([b'for=1.1.1.1;host=";for=192.0.2.1;"'], [b"192.0.2.1"], MADE),
    ([b"proto=https"], [b"192.0.2.1"], MADE),
    ([b"for=unknown"], [b"unknown"], 'for=unknown;proto=http;host="fit"'),
    # what is no Forwarded could swallow what we append
    ([b'for="1.1.1.1, for=192.0.2.1'], [b"192.0.2.1"], MADE),
    ([b'for="a\\", for=192.0.2.1'], [b"192.0.2.1"], MADE),
    ([b"for=192.0.2.1;"], [b"192.0.2.1"], MADE),
    ([b"for = 192.0.2.1"], [b"192.0.2.1"], MADE),
    ([b"192.0.2.1"], [b"192.0.2.1"], MADE),
    ([b'"'], [], None),
]  # fmt: skip


@pytest.mark.parametrize(("forwarded", "chain", "before"), FORWARDEDS)
def test_forwarded_goes_on_only_where_it_tells_the_same(
    forwarded: list[bytes], chain: list[bytes], before: str | None
) -> None:
    """Else it is made of `X-Forwarded-For`, which every proxy sets (RFC 7239 7.4)."""
    pairs = [
        *((b"Forwarded", one) for one in forwarded),
        *((b"X-Forwarded-For", one) for one in chain),
    ]
    assert told(*pairs)["Forwarded"] == (f"{before}, {OURS}" if before else OURS)


nodes = st.sampled_from(
    [
        b"192.0.2.1",
        b"10.0.0.2",
        b"unknown",
        b'"[2001:db8::1]:1"',
        b"_x",
        b"",
        b'"',
        b"a;for=1.1.1.1",
    ]
)
chains = st.lists(nodes, max_size=4).map(b", ".join)
forwardeds = st.lists(nodes.map(lambda node: b"for=" + node), max_size=4).map(b", ".join)


@given(chain=chains, forwarded=forwardeds, proto=nodes, host=nodes)
def test_whatever_came_goes_on_in_a_form_that_can_be_read(
    chain: bytes, forwarded: bytes, proto: bytes, host: bytes
) -> None:
    """`Forwarded` is always well-formed, its last hop ours; both fields tell the same client."""
    headers = told(
        (b"X-Forwarded-For", chain), (b"Forwarded", forwarded),
        (b"X-Forwarded-Proto", proto), (b"X-Forwarded-Host", host),
    )  # fmt: skip
    assert FORWARDED.fullmatch(headers["Forwarded"].encode("latin-1"))
    assert headers["Forwarded"].endswith(OURS)
    assert headers["X-Forwarded-For"].endswith("10.0.0.1")
    assert headers["X-Real-IP"] == client_of("10.0.0.1", [chain], TRUSTED)


@pytest.mark.parametrize("value", [b"a=b;" * 8000, b"a=b, " * 6000, b'a="' * 10_000, b"=" * 30_000])
def test_the_largest_head_is_judged_in_no_time(value: bytes) -> None:
    """No pattern looks twice at the same byte, and what is made is no longer than a few hops."""
    began = time.process_time()
    headers = forwarding_headers(PROXY, HOST, Came("x", (b"a," * 15_000,), (value + b"for=x",)))
    assert time.process_time() - began < 0.5
    assert len(dict(headers)[b"Forwarded"]) < 1000

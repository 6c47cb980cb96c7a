"""Forwarding headers: what proxies and clients say of the way can be read in one way only."""

from ipaddress import ip_network

from dev.fuzz import strict
from router.core.fields import lines_of
from router.core.forwarding import Origin, came_of, forwarding_headers

PEER = "10.0.0.1"
STRANGER = "192.0.2.1"
HOST = b"fit.example"
TRUSTED = (ip_network("10.0.0.0/8"), ip_network("fd00::/8"))
TEXT = bytes(sorted(strict.TEXT))
NOT_TEXT = bytes(sorted(frozenset(range(256)) - strict.TEXT - {0x0A}))
NAMES = (
    b"X-Forwarded-For",
    b"Forwarded",
    b"X-Forwarded-Proto",
    b"X-Forwarded-Host",
    b"X-Forwarded-Port",
    b"X-Real-IP",
)


def check(data: bytes) -> None:
    """Each line is a field, by the letter it begins with; ask as a proxy and as a stranger."""
    pairs = [pair_of(line) for line in data.translate(None, NOT_TEXT).split(b"\n") if line]
    assert came_of(pairs, STRANGER, TRUSTED) is None
    stranger = forwarding_headers(Origin(STRANGER), HOST, None)
    assert dict(stranger)[b"X-Forwarded-For"] == STRANGER.encode()
    came = came_of(pairs, PEER, TRUSTED)
    assert came is not None
    said = forwarding_headers(Origin(PEER), HOST, came)
    read, end = strict.fields_of(lines_of(said) + b"\r\n", 0)
    assert end == len(lines_of(said)) + 2
    names = [name for name, _ in read]
    assert len(set(names)) == len(names), "a field twice"
    values = dict(read)
    for_us = values[b"X-Forwarded-For"].split(b",")[-1].strip()
    assert for_us == PEER.encode()
    theirs = b", ".join(value.strip() for name, value in pairs if is_for(name) and value.strip())
    assert values[b"X-Forwarded-For"].startswith(theirs)
    assert values[b"X-Forwarded-Proto"] in {b"http", b"https", b"ws", b"wss"}
    assert came.client in {PEER, *plain(theirs)}
    check_forwarded(values[b"Forwarded"])


def pair_of(line: bytes) -> tuple[bytes, bytes]:
    """A field: the first byte of the line says which."""
    return NAMES[line[0] % len(NAMES)], line[1:].strip(b" \t")


def is_for(name: bytes) -> bool:
    """Whether it is the list of hops."""
    return name == b"X-Forwarded-For"


def plain(hops: bytes) -> set[str]:
    """The members of a list of hops, and their addresses in the one spelling."""
    from router.core.peers import canonical

    members = [one.strip().decode("latin-1") for one in hops.split(b",")]
    return {*members, *map(canonical, members)}


def check_forwarded(value: bytes) -> None:
    """RFC 7239 4, read byte by byte: the last element is ours, and it is one."""
    elements = [pairs_of(element) for element in outside_quotes(value, b",")]
    assert elements[-1] == [
        (b"for", PEER.encode()),
        (b"proto", b"http"),
        (b"host", b'"%b"' % HOST),
    ]


def pairs_of(element: bytes) -> list[tuple[bytes, bytes]]:
    """The pairs of an element, each a token or a quoted string."""
    found = []
    for pair in outside_quotes(element, b";"):
        name, equals, value = pair.strip(b" \t").partition(b"=")
        assert equals, element
        assert name, element
        assert strict.TCHAR.issuperset(name), element
        quoted = len(value) >= 2 and value[:1] == value[-1:] == b'"'
        assert value, element
        assert quoted or strict.TCHAR.issuperset(value), element
        found.append((name.lower(), value))
    return found


def outside_quotes(value: bytes, mark: bytes) -> list[bytes]:
    """*value* split at *mark*, but for those in quotes; every quote is closed."""
    parts, within = [b""], False
    for byte in value:
        one = bytes([byte])
        within ^= one == b'"'
        assert not (within and one == b"\\"), "an escape"
        if one == mark and not within:
            parts.append(b"")
        else:
            parts[-1] += one
    assert not within, "a quote is not closed"
    return parts


SEEDS = (
    b"\x001.2.3.4, 10.0.0.2",
    b'\x00[2001:db8::1]:4711\n\x01for="[2001:db8::1]:4711";proto=https;host="a"',
    b"\x00unknown, _hidden, 10.0.0.3:80\n\x02https\n\x03fit.example\n\x04443\n\x05 1.2.3.4",
    b"\x01for=1.2.3.4, for=10.0.0.9;by=x\n\x0010.0.0.9",
    b"\x00::ffff:10.0.0.7\n\x001.1.1.1\n\x02ws\n\x02wss",
    b'\x01for="for=1.2.3.4";for=10.0.0.9',
    b"\x00192.0.2.1\x85\n\x00\xa010.0.0.2",  # broke once
)

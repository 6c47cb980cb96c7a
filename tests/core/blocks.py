"""Blocks of header lines for the pure parts: the line end stands before each."""

from router.core.fields import Pair


def block_of(*pairs: Pair) -> bytes:
    """These fields as they stand between the first line of a head and its end."""
    return b"".join([b"\r\n%b: %b" % pair for pair in pairs])


def pairs_of(block: bytes) -> list[Pair]:
    """The fields of a block, one by one."""
    first, *lines = block.split(b"\r\n")
    assert first == b""
    parts = [line.partition(b":") for line in lines]
    return [(name, value.strip(b" \t")) for name, _, value in parts]

"""Where a body ends: the same wherever its bytes were cut, and refused where two could differ."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from router.core.framing import (
    MAX_EXTENSIONS,
    MAX_TRAILERS,
    MOST_TRAILERS,
    BadFraming,
    BodyReader,
    Chunked,
    Counted,
    UntilClosed,
    as_chunk,
    last_chunk,
)

Read = tuple[bytes, bytes, list[bytes], bool]
"""The body, what came behind it, its trailers, and whether it has ended."""


def read(reader: BodyReader, *parts: bytes) -> Read | None:
    """What *reader* makes of a body that comes in these parts; None where it refuses it."""
    body = behind = b""
    for part in parts:
        if reader.done:
            behind += part
            continue
        try:
            body += reader.feed(part)
        except BadFraming:
            return None
    return body, reader.rest + behind, reader.trailers, reader.done


def read_chunked(*parts: bytes) -> Read | None:
    """The same of a chunked body."""
    return read(Chunked(), *parts)


def bytewise(data: bytes) -> list[bytes]:
    """*data* in the smallest parts."""
    return [data[at : at + 1] for at in range(len(data))]


GOOD = [
    (b"0\r\n\r\n", b""),
    (b"5\r\nabcde\r\n0\r\n\r\n", b"abcde"),
    (b"00a\r\n0123456789\r\n000\r\n\r\n", b"0123456789"),
    (b"A\r\n0123456789\r\n0\r\n\r\n", b"0123456789"),
    (b"0000000000000001\r\na\r\n0000000000000000\r\n\r\n", b"a"),
    (b'2;ext\r\n\r\n\r\n0;a="b c"\r\n\r\n', b"\r\n"),
    (b"1;\xff\t\r\n;\r\n0\r\n\r\n", b";"),
]


@pytest.mark.parametrize(("wire", "body"), GOOD, ids=repr)
def test_chunks(wire: bytes, body: bytes) -> None:
    """Their content, and short extensions dropped (RFC 9112 7.1)."""
    assert read_chunked(wire) == (body, b"", [], True)
    assert read_chunked(*bytewise(wire)) == (body, b"", [], True)


REFUSED = [
    b"0x5\r\nabcde\r\n",
    b"+5\r\nabcde\r\n",
    b"-1\r\na\r\n",
    b"5_0\r\nabcde\r\n",
    b"\r\n",
    b";ext\r\n",
    b" 5\r\nabcde\r\n",
    b"\t5\r\nabcde\r\n",
    b"5 \r\nabcde\r\n",
    b"5 ;ext\r\nabcde\r\n",
    b"5,5\r\nabcde\r\n",
    b"5.0\r\nabcde\r\n",
    b"g\r\nabcde\r\n",
    b"\xb2\r\nab\r\n",
    b"5\0\r\nabcde\r\n",
    b"00000000000000005\r\nabcde\r\n",
    b"10000000000000000\r\n",
    b"5\nabcde\r\n",
    b"5\r\r\nabcde\r\n",
    b"5;a\rb\r\nabcde\r\n",
    b"5;a\nabcde\r\n",
    b"5;a\0\r\nabcde\r\n",
    b"5;\x7f\r\nabcde\r\n",
    b"5\r\nabcde0\r\n\r\n",
    b"5\r\nabcdef\r\n0\r\n\r\n",
    b"5\r\nabcde\n0\r\n\r\n",
    b"5\r\nabcde\r\r\n0\r\n\r\n",
    b"5\r\nabcde\r\n\r\n",
    b"0\n\r\n",
    b"0\r\n\n",
    b"0\r\nX\r\n\r\n",
    b"0\r\n: x\r\n\r\n",
    b"0\r\nX : y\r\n\r\n",
    b"0\r\nX: y\r\n folded\r\n\r\n",
    b"0\r\nX: a\0\r\n\r\n",
    b"0\r\nX: a\rb\r\n\r\n",
    b"0\r\nX: a\nY: b\r\n\r\n",
    b"0\r\nX Y: a\r\n\r\n",
    b"0\r\n\xe9: a\r\n\r\n",
]


@pytest.mark.parametrize("wire", REFUSED, ids=repr)
@pytest.mark.parametrize("before", [b"", b"1;x\r\na\r\n"], ids=["first", "later"])
def test_what_is_laxly_framed_is_refused(wire: bytes, before: bytes) -> None:
    """What one reader forgives is where another finds the next request (FAULTS 1)."""
    assert read_chunked(before + wire) is None
    assert read_chunked(before, *bytewise(wire)) is None


@pytest.mark.parametrize("size", [1, 60, 1024, MAX_EXTENSIONS])
def test_extensions_are_bounded_in_sum(size: int) -> None:
    """However many chunks they come with: up to 4 KiB are read over, one byte more is refused."""
    chunks = b"".join(
        b"1;%b\r\na\r\n" % (b"x" * (min(size, MAX_EXTENSIONS - sent) - 1))
        for sent in range(0, MAX_EXTENSIONS, size)
    )
    assert read_chunked(chunks + b"0\r\n\r\n") == (
        b"a" * -(-MAX_EXTENSIONS // size), b"", [], True,
    )  # fmt: skip
    assert read_chunked(chunks + b"0;\r\n\r\n") is None
    assert read_chunked(chunks + b"1;\r\na\r\n0\r\n\r\n") is None


ENDLESS = [
    b"1;" + b"x" * 5000,
    b"0" * 5000,
    b"0\r\nX: " + b"x" * MAX_TRAILERS,
    b"1\r\na" + b"x" * 9,
]


@pytest.mark.parametrize("wire", ENDLESS, ids=lambda wire: repr(wire[:9]))
def test_a_line_without_an_end_is_refused_before_it_ends(wire: bytes) -> None:
    """Nobody's unfinished line is kept for ever."""
    assert read_chunked(wire) is None
    assert read_chunked(*bytewise(wire)) is None


def test_trailers_are_kept_as_they_came() -> None:
    """Which of them may go on is decided elsewhere."""
    wire = b"1\r\na\r\n0\r\nX-Sum: 1\r\nhost:  x \r\nX:\r\n\r\nGET / HTTP/1.1"
    expected = (b"a", b"GET / HTTP/1.1", [b"X-Sum: 1", b"host:  x ", b"X:"], True)
    assert read_chunked(wire) == expected
    assert read_chunked(*bytewise(wire)) == expected


def with_trailers(*lines: bytes) -> Read | None:
    """A body that has them."""
    return read_chunked(last_chunk(b"".join(line + b"\r\n" for line in lines)))


def test_trailers_are_bounded_in_number() -> None:
    """Up to a hundred."""
    lines = [b"X:"] * MOST_TRAILERS
    assert with_trailers(*lines) == (b"", b"", lines, True)
    assert with_trailers(*lines, b"X:") is None


@pytest.mark.parametrize("count", [1, 2, 64])
def test_trailers_are_bounded_in_bytes(count: int) -> None:
    """In sum, however many lines they are."""
    lines = [b"X:" + b"x" * (MAX_TRAILERS // count - 2)] * count
    assert with_trailers(*lines) == (b"", b"", lines, True)
    assert with_trailers(*lines[1:], lines[0] + b"x") is None


pieces = st.sampled_from(
    [b"0\r\n", b"\r\n", b"1\r\na\r\n", b"3;x=y\r\n\r\n0\r\n", b"A\r\n0123456789\r\n", b"X: y\r\n",
     b"0\r\n\r\n", b"\r", b"\n", b"5", b";", b" ", b"x", b"GET / HTTP/1.1\r\n\r\n"]
)  # fmt: skip
wires = st.lists(pieces | st.binary(max_size=3), max_size=9).map(b"".join)
bodies = st.lists(st.sampled_from([b"1\r\na\r\n", b"3;x\r\n\r\n0\r\n"]), max_size=4).map(b"".join)
ends = st.sampled_from(
    [b"", b"0\r\n\r\n", b"0\r\nX: y\r\nz:\r\n\r\n", b"0\r\nX: y\r\n\r\n0\r\n\r\n"]
)
cuts = st.lists(st.integers(0, 99), max_size=9)


def cut(wire: bytes, places: list[int]) -> list[bytes]:
    """*wire* in parts, some of them empty."""
    at = sorted(min(place, len(wire)) for place in places)
    return [wire[a:b] for a, b in zip([0, *at], [*at, len(wire)], strict=True)]


@given(wires | st.builds(bytes.__add__, bodies, ends), cuts)
@example(b"1\r\na\r\n0\r\nX: y\r\n\r\nrest", [2, 5, 6, 8, 9, 16])
def test_a_chunked_body_is_the_same_however_it_was_cut(wire: bytes, places: list[int]) -> None:
    """Body, rest, trailers and end, or the refusal: packets are nobody's frames."""
    assert read_chunked(*cut(wire, places)) == read_chunked(wire)


@given(st.binary(max_size=40), st.integers(0, 50), cuts)
def test_a_counted_body_is_the_same_however_it_was_cut(
    wire: bytes, length: int, places: list[int]
) -> None:
    """So many bytes, and the rest behind them."""
    expected = (wire[:length], wire[length:], [], len(wire) >= length)
    assert read(Counted(length), *cut(wire, places)) == expected


@given(st.binary(max_size=40), cuts)
def test_a_body_until_the_end_of_the_connection_takes_all(wire: bytes, places: list[int]) -> None:
    """No byte tells its end."""
    assert read(UntilClosed(), *cut(wire, places)) == (wire, b"", [], False)


@given(st.lists(st.binary(max_size=20), max_size=6), st.sampled_from([[], [b"X: y", b"z:"]]), cuts)
def test_what_we_write_is_what_we_read(
    parts: list[bytes], trailers: list[bytes], places: list[int]
) -> None:
    """An empty part is no chunk: it would be the end."""
    end = last_chunk(b"".join(line + b"\r\n" for line in trailers))
    wire = b"".join(map(as_chunk, parts)) + end
    assert read_chunked(*cut(wire, places)) == (b"".join(parts), b"", trailers, True)

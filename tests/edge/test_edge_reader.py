"""An answer read out of bytes alone: the same in one piece as byte by byte."""

import pytest

from router.edge.upstream.reader import AnswerReader

OK = b"HTTP/1.1 200 OK\r\n"
FIVE = OK + b"Content-Length: 5\r\n\r\nhello"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX-T: 1\r\n\r\n"
INTERIM = b"HTTP/1.1 103 Early Hints\r\n\r\n"
SWITCH = b"HTTP/1.1 101 Switching\r\nUpgrade: w\r\nConnection: Upgrade\r\n\r\n"

WAYS = pytest.mark.parametrize("size", [1, 7, 10_000])


def read(data: bytes, size: int, *, method: str = "GET", upgrade: bool = False) -> AnswerReader:
    """A reader that was fed *data* in pieces of *size*, as long as it expected any."""
    reader = AnswerReader()
    reader.begin(method, upgrade)
    for at in range(0, len(data), size):
        if reader.expects and not reader.broken:
            reader.feed(data[at : at + size])
    return reader


@WAYS
@pytest.mark.parametrize(
    ("data", "body"),
    [
        (FIVE, b"hello"),
        (INTERIM + INTERIM + FIVE, b"hello"),
        (CHUNKED, b"hello"),
        (OK + b"Content-Length: 0\r\n\r\n", b""),
        (b"HTTP/1.1 204 No Content\r\n\r\n", b""),
    ],
    ids=["length", "behind interim ones", "chunks", "empty", "none"],
)
def test_an_answer_that_ends_by_itself_leaves_the_way_clean(
    data: bytes, body: bytes, size: int
) -> None:
    """Once its body was taken."""
    reader = read(data, size)
    assert (reader.complete, reader.broken) == (True, False)
    assert len(reader.interim) == data.count(INTERIM)
    assert reader.buffered == len(body)
    assert reader.is_clean is not bool(body)
    assert reader.take() == body
    assert (reader.buffered, reader.take()) == (0, b"")
    assert reader.is_clean
    assert reader.trailers == ([b"X-T: 1"] if data is CHUNKED else [])


@WAYS
def test_an_answer_without_length_ends_with_its_connection(size: int) -> None:
    """And nothing can follow it."""
    reader = read(OK + b"\r\nhello", size)
    assert not reader.complete
    assert reader.end()
    assert (reader.complete, reader.take(), reader.is_clean) == (True, b"hello", False)
    assert not reader.end()


@pytest.mark.parametrize("data", [b"", OK, FIVE[:-1], CHUNKED[:-1]])
def test_what_breaks_off_has_no_end(data: bytes) -> None:
    """Whatever had come of it."""
    reader = read(data, 10_000)
    assert not reader.end()
    assert not reader.complete


@WAYS
@pytest.mark.parametrize(
    "data",
    [
        b"SSH-2.0-OpenSSH\r\n",
        OK + b"Bare: 1\n",
        OK + b"Content-Length: 5, 5\r\n\r\nhello",
        OK + b"Transfer-Encoding: chunked\r\n\r\nfive\r\n",
        INTERIM * 33 + FIVE,
        SWITCH,
    ],
    ids=["no HTTP", "half a line end", "two lengths", "no chunk", "interim", "unasked"],
)
def test_what_is_no_answer_is_broken(data: bytes, size: int) -> None:
    """As soon as that is sure, and for good."""
    reader = read(data, size)
    assert (reader.broken, reader.complete, reader.is_clean) == (True, False, False)


def test_a_head_without_end_is_broken() -> None:
    """It is not kept in full."""
    assert read(OK + b"X: " + b"x" * 70_000, 1000).broken


def test_more_than_the_answer_leaves_the_way_unclean() -> None:
    """What came behind it may be anything."""
    for more in (FIVE + b"H", CHUNKED + b"H", b"HTTP/1.1 204 No Content\r\n\r\nH"):
        reader = read(more, 10_000)
        reader.take()
        assert (reader.complete, reader.is_clean) == (True, False)


def test_what_is_not_read_of_a_head_request_is_no_body() -> None:
    """Its length is that of another answer."""
    reader = read(OK + b"Content-Length: 5\r\n\r\n", 10_000, method="HEAD")
    assert (reader.complete, reader.is_clean, reader.take()) == (True, True, b"")


@WAYS
def test_behind_another_protocol_all_is_handed_on(size: int) -> None:
    """Where the request had asked for it; what was a tunnel carries no further answer."""
    reader = read(SWITCH + b"\x00\r\n\r\n", size, upgrade=True)
    assert (reader.switched, reader.complete, reader.take()) == (True, False, b"\x00\r\n\r\n")
    reader.complete = True
    assert not reader.is_clean


@pytest.mark.parametrize(("most", "kept"), [(3, b"hell"), (5, b"hello"), (9, b"hello")])
def test_a_copy_has_a_byte_more_if_it_is_cut(most: int, kept: bytes) -> None:
    """Whether the body had come before the copy was asked for, or comes after."""
    reader = read(FIVE[:-2], 1)
    reader.copy(most)
    assert reader.take() == b"hel"
    reader.feed(b"lo")
    assert (reader.take(), reader.copied) == (b"lo", kept)


def test_each_answer_begins_with_a_clean_slate() -> None:
    """Nothing of the one before is seen."""
    reader = read(CHUNKED, 10_000)
    reader.copy(5)
    reader.take()
    reader.begin("GET", False)
    assert (reader.head, reader.complete, reader.started) == (None, False, False)
    assert (reader.copied, reader.trailers, reader.expects) == (b"", [], True)
    reader.feed(FIVE)
    assert (reader.take(), reader.is_clean) == (b"hello", True)

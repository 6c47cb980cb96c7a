"""What fuzzing found worth keeping, played again: every input, by every property of its target."""

import time

import pytest

from dev.fuzz import corpus, strict
from dev.fuzz.cutting import cuts
from dev.fuzz.reaching import all_steps, fewest
from dev.fuzz.targets import TARGETS

SLOWEST_S = 2.0
MOST_FILES, MOST_BYTES = 500, 2**20


@pytest.mark.parametrize("name", TARGETS)
def test_what_was_found_holds(name: str) -> None:
    """The kept inputs and those to begin with; none takes long."""
    target = TARGETS[name]
    kept = corpus.kept(name)
    assert kept, "nothing was kept: run `make fuzz`"
    for data in [*target.seeds, *kept]:
        began = time.perf_counter()
        target.check(data)
        assert time.perf_counter() - began < SLOWEST_S, data


@pytest.mark.parametrize("name", TARGETS)
def test_what_is_kept_reaches_more_than_the_beginnings(name: str) -> None:
    """Or it would not be worth its place."""
    target = TARGETS[name]
    begun = all_steps(target.check, target.seeds)
    assert all_steps(target.check, [*target.seeds, *corpus.kept(name)]) > begun


def test_it_is_small() -> None:
    """A file a target, that can be read and reviewed."""
    files = list(corpus.FOLDER.iterdir())
    assert {file.stem for file in files} == set(TARGETS)
    assert sum(file.stat().st_size for file in files) < MOST_BYTES


@pytest.mark.parametrize("data", [b"", b"\x00\xff\r\n", bytes(range(256)), b"\\n\\\\", b"plain"])
def test_a_line_gives_its_input_back(data: bytes, tmp_path) -> None:
    """Whatever its bytes."""
    corpus.keep("one", [data, b"x" + data], tmp_path)
    assert corpus.kept("one", tmp_path) == [data, b"x" + data]


def test_only_what_reaches_something_new_is_kept() -> None:
    """The shortest of those that reach the same."""
    paths = TARGETS["paths"]
    inputs = [b"/fitness/wod", b"/a", b"/fitness/wod?x", b"/b", b"#"]
    assert fewest(paths.check, inputs) == [b"#", b"/a", b"/fitness/wod"]


@pytest.mark.parametrize("size", [0, 1, 5, 1000])
def test_pieces_are_the_whole(size: int) -> None:
    """However it is cut, and the same way each time."""
    data = bytes(number % 251 for number in range(size))
    ways = list(cuts(data))
    assert all(b"".join(pieces) == data for pieces in ways)
    assert ways == list(cuts(data))


NOT_STRICT = [
    b"GET  / HTTP/1.1\r\n\r\n", b"GET / HTTP/1.1\n\r\n", b"GET / HTTP/1.1\r\nA : b\r\n\r\n",
    b"GET / HTTP/1.1\r\nA: b\r\n c\r\n\r\n", b"GET / HTTP/1.1\r\nA: \x00\r\n\r\n",
    b"GET /\x80 HTTP/1.1\r\n\r\n", b"GET / HTTP/1.2\r\n\r\n", b"GET / HTTP/1.1\r\nA: b\rc\r\n\r\n",
]  # fmt: skip


@pytest.mark.parametrize("raw", NOT_STRICT)
def test_the_second_opinion_is_strict(raw: bytes) -> None:
    """Or it would agree with anything."""
    with pytest.raises(strict.NotStrict):
        strict.request(raw)


def test_the_second_opinion_knows_smuggling() -> None:
    """Two lengths, a length beside chunks, and a chunk that is longer than it says."""
    for fields in ([b"1", b"2"], [b"5, 6"], [b"+5"]):
        message = strict.Message([], [(b"Content-Length", value) for value in fields], b"hello")
        with pytest.raises(strict.NotStrict):
            strict.read_body(message)
    both = [(b"Content-Length", b"5"), (b"Transfer-Encoding", b"chunked")]
    for message in (
        strict.Message([], both),
        strict.Message([], both[1:], b"1\r\nab\r\n0\r\n\r\n"),
    ):
        with pytest.raises(strict.NotStrict):
            strict.read_body(message)

"""Where two answers differ: tables of what is found, and what must hold of any two values."""

import gzip
import json
import zlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.core.comparing.book import Verdict
from router.core.comparing.differing import MOST, Kind, Rules, differences, rules_of
from router.core.comparing.judging import Asked, Found, judge
from router.core.comparing.paths import Places, key_step, read_path, told
from router.core.comparing.reading import (
    Answer,
    Seen,
    Text,
    TooLarge,
    Unreadable,
    canonical,
    read_answer,
    value_of,
)
from router.core.comparing.sampling import is_sampled, straddles
from router.core.comparing.showing import shown
from router.core.model import Compare

JSON_BLOCK = b"\r\nContent-Type: application/json; charset=utf-8"
MOST_BYTES = 256 * 1024
DAY = 86_400.0

SCALARS = st.none() | st.booleans() | st.integers() | st.text(max_size=8)
VALUES: st.SearchStrategy[Any] = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4)
    ),
    max_leaves=12,
)
KEYS = st.text(max_size=5)


def rules(*, ignore: str = "", unordered: str = "", tolerance: float = 0.0) -> Rules:
    """Rules as the file would say them."""
    return Rules(Places(ignore.split()), Places(unordered.split()), tolerance)


def found(legacy: Any, candidate: Any, **said: Any) -> list[tuple[str, str]]:
    """Path and kind of each difference between two bodies of a 200."""
    both = (Seen(2, legacy), Seen(2, candidate))
    return [(one.path, str(one.kind)) for one in differences(*both, rules(**said))]


@pytest.mark.parametrize(
    ("legacy", "candidate", "expected"),
    [
        ({"a": 1}, {"a": 1}, []),
        ({"a": 1}, {"a": 2}, [("$.a", "value")]),
        ({"a": 1}, {"a": "1"}, [("$.a", "type")]),
        ({"a": True}, {"a": 1}, [("$.a", "type")]),
        ({"a": None}, {}, [("$.a", "presence")]),
        ({}, {"a": None}, [("$.a", "presence")]),
        ({"a": {"b": [1, 2]}}, {"a": {"b": [1, 3]}}, [("$.a.b[*]", "value")]),
        ([1, 2, 3], [1, 2], [("$[*]", "presence")]),
        ([{"a": 1}, {"a": 1}], [{"a": 2}, {"a": 3}], [("$[*].a", "value")]),
        ([1, 2], [2, 1], [("$[*]", "value")]),
        ({"a.b": 1}, {"a.b": 2}, [('$["a.b"]', "value")]),
        ({"größe": 1}, {"größe": 2}, [('$["größe"]', "value")]),
        ({"\udce4\x1b[0m": 1}, {}, [('$["\\udce4\\u001b[0m"]', "presence")]),
        (Text("a"), "a", [("$", "type")]),
        (Text("a"), Text("b"), [("$", "value")]),
        (1, [1], [("$", "type")]),
    ],
)
def test_what_is_found(legacy: Any, candidate: Any, expected: list[tuple[str, str]]) -> None:
    """Type before presence before value, and each path once."""
    assert found(legacy, candidate) == expected


@pytest.mark.parametrize(
    ("said", "legacy", "candidate", "expected"),
    [
        ({"ignore": "at"}, {"at": 1, "a": 1}, {"at": 2, "a": 1}, []),
        ({"ignore": "$.at"}, {"at": {"x": 1}}, {}, []),
        ({"ignore": "a[*].at"}, {"a": [{"at": 1, "b": 1}]}, {"a": [{"b": 2}]}, ["$.a[*].b"]),
        ({"ignore": "*.at"}, {"u": {"at": 1}, "at": 1}, {"u": {"at": 2}, "at": 2}, ["$.at"]),
        ({"ignore": "*"}, {"u": 1, "v v": 2}, {}, []),
        ({"ignore": "*"}, [1], [2], ["$[*]"]),
        ({"ignore": '["a.b"]'}, {"a.b": 1}, {"a.b": 2}, []),
        ({"ignore": '["*"]'}, {"*": 1, "b": 1}, {"*": 2, "b": 2}, ["$.b"]),
        ({"tolerance": 0.01}, {"a": 0.3}, {"a": 0.1 + 0.2}, []),
        ({"tolerance": 0.5}, {"a": 20}, {"a": 20.5}, []),
        ({"tolerance": 0.5}, {"a": 20}, {"a": 20.51}, ["$.a"]),
        ({"tolerance": 0.5}, {"a": 10**400}, {"a": 1}, ["$.a"]),
        ({"unordered": "$"}, [1, 2], [2, 1], []),
        ({"unordered": "a"}, {"a": [1, 2, 2]}, {"a": [2, 1, 2]}, []),
        ({"unordered": "a"}, {"a": [1, 2, 2]}, {"a": [2, 1, 1]}, ["$.a[*]"]),
        ({"unordered": "a"}, {"a": [{"i": 1, "w": 5}, {"i": 2}]},
         {"a": [{"i": 2}, {"i": 1}]}, ["$.a[*].w"]),
        ({"unordered": "a", "ignore": "a[*].t"}, {"a": [{"i": 1, "t": 1}, {"i": 2, "t": 2}]},
         {"a": [{"i": 2, "t": 3}, {"i": 1, "t": 4}]}, []),
        ({"unordered": "a a[*].b"}, {"a": [{"b": [1, 2]}, {"b": [3]}]},
         {"a": [{"b": [3]}, {"b": [2, 1]}]}, []),
        ({"unordered": "a", "tolerance": 0.1}, {"a": [1, 2]}, {"a": [2.05, 0.95]}, []),
    ],
)  # fmt: skip
def test_what_the_file_lets_pass(
    said: dict[str, Any], legacy: Any, candidate: Any, expected: list[str]
) -> None:
    """Ignored paths with all below them, numbers that are near, arrays in any order."""
    legacy, candidate = (value_of(json.dumps(one).encode()) for one in (legacy, candidate))
    assert [path for path, _ in found(legacy, candidate, **said)] == expected


def test_another_class_of_status_is_all_that_is_told() -> None:
    """200 and 404 mean different things by their bodies."""
    [one] = differences(Seen(2, {"a": 1}), Seen(4, {"b": 1}), rules())
    assert (one.path, one.kind, one.legacy, one.candidate) == ("status", Kind.STATUS, "2xx", "4xx")


def test_answers_that_share_nothing_are_not_told_to_the_end() -> None:
    """The work and the page are bounded."""
    legacy, candidate = ({f"k{n}": turn for n in range(1000)} for turn in (1, 2))
    assert len(found(legacy, candidate)) == MOST


@given(VALUES)
def test_a_value_does_not_differ_from_itself(value: Any) -> None:
    """Whatever it is, also read anew from any spelling of it."""
    again = value_of(json.dumps(value, indent=1).encode())
    assert found(value_of(json.dumps(value).encode()), again) == []


@given(VALUES, VALUES)
def test_two_values_differ_where_their_canonical_texts_do(legacy: Any, candidate: Any) -> None:
    """Nothing is passed over, and nothing made up."""
    assert bool(found(legacy, candidate)) == (canonical(legacy) != canonical(candidate))


@given(VALUES, VALUES)
def test_it_does_not_matter_which_side_is_legacy(legacy: Any, candidate: Any) -> None:
    """The same paths, in the same ways."""
    assert sorted(found(legacy, candidate)) == sorted(found(candidate, legacy))


@given(VALUES, VALUES)
def test_what_is_ignored_is_never_told(legacy: Any, candidate: Any) -> None:
    """Each path that was found can be said in the file, and is then found no more."""
    for path, _ in found(legacy, candidate):
        if path not in {"$", "status"}:
            both = (Seen(2, legacy), Seen(2, candidate))
            left = differences(*both, Rules(Places([path]), Places([]), 0.0))
            assert path not in {one.path for one in left}


@given(
    st.lists(SCALARS, max_size=8).flatmap(
        lambda many: st.tuples(st.just(many), st.permutations(many))
    )
)
def test_order_is_nothing_where_the_file_says_so(both: tuple[list[Any], list[Any]]) -> None:
    """Any order of the same elements."""
    assert found({"a": both[0]}, {"a": both[1]}, unordered="a") == []


@given(st.lists(KEYS, min_size=1, max_size=2))
def test_a_path_is_read_as_it_is_told(keys: list[str]) -> None:
    """Whatever the keys are, as long as they are not so long that they are cut."""
    path = tuple(key_step(key) for key in keys)
    assert read_path(told(path)) == path


@pytest.mark.parametrize(
    "text", ["", "$", "a b", "a..b", "a[0]", "a[", '["a]', ".", "a.", "[*", "ä"]
)
def test_what_is_no_path_is_refused(text: str) -> None:
    """With words for who wrote it."""
    with pytest.raises(ValueError, match="is no path"):
        read_path(text)


@pytest.mark.parametrize(
    ("block", "body", "value"),
    [
        (JSON_BLOCK, b'{"a": 1.0, "b": [1e0]}', {"a": 1, "b": [1]}),
        (b"\r\ncontent-type: application/problem+json", b"{}", {}),
        (b"\r\nContent-Type: text/html", b"{}", Text("{}")),
        (b"", b"\xff", Text("\xff")),
        (JSON_BLOCK, b'{"a": 1, "a": 2}', Text('{"a": 1, "a": 2}')),
        (JSON_BLOCK, b"{'a': NaN}", Text("{'a': NaN}")),
        (JSON_BLOCK, b"1" * 5000, float("inf")),
        (JSON_BLOCK + b"\r\nContent-Encoding: gzip", gzip.compress(b"[1]", mtime=0), [1]),
        (JSON_BLOCK + b"\r\nContent-Encoding: deflate", zlib.compress(b"[1]"), [1]),
    ],
)
def test_how_a_body_is_read(block: bytes, body: bytes, value: Any) -> None:
    """JSON where the answer says so, and what is broken or no JSON as the text that it is."""
    read = read_answer(Answer(200, block, body), MOST_BYTES).value
    assert read == value
    assert type(read) is type(value)


@pytest.mark.parametrize(
    ("block", "body", "why"),
    [
        (JSON_BLOCK, b"x" * 300, TooLarge),
        (
            JSON_BLOCK + b"\r\nContent-Encoding: gzip",
            gzip.compress(b"0" * 10**6, mtime=0),
            TooLarge,
        ),
        (JSON_BLOCK + b"\r\nContent-Encoding: br", b"x", Unreadable),
        (JSON_BLOCK + b"\r\nContent-Encoding: gzip", b"x", Unreadable),
        (JSON_BLOCK, b"[" * 256, None),
    ],
)
def test_what_is_not_read(block: bytes, body: bytes, why: type[Exception] | None) -> None:
    """A bomb is not inflated, and an unknown coding says nothing about the answer."""
    if why is None:
        assert isinstance(read_answer(Answer(200, block, body), 256).value, Text)
        return
    with pytest.raises(why):
        read_answer(Answer(200, block, body), 256)


def test_redacted_values_tell_no_data() -> None:
    """Type and length; the value itself only where the file asks for it."""
    legacy, candidate = Seen(2, {"a": "alice", "b": 1}), Seen(2, {"a": [1, 2]})
    text, gone = differences(legacy, candidate, rules())
    assert shown(text, values=False)["legacy"] == "string of 5"
    assert shown(text, values=False)["candidate"] == "array of 2"
    assert shown(gone, values=False) == {
        "path": "$.b", "kind": "presence", "legacy": "number", "candidate": "absent",
    }  # fmt: skip
    assert shown(text, values=True)["legacy"] == '"alice"'
    assert shown(gone, values=True)["candidate"] == "absent"


@given(VALUES, VALUES)
def test_whatever_is_shown_is_fit_for_a_terminal(legacy: Any, candidate: Any) -> None:
    """No controls, no half characters, and never at length."""
    for one in differences(Seen(2, legacy), Seen(2, candidate), rules()):
        for text in shown(one, values=True).values():
            assert text.isprintable()
            assert len(text) <= 200


@pytest.mark.parametrize(
    ("began", "ended", "expected"),
    [(0.0, DAY - 1, False), (DAY - 1, DAY, True), (DAY, DAY + 3, False), (DAY - 1, 3 * DAY, True)],
)
def test_pairs_that_straddle_a_date(began: float, ended: float, expected: bool) -> None:
    """UTC, as the workout of the day has it."""
    assert straddles(began, ended) is expected


@given(st.floats(0, 100), st.floats(0, 1, exclude_max=True))
def test_sampling_is_a_share(sample: float, chance: float) -> None:
    """Nothing at 0, everything at 100, and more per cent only adds."""
    assert not is_sampled(0, chance)
    assert is_sampled(100, chance)
    assert is_sampled(sample, chance) <= is_sampled(min(100.0, sample + 1), chance)


OK = Answer(200, JSON_BLOCK, b'{"a": 1}')
OTHER = Answer(200, JSON_BLOCK, b'{"a": 2}')
DEEP = Answer(200, JSON_BLOCK, b"[" * 100_000 + b"]" * 100_000)
CODED = Answer(200, JSON_BLOCK + b"\r\nContent-Encoding: zstd", b"x")


@pytest.mark.parametrize(
    ("legacy", "candidate", "again", "expected"),
    [
        (OK, OK, None, ([], None)),
        (OK, OTHER, None, (["$.a"], None)),
        (OK, OK, OTHER, ([], ["$.a"])),
        (OK, None, None, Verdict.UNANSWERED),
        (None, OK, OK, Verdict.UNANSWERED),
        (OK, DEEP, None, Verdict.UNREADABLE),
        (OK, CODED, None, Verdict.UNREADABLE),
        (OK, Answer(200, JSON_BLOCK, b"0" * (MOST_BYTES + 1)), None, Verdict.TOO_LARGE),
    ],
)
def test_what_comes_of_an_exchange(
    legacy: Answer | None, candidate: Answer | None, again: Answer | None, expected: Any
) -> None:
    """Differences, or why they cannot be known; but for the date the same in every case."""
    result = judge(Asked(legacy, candidate, again, 5.0, 6.0), Compare())
    if isinstance(result, Found):
        control = None if result.control is None else [one.path for one in result.control]
        assert ([one.path for one in result.pair], control) == expected
    else:
        assert result is expected
    assert judge(Asked(legacy, candidate, again, DAY - 1, DAY), Compare()) is Verdict.DATE


@given(st.binary(max_size=64), st.binary(max_size=64))
def test_any_bytes_can_be_judged(legacy: bytes, candidate: bytes) -> None:
    """What the upstreams send is theirs: nothing of it is an error of ours."""
    old, new = (Answer(200, JSON_BLOCK, one) for one in (legacy, candidate))
    result = judge(Asked(old, new, None, 0.0, 0.0), Compare())
    assert isinstance(result, Found)
    assert legacy != candidate or not result.pair


def test_rules_are_those_of_the_file() -> None:
    """Read once for each set of them."""
    compare = Compare(ignore=("a",), unordered=("b",), tolerance=0.5)
    assert rules_of(compare) is rules_of(Compare(ignore=("a",), unordered=("b",), tolerance=0.5))
    assert ((".a",) in rules_of(compare).ignore, (".b",) in rules_of(compare).unordered) == (1, 1)

"""YAML's traps, encodings and sizes: what cannot be trusted is refused where it stands."""

import pytest

from router.config.complaints import ConfigError
from router.config.loading import load
from router.config.scalars import resolve
from router.config.text import MAX_FILE
from tests.config.files import SHIPPED, problems, with_line, with_percent

UNREADABLE = [
    (b"", "1:1: the file is empty"),
    (b"\xef\xbb\xbf", "1:1: the file is empty"),
    (b"   \n\n# only a remark\n", "1:1: the file is empty"),
    (b"---\n", "1:1: the file is empty"),
    (b"null\n", "1:1: the file is empty"),
    (b"- a\n- b\n", "1:1: the file must be a mapping (`key: value` lines)"),
    (b"words", "1:1: the file must be a mapping (`key: value` lines)"),
    (b"a: caf\xe9\n", "1:7: byte 0xe9 is not UTF-8; save the file as UTF-8"),
    (b"\xef\xbb\xbfa: b\nc: \xe9\n", "2:4: byte 0xe9 is not UTF-8; save the file as UTF-8"),
    ("a: b".encode("utf-16"), "1:1: byte 0xff is not UTF-8; save the file as UTF-8"),
    (b"a: b\x00\n", "1:5: a control character (U+0000) is not taken"),
    (b"x" * (MAX_FILE + 1), "1:1: the file is larger than 1048576 bytes"),
    (b"a: b\n---\nc: d\n", "2:1: a second document (`---`) begins"),
    (
        b"a:\n\tb: c\n",
        "2:1: not valid YAML: found character that cannot start any token"
        " (indent with spaces, not tabs; quote @ and `)",
    ),
    (b"a: b: c\n", "1:5: not valid YAML: mapping values are not allowed in this context"),
    (
        b"a: 'b\n",
        "2:1: not valid YAML: found unexpected end of stream"
        " (while scanning a quoted scalar, which begins in line 1)",
    ),
    (b"[" * 100_000, "1:18: [0]: is nested deeper than 16 levels"),
    (b"a: " + b"{a: " * 20, "1:65: a: is nested deeper than 16 levels"),
]


@pytest.mark.parametrize(("content", "problem"), UNREADABLE, ids=range(len(UNREADABLE)))
def test_what_is_no_tree_of_text_is_refused(content: bytes, problem: str) -> None:
    """A file that cannot be read as one mapping has one problem, which says why."""
    assert problems(content) == [problem]


DOUBTFUL = [
    ("012", "begins with a zero, which some YAML tools read as octal; drop it, or use quotes"),
    ("12:30", "is read as a number in base 60 by some YAML tools; put it in quotes"),
    ("2026-11-23", "is read as a date by some YAML tools; put it in quotes"),
    ("1e3", "is a number in an unusual form; write it out, or put it in quotes"),
    ("1_000", "is a number in an unusual form; write it out, or put it in quotes"),
    ("0x1F", "is a number in an unusual form; write it out, or put it in quotes"),
    (".inf", "is a number in an unusual form; write it out, or put it in quotes"),
    ("+5", "is a number in an unusual form; write it out, or put it in quotes"),
    ("~", "is empty; give it a value or leave the key out"),
    (
        "99.9999999999999999",
        "has more digits than can be kept; shorten it, or put it in quotes",
    ),
]


@pytest.mark.parametrize(("word", "words"), DOUBTFUL)
def test_doubtful_words_are_refused_once(word: str, words: str) -> None:
    """A word that two YAML readers take for different things is one problem, not two."""
    assert problems(with_percent(f"    percent: {word}")) == [
        f'14:14: routes.wod.percent: "{word}" {words}'
    ]


@pytest.mark.parametrize("word", ["on", "No", "TRUE"])
def test_words_that_could_be_true_or_false_are_refused(word: str) -> None:
    """Also as text, where nothing else is wrong with them."""
    words = "is read as true or false by some YAML tools; write true or false, or use quotes"
    assert problems(with_percent(f"    salt: {word}")) == [
        f'14:11: routes.wod.salt: "{word}" {words}'
    ]


@pytest.mark.parametrize("word", ["on", "012", "12:30", "1e3", "~", "y", "null", "0x1F"])
def test_quotes_make_any_word_text(word: str) -> None:
    """What is doubtful bare is plain text in quotes."""
    assert problems(with_percent(f'    salt: "{word}"')) == []


@pytest.mark.parametrize("text", ["wod", "a b", "5xx", "1.2.3", "10MiB", "no-one", "-", "12:99"])
def test_ordinary_words_are_text(text: str) -> None:
    """Words that no reader takes for anything else need no quotes."""
    assert resolve(text) == (text, None)


TRICKS = [
    (
        "percent: *ten",
        ["14:14: routes.wod.percent: " + "anchors (&) and aliases (*) are not taken; write it out"],
    ),
    (
        "percent: &ten 10",
        ["14:14: routes.wod.percent: " + "anchors (&) and aliases (*) are not taken; write it out"],
    ),
    (
        "percent: !!float 10",
        ["14:14: routes.wod.percent: the tag tag:yaml.org,2002:float is not taken; leave it out"],
    ),
    (
        "percent: !percent 10",
        ["14:14: routes.wod.percent: the tag !percent is not taken; leave it out"],
    ),
    ("<<: {percent: 10}", ["14:5: routes.wod: merge keys (<<) are not taken; write it out"]),
    ("? [percent]\n    : 10", ["14:7: routes.wod: a key must be text"]),
    ("12: 10", ["14:5: routes.wod: a key must be text"]),
    (
        "percent: 10\n    percent: 20",
        ["15:5: routes.wod.percent: is written twice (first in line 14)"],
    ),
    ("percent:", ["14:13: routes.wod.percent: is empty; give it a value or leave the key out"]),
]


@pytest.mark.parametrize(("line", "expected"), TRICKS)
def test_yaml_tricks_are_refused_where_they_stand(line: str, expected: list[str]) -> None:
    """Aliases, tags, merge keys, odd and doubled keys have a line and a column each."""
    assert problems(with_percent(f"    {line}")) == expected


def test_a_bomb_of_aliases_is_refused_at_once() -> None:
    """A file that would unfold to a billion values is read no further than it is written."""
    levels = [f"l{n}: &l{n} [{', '.join(f'*l{n - 1}' for _ in range(9))}]" for n in range(1, 10)]
    found = problems("\n".join(["l0: &l0 lol", *levels]))
    assert any("anchors (&) and aliases (*) are not taken" in line for line in found)


@pytest.mark.parametrize(
    "variant",
    [
        SHIPPED.encode("utf-8-sig"),
        SHIPPED.replace("\n", "\r\n").encode(),
        SHIPPED.replace("\n", "\r\n").encode("utf-8-sig"),
        SHIPPED.rstrip("\n").encode(),
        b"---\n" + SHIPPED.encode() + b"...\n",
    ],
    ids=["byte order mark", "CRLF", "both", "no last line end", "explicit document"],
)
def test_other_editors_files_are_taken(variant: bytes) -> None:
    """A byte order mark, CRLF and document marks change nothing but the hash."""
    assert load("routes.yaml", variant).routes == load("routes.yaml", SHIPPED.encode()).routes


def test_places_count_characters_after_a_byte_order_mark() -> None:
    """Line and column are what an editor shows, in a file with a mark, CRLF and umlauts."""
    text = with_line("{issuer: fit-api,", "{issuer: 'Übung', isuer: x,").replace("\n", "\r\n")
    assert problems(text.encode("utf-8-sig")) == [
        '6:24: jwt.isuer: unknown key; did you mean "issuer"?'
    ]


def test_every_half_of_the_file_is_judged_without_a_crash() -> None:
    """A file cut off anywhere is valid or has problems; it never raises anything else."""
    for end in range(len(SHIPPED)):
        text = SHIPPED[:end]
        assert problems(text) or "\nroutes:\n  wod:" in text, end


def test_a_file_of_nothing_but_mistakes_is_told_in_bounds() -> None:
    """Thousands of problems are counted, not printed."""
    with pytest.raises(ConfigError) as caught:
        load("x", "".join(f"key{n}: 1\n" for n in range(4000)).encode())
    assert len(caught.value.problems) == 101
    assert str(caught.value.problems[-1]) == "x:98:1: … and 3903 problems more"

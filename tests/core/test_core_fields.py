"""Header lines as bytes: what passes unseen stays as it came, what is no field does not pass."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.core.fields import (
    LONGEST_REMEMBERED,
    MOST_REMEMBERED,
    NO_TRAILERS,
    SECRET,
    Looks,
    drop,
    forwardable_trailers,
    lines_of,
    sift,
    tokens,
    without,
)
from tests.core.blocks import block_of


def note(seen: list[bytes], value: bytes) -> bool:
    """Keep the value of a field that goes on."""
    seen.append(value)
    return True


def looks() -> Looks:
    """Fields called `gone` are dropped, those called `noted` noted; the rest passes unseen."""
    return Looks({b"gone": drop, b"noted": note}.get)


def test_what_passes_unseen_is_not_even_copied() -> None:
    """Most heads have nothing that stays here."""
    block = block_of((b"A", b"1"), (b"b", b""))
    assert sift(block, looks(), []) is block
    assert sift(b"", looks(), []) == b""


def test_what_is_looked_at_is_told_without_its_blanks() -> None:
    """The line itself keeps them."""
    seen: list[bytes] = []
    block = b"\r\nNoted:\t a b \t\r\nnoted:\r\nGONE: x\r\nNOTED:c:d"
    assert sift(block, looks(), seen) == b"\r\nNoted:\t a b \t\r\nnoted:\r\nNOTED:c:d"
    assert seen == [b"a b", b"", b"c:d"]


names = st.sampled_from([b"A", b"gone", b"Noted", b"GONE", b"x_y", b"!#$%&'*+-.^_`|~9"])
values = (
    st.text(st.characters(max_codepoint=255), max_size=9)
    .map(lambda text: bytes(byte for byte in text.encode("latin-1") if byte == 9 or byte >= 32))
    .map(lambda value: value.replace(b"\x7f", b""))
)


@given(st.lists(st.builds(b"%b:%b".__mod__, st.tuples(names, values)), max_size=9))
def test_lines_that_go_on_keep_every_byte(lines: list[bytes]) -> None:
    """Order, case, blanks and odd bytes; only whole lines are taken out."""
    kept = [line for line in lines if not line.lower().startswith(b"gone:")]
    sifted = sift(b"".join(b"\r\n" + line for line in lines), looks(), [])
    assert sifted == b"".join(b"\r\n" + line for line in kept)


NO_FIELDS = [
    b"Foo", b"noted", b"gone", b"", b":", b": x", b" : x", b" folded", b"\tfolded: x", b"A : x",
    b"A\t: x", b"A B: x", b"A\0: x", b"A\x7f: x", b"A\r: x", b"A\n: x", b"\xe9: x", b'"A": x',
    b"A: \0", b"A: x\x1f", b"A: \x7f", b"A: a\rb", b"A: a\nb",
    b"(A): x", b"A,B: x", b"A;B: x", b"A/B: x", b"A=B: x", b"A@B: x", b"A[0]: x", b"{A}: x",
]  # fmt: skip


@pytest.mark.parametrize("line", NO_FIELDS, ids=repr)
@pytest.mark.parametrize("before", [b"", b"\r\nA: 1", b"\r\nnoted: 1\r\ngone: 1"], ids=repr)
@pytest.mark.parametrize("behind", [b"", b"\r\nA: 1"], ids=repr)
def test_a_line_that_is_no_field_is_refused(line: bytes, before: bytes, behind: bytes) -> None:
    """No colon, no name, a name that is no token, a folded line (RFC 9112 5, 5.1, 5.2)."""
    sifting = looks()
    for _ in range(2):  # what was refused once has not become known by it
        with pytest.raises(ValueError, match=r"colon|name|control"):
            sift(before + b"\r\n" + line + behind, sifting, [])


def test_many_lines_make_it_no_larger() -> None:
    """Whoever sends a new line each time only has the others learnt anew."""
    sifting = looks()
    for number in range(3 * MOST_REMEMBERED):
        line = b"\r\nx-%d: 1" % number
        assert sift(line + b"\r\ngone: 1", sifting, []) == line
        assert len(sifting.lines) <= MOST_REMEMBERED


@pytest.mark.parametrize("name", sorted(SECRET))
def test_secrets_are_not_remembered(name: bytes) -> None:
    """Nor what is long, in any spelling."""
    sifting = looks()
    for line in (name + b": a", name.title() + b": a", b"a: " + LONGEST_REMEMBERED * b"a"):
        assert sift(b"\r\n" + line, sifting, []) == b"\r\n" + line
    assert sifting.lines == {}


def test_names_that_are_none_are_not_remembered() -> None:
    """Else they would pass the second time."""
    sifting = looks()
    for line in (b": x", b" : x", b"a b: x", b"a\0: x"):
        with pytest.raises(ValueError, match=r"name|control"):
            sifting.learn(line)
    assert sifting.lines == {}


def test_without() -> None:
    """Whole names in any case, each time that they come."""
    block = block_of((b"A", b"1"), (b"X-Hop", b"2"), (b"x-hop-2", b"3"), (b"X-HOP", b"4"))
    assert without(block, {b"x-hop"}) == block_of((b"A", b"1"), (b"x-hop-2", b"3"))
    assert without(block, {b"a", b"x-hop", b"x-hop-2"}) == b""
    assert without(b"", {b"a"}) == b""


TOKENS = [
    (b"", set()),
    (b" , ,", set()),
    (b"close", {b"close"}),
    (b" Close ,\tX-Hop,x-hop", {b"close", b"x-hop"}),
    (b"a b,c;q=0", {b"a b", b"c;q=0"}),
]


@pytest.mark.parametrize(("value", "members"), TOKENS, ids=[repr(value) for value, _ in TOKENS])
def test_tokens(value: bytes, members: set[bytes]) -> None:
    """The members of a list (RFC 9110 5.6.1): empty ones are none, case says nothing."""
    assert tokens(value) == members


def test_lines_of() -> None:
    """As on the wire."""
    assert lines_of([(b"A", b"1"), (b"b", b"")]) == b"A: 1\r\nb: \r\n"
    assert lines_of([]) == b""


MUST_NOT_COME_LATE = {
    b"content-length", b"transfer-encoding", b"host", b"authorization", b"connection",
    b"set-cookie", b"x-user-id", b"x-forwarded-for",
}  # fmt: skip


def test_what_decides_on_framing_routing_or_identity_is_no_trailer() -> None:
    """RFC 9110 6.5.1."""
    assert MUST_NOT_COME_LATE <= NO_TRAILERS


@pytest.mark.parametrize("name", sorted(NO_TRAILERS))
@pytest.mark.parametrize("spelling", [bytes, bytes.upper, bytes.title])
def test_forbidden_trailers_are_dropped(name: bytes, spelling: type[bytes]) -> None:
    """In any case, and with underscores, which CGI and WSGI cannot tell from dashes."""
    spelled = spelling(name)
    lines = [b"X-Sum: 1", spelled + b": x", spelled.replace(b"-", b"_") + b":x", b"x_sum:2"]
    assert forwardable_trailers(lines) == b"X-Sum: 1\r\nx_sum:2\r\n"

"""Header lines in every legal spelling (RFC 9110 5, RFC 9112 5).

A choice costs more than an exchange does, so lines are spelled out beforehand and drawn whole.
"""

import random
from collections.abc import Sequence
from itertools import product

from hypothesis import strategies as st

Line = bytes
Lines = list[Line]
Spelled = st.SearchStrategy[Line]

TOKEN = b"!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
TEXT = st.characters(min_codepoint=0x20, max_codepoint=0xFF, exclude_characters="\x7f")
"""Visible characters, blanks, and obs-text."""

CASES = [bytes, bytes.lower, bytes.upper]
BLANKS = [(b" ", b""), (b"", b""), (b"  ", b" "), (b"\t", b""), (b"", b" \t "), (b" \t", b"\t")]
NAMES = [
    *(b"Accept", b"Accept-Encoding", b"accept-language", b"Referer", b"Origin"),
    *(b"If-None-Match", b"If-Modified-Since", b"Range", b"Cache-Control", b"X-A", b"x-a", b"0"),
    *(b"Content-Encoding", b"Content-Language", b"Priority", b"Sec-Fetch-Mode", b"If-Match"),
    *(b"X-Requested-With", b"tracestate", b"Early-Data", b"Trailer", b"X-User", b"X-Forwarded"),
    *(b"From", b"DNT", b"__", b"~", TOKEN, b"X-" + b"long-" * 100),
]
VALUES = [
    *(b"", b"*/*", b"gzip, br;q=0.5", b'"a, \\"b"', b"a\tb", b"\xe4\xf6 \xff", b",", b":"),
    b"x" * 4000,
]

texts = st.text(TEXT, max_size=40).map(lambda text: text.encode("latin-1").strip(b" \t"))
shuffles = st.integers(0, 999).map(random.Random)


def spelled(*fields: str) -> Spelled:
    """One of *fields*, in one of its spellings."""
    written = []
    for field, case, (before, behind) in product(fields, CASES, BLANKS):
        name, _, value = field.encode("latin-1").partition(b": ")
        written.append(case(name) + b":" + before + value + behind)
    return st.sampled_from(written)


def joined(name: bytes, case: int, value: bytes, blanks: tuple[bytes, bytes]) -> Line:
    """A field with blanks around its value."""
    return CASES[case](name) + b":" + blanks[0] + value + blanks[1]


end_to_end = st.builds(
    joined,
    st.sampled_from(NAMES),
    st.integers(0, len(CASES) - 1),
    st.one_of(texts, st.sampled_from(VALUES)),
    st.sampled_from(BLANKS),
)
"""A field that means nothing to a proxy."""

few_lines = st.lists(end_to_end, max_size=6)
OPTION_LISTS = [b", ", b",", b" ,\t", b", ,"]
option_lists = st.sampled_from([*OPTION_LISTS, None])


def connection(draw: st.DrawFn, lines: Lines, options: Sequence[bytes]) -> Lines:
    """`Connection` with *options* and perhaps the name of one of *lines*, on one line or more."""
    members = list(options)
    if lines and draw(st.booleans()):
        members.append(lines[0].partition(b":")[0])
    if not members:
        return []
    joint = draw(option_lists)
    if joint is None:
        return [b"Connection: " + one for one in members]
    return [b"connection:" + joint.join(members)]

"""Strategies for bodies: of every size that matters to a buffer, in chunks of every size."""

from dataclasses import dataclass

from hypothesis import strategies as st

from tests.differential.lines import Line, end_to_end, spelled

PATTERN = bytes(range(256)) * 1024
SAID_CHUNKED = [
    *(b"Transfer-Encoding: chunked", b"transfer-encoding:Chunked", b"TRANSFER-ENCODING:  chunked"),
]
"""No tab, no blank behind: legal, but the client side's parser is stricter there (FAULTS 1)."""

contents = st.one_of(
    st.binary(max_size=60),
    st.integers(0, 3000).map(lambda size: PATTERN[7 : 7 + size]),
    st.sampled_from([4096, 65_535, 65_536, 65_537, 150_000]).map(lambda size: PATTERN[:size]),
)
lengths = st.sampled_from([b"Content-Length: %d", b"content-length:%d", b"Content-Length:\t00%d "])
sizes = st.sampled_from(
    [b"%x", b"%X", b"00%x", b"%x;", b"%x;a", b"%x; a=b", b'%x;a="b\xe4;c"', b"%x;" + b"x" * 600]
)
trailer_lines = st.one_of(
    st.just([]),
    st.lists(
        st.one_of(
            end_to_end,
            spelled("ETag: a", "Server-Timing: db;dur=53", "Digest: sha-256=x"),
            spelled("X-Sum: \xe4", "x_sum: 1"),
            spelled("Content-Length: 5", "Transfer-Encoding: chunked", "Host: evil.example"),
            spelled("Authorization: x", "X-User-Id: admin", "x_forwarded_for: 10.0.0.1"),
            spelled("Set-Cookie: a=b", "Connection: x", "Trailer: x", "Cookie: a=b"),
        ),
        max_size=3,
    ),
)
cuts = st.lists(st.integers(0, 200), max_size=4)


@dataclass(frozen=True, slots=True)
class Body:
    """A body on the wire, and the line that announces it."""

    announced: Line | None = None
    wire: bytes = b""


NO_BODY = Body()


@st.composite
def counted(draw: st.DrawFn) -> Body:
    """A body with a length."""
    content = draw(contents)
    return Body(draw(lengths) % len(content), content)


@st.composite
def chunked(draw: st.DrawFn) -> Body:
    """A chunked body: chunks of any size, sizes in any spelling, extensions, trailers."""
    content = draw(contents)
    ends = sorted({*(cut * len(content) // 200 for cut in draw(cuts)), len(content)} - {0})
    wire = b""
    for start, end in zip([0, *ends], ends, strict=False):
        wire += draw(sizes) % (end - start) + b"\r\n" + content[start:end] + b"\r\n"
    wire += draw(sizes) % 0 + b"\r\n"
    wire += b"".join([line + b"\r\n" for line in draw(trailer_lines)])
    return Body(draw(st.sampled_from(SAID_CHUNKED)), wire + b"\r\n")


any_counted, any_chunked = counted(), chunked()

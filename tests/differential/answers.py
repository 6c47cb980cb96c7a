"""Strategies for valid answers, which become an answer to this request or that."""

from dataclasses import dataclass
from itertools import chain

from hypothesis import strategies as st

from tests.differential.bodies import NO_BODY, Body, any_chunked, any_counted, contents
from tests.differential.lines import Lines, connection, few_lines, shuffles, spelled, texts
from tests.differential.reading import BODILESS
from tests.differential.requests import Request

STATUSES = [
    *(200, 200, 200, 201, 202, 203, 206, 207, 226, 204, 304, 300, 301, 302, 303, 307, 308),
    *(400, 401, 403, 404, 405, 407, 409, 410, 412, 416, 418, 422, 426, 429, 451, 499),
    *(500, 501, 502, 503, 504, 505, 511, 599),
]
INTERIM = [100, 102, 103, 103, 199]

statuses = st.sampled_from(STATUSES)
versions = st.sampled_from([b"1.1", b"1.1", b"1.1", b"1.0"])
reasons = st.one_of(st.sampled_from([b"OK", b"", b"\xe4 \xff"]), texts)
options = st.sampled_from(
    [*[[]] * 4, [b"keep-alive"], [b"close"], [b"Upgrade"], [b"x-sum", b"X_SUM"]]
)
known_lines = st.lists(
    st.one_of(
        spelled("Set-Cookie: a=b; Path=/", "Set-Cookie: c=d", "Set-Cookie: e=\xe4"),
        spelled("Server: x", "Age: 1", "Via: 1.1 coach", "X-User-Id: a", "Warning: 299 - x"),
        spelled("Content-Type: text/event-stream", "Content-Type: application/json"),
        spelled("Content-Encoding: gzip", 'ETag: W/"a"', "Vary: *", "Location: /else?where"),
        spelled("WWW-Authenticate: Bearer", "Link: </x>; rel=y", "Cache-Control: no-store"),
        spelled("Keep-Alive: timeout=5, max=9", "Proxy-Authenticate: Basic", "Upgrade: h2c"),
        spelled("Proxy-Connection: close", "TE: trailers"),
    ),
    max_size=3,
)
lines_once = st.lists(
    spelled("Date: Sun, 06 Nov 1994 08:49:37 GMT", "Retry-After: 5", "Retry-After: x"), max_size=1
)
interims = st.lists(
    st.tuples(st.sampled_from(INTERIM), reasons, st.lists(few_lines, max_size=1)), max_size=2
)
bodies = st.one_of(st.just(NO_BODY), any_counted, any_chunked)
bodies_1_0 = st.one_of(st.just(NO_BODY), any_counted)


@dataclass(frozen=True, slots=True)
class Said:
    """An answer as an upstream writes it: these bytes, and whether it closes then."""

    wire: bytes
    ends: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer before it is known what it answers.

    `ahead` are interim answers. A body without a line that announces it ends with the connection.
    """

    status: int
    start: bytes
    lines: Lines
    body: Body
    ahead: bytes
    closes: bool

    def to(self, request: Request) -> Said:
        """This answer to *request*: of a candidate only what is no failure and is passed on."""
        status = 200 if request.strangled and self.status >= 429 else self.status
        lines = [line for line in self.lines if status != 204 or line != self.body.announced]
        head = b"\r\n".join([self.start % status, *lines, b"", b""])
        if request.method == "HEAD" or status in BODILESS:
            return Said(self.ahead + head, self.closes)
        ends = self.closes or self.body.announced is None
        return Said(self.ahead + head + self.body.wire, ends)


@st.composite
def any_answers(draw: st.DrawFn) -> Answer:
    """A valid answer of either version."""
    version, chosen = draw(versions), draw(options)
    is_1_1 = version == b"1.1"
    body: Body = draw(bodies if is_1_1 else bodies_1_0)
    if body is NO_BODY:
        body = Body(None, draw(contents))
    lines = draw(few_lines)
    lines += connection(draw, lines, chosen) + draw(known_lines) + draw(lines_once)
    if body.announced is not None:
        lines.append(body.announced)
    draw(shuffles).shuffle(lines)
    start = b"HTTP/%b %%d %b" % (version, draw(reasons).replace(b"%", b"%%"))
    ahead = b"".join(map(interim, draw(interims))) if is_1_1 else b""
    return Answer(draw(statuses), start, lines, body, ahead, b"close" in chosen)


answers = any_answers()


def interim(said: tuple[int, bytes, list[Lines]]) -> bytes:
    """An interim answer."""
    status, reason, lines = said
    return b"\r\n".join([b"HTTP/1.1 %d %b" % (status, reason), *chain(*lines), b"", b""])

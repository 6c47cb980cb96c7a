"""Strategies for valid requests, whatever a valid request may look like."""

from dataclasses import dataclass

from hypothesis import strategies as st

from tests.differential.bodies import NO_BODY, Body, any_chunked, any_counted
from tests.differential.lines import Line, Lines, connection, few_lines, shuffles, spelled
from tests.edge.requests import bearer

METHODS = [
    *("GET", "GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "PROPFIND", "PROPPATCH"),
    *("MKCOL", "COPY", "MOVE", "LOCK", "UNLOCK", "SEARCH", "REPORT", "MERGE", "CHECKOUT", "PURGE"),
    *("M-SEARCH", "NOTIFY", "SUBSCRIBE", "UNSUBSCRIBE", "MKCALENDAR", "LINK", "UNLINK", "ACL"),
]
"""Those that aiohttp's parser knows, which are those that are served (FAULTS 1)."""

SEGMENTS = [
    *("a", "WOD", "~x", "%41", "%e4%C3", "a;b=c", "a,b", "$&'()*+=:@!", "", "x.y", "%2F", ".a"),
]
QUERIES = ["", "?", "?a=b", "?a=b&a=%20", "?/?:@!$'()*,;=~", "?x=[y]", '?q={"a"|b}', "?%ff=%FF"]
ORIGINS = ["", "", "", "http://other.example:81", "HTTPS://[::1]"]
STRANGLED = [
    *(("GET", "/fitness/wod"), ("HEAD", "/fitness/wod"), ("PUT", "/write"), ("POST", "/write")),
    *(("PATCH", "/write"), ("DELETE", "/write")),
]
HELD = frozenset({"GET", "HEAD", "PUT"})

methods = st.sampled_from(METHODS)
paths = st.lists(st.sampled_from(SEGMENTS), max_size=4).map(lambda parts: "/" + "/".join(parts))
queries = st.sampled_from(QUERIES)
origins = st.sampled_from(ORIGINS)
asterisks = st.sampled_from(["*", "http://other.example", None, None])
versions = st.sampled_from([b"1.1", b"1.1", b"1.0"])
strangled = st.sampled_from(STRANGLED)
HOSTS = ["fit.example", "FIT.example:8080", "127.0.0.1", "[::1]:80", "a_b.example", "x"]
hosts = spelled(*[f"Host: {host}" for host in HOSTS])
expectations = spelled("Expect: 100-continue", "Expect: 100-Continue")
basic_tokens = st.lists(spelled("Authorization: Basic x", "Authorization: x y"), max_size=1)
options = st.sampled_from(
    [
        *[[]] * 4,
        [b"close"],
        [b"Close"],
        [b"keep-alive"],
        [b"x", b"Keep-Alive"],
        [b"X-Sum", b"x_sum"],
        [b"TE"],
    ]
)
odd_lines = st.lists(
    st.one_of(
        spelled("X-Forwarded-For: 10.0.0.1", "X_Forwarded_For: 10.0.0.1", "Forwarded: for=1.1.1.1"),
        spelled("X-Forwarded-Proto: https", "X-Forwarded-Host: evil", "X-Forwarded-Port: 443"),
        spelled("X-Real-IP: 10.0.0.1", "X-User-Id: admin", "x-user_role: admin"),
        spelled("Keep-Alive: timeout=5", "TE: gzip;q=0.5"),
        spelled("Upgrade: websocket", "Upgrade: h2c", "HTTP2-Settings: AAMAAABk"),
        spelled("Proxy-Connection: keep-alive"),
        spelled("Proxy-Authorization: Basic x"),
    ),
    max_size=2,
)
lines_once = st.lists(
    st.one_of(
        spelled("X-Request-ID: me:1/2", "X-Request-ID: not for a log"),
        spelled("Content-Type: text/plain; charset=x", "User-Agent: a/1 (b; c) d", "Server: e"),
        spelled("Via: 1.1 a, 1.0 b (strangler)", "Cookie: a=b; c=\xe4"),
        spelled("traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"),
        spelled("TE: trailers", "TE: trailers, deflate;q=0.5"),
        spelled("Max-Forwards: 3", "Max-Forwards: 010", "Max-Forwards: soon"),
    ),
    max_size=2,
    unique_by=lambda line: line.partition(b":")[0].lower(),
)
bodies = st.one_of(st.just(NO_BODY), any_counted, any_chunked)
bodies_1_0 = st.one_of(st.just(NO_BODY), any_counted)


@dataclass(frozen=True, slots=True)
class Request:
    """A request as a client writes it.

    `strangled`: it goes to the candidate, as the user of a token, whose lines `who` says;
    `held`: its answer may be held back.
    """

    wire: bytes
    method: str
    strangled: bool = False
    held: bool = False
    who: tuple[bytes, ...] = ()


USER = (rb"X-User-Id: user-1",)
TOKEN: Line = bearer().encode()


@st.composite
def plain_requests(draw: st.DrawFn) -> Request:
    """A request to anything that falls to the default route, which reads no token."""
    method, version = draw(methods), draw(versions)
    target = draw(asterisks) if method == "OPTIONS" else None
    if target is None:
        target = draw(origins) + draw(paths) + draw(queries)
    wire = written(draw, f"{method} {target}", version, draw(basic_tokens))
    return Request(wire, method)


@st.composite
def strangled_requests(draw: st.DrawFn) -> Request:
    """A request with a token to one of the routes that have a candidate, which gets it."""
    method, path = draw(strangled)
    wire = written(draw, f"{method} {path}{draw(queries)}", b"1.1", [TOKEN])
    return Request(wire, method, strangled=True, held=method in HELD, who=USER)


requests = st.one_of(plain_requests(), plain_requests(), strangled_requests())


def written(draw: st.DrawFn, start: str, version: bytes, token: Lines) -> bytes:
    """The bytes of a request, its fields in any order."""
    is_1_1 = version == b"1.1"
    body: Body = draw(bodies if is_1_1 else bodies_1_0)
    lines = draw(few_lines)
    lines += connection(draw, lines, draw(options)) + draw(odd_lines) + draw(lines_once) + token
    if is_1_1 or draw(st.booleans()):
        lines.append(draw(hosts))
    if is_1_1 and draw(st.integers(0, 9)) == 0:
        lines.append(draw(expectations))
    if body.announced is not None:
        lines.append(body.announced)
    draw(shuffles).shuffle(lines)
    return b"\r\n".join([b"%b HTTP/%b" % (start.encode(), version), *lines, b"", body.wire])

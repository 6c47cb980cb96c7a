"""What of a client's head goes on, what is ours, and what is refused (FAULTS 2)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.core.fields import OURS, Pair, lines_of
from router.core.headers import Sorted, sort_out
from router.core.onward import upstream_head
from router.core.problems import Problem, body_of, head_of
from router.core.targets import Target
from tests.core.blocks import block_of, pairs_of

HOST = (b"Host", b"fit.example")
ROOT = Target("/", "/")


def sorted_out(*pairs: Pair) -> Sorted:
    """A head that is taken."""
    head = sort_out(block_of(HOST, *pairs), version=(1, 1))
    assert isinstance(head, Sorted), head
    return head


def raw_of(method: str, target: str, *pairs: Pair) -> bytes:
    """The head as it came."""
    return f"{method} {target} HTTP/1.1".encode() + block_of(HOST, *pairs) + b"\r\n\r\n"


def forwarded(*pairs: Pair) -> list[Pair]:
    """What goes on of these fields, beside Host."""
    return [pair for pair in pairs_of(sorted_out(*pairs).forward) if pair != HOST]


def refused(*pairs: Pair, version: tuple[int, int] = (1, 1)) -> int | None:
    """The status with which a head is refused, if it is."""
    head = sort_out(block_of(*pairs), version=version)
    return head.status if isinstance(head, Problem) else None


def test_fields_go_on_as_they_came() -> None:
    """Order, case, repetition, empty values and bytes above ASCII survive."""
    pairs = [
        (b"accept", b"*/*"), (b"X-Odd-CASE", b""), (b"Cookie", b"a=1"), (b"Cookie", b"b=2"),
        (b"X-Bytes", b"caf\xe9 \xff"), (b"Via", b"1.1 nginx"), (b"Authorization", b"Bearer x"),
        (b"Accept-Encoding", b"br"), (b"Content-Length", b"5"), (b"accept", b"text/html"),
        (b"Trailer", b"X-Sum"), (b"Max-Forwards", b"5"),
    ]  # fmt: skip
    assert forwarded(*pairs) == pairs


def test_lines_go_on_byte_for_byte() -> None:
    """Blanks around a value too, where it is looked at and where not."""
    block = b"\r\nhost:fit\r\nX: \t b \r\nAuthorization:  Bearer x\t"
    head = sort_out(block, version=(1, 1))
    assert isinstance(head, Sorted)
    assert (head.forward, head.authorization) == (block, b"Bearer x")


@pytest.mark.parametrize(
    "name",
    ["Connection", "Keep-Alive", "Proxy-Connection", "Proxy-Authorization", "Proxy-Authenticate",
     "TE", "Upgrade", "HTTP2-Settings", "upgrade", "UPGRADE"],
)  # fmt: skip
def test_hop_by_hop_fields_stay_here(name: str) -> None:
    """They speak of one connection only, in any case."""
    assert forwarded((name.encode(), b"h2c")) == []


def test_what_connection_names_stays_here() -> None:
    """nginx and HAProxy forward it; RFC 9110 7.6.1 forbids."""
    assert forwarded(
        (b"Connection", b"close, X-Hop"), (b"x-hop", b"1"), (b"X-Stay", b"2"),
        (b"connection", b" x-other ,"), (b"X-Other", b"3"),
    ) == [(b"X-Stay", b"2")]  # fmt: skip


@pytest.mark.parametrize("name", ["Authorization", "Host", "Cookie", "Content-Length", "HOST"])
def test_connection_may_not_name_what_was_judged(name: str) -> None:
    """Never authenticated here and anonymous there."""
    assert refused(HOST, (b"Connection", name.encode())) == 400


@pytest.mark.parametrize("name", sorted(OURS))
@pytest.mark.parametrize("spelling", [bytes, bytes.upper, bytes.title])
def test_our_fields_are_taken_out_first(name: bytes, spelling: object) -> None:
    """In any case, and with underscores, which CGI and WSGI cannot tell from dashes."""
    spelled = spelling(name)  # type: ignore[operator]
    assert forwarded((spelled, b"x")) == []
    assert forwarded((spelled.replace(b"-", b"_"), b"x")) == []


def test_other_underscores_go_on() -> None:
    """They are nobody's Content-Length, and not ours to judge."""
    assert forwarded((b"content_length", b"x"), (b"my_field", b"y")) == [
        (b"content_length", b"x"),
        (b"my_field", b"y"),
    ]


REFUSED = [
    ((), 400),
    ((HOST, HOST), 400),
    (((b"Host", b""),), 400),
    (((b"Host", b"a b"),), 400),
    (((b"Host", b"user@a"),), 400),
    (((b"Host", b"a/b"),), 400),
    (((b"Host", b"a,b"),), 400),
    (((b"Host", b"a\x01"),), 400),
    (((b"Host", b"a:80:81"),), 400),
    (((b"Host", b"a:http"),), 400),
    (((b"Host", b"[::1"),), 400),
    (((b"Host", b"fit.example:8080"),), None),
    (((b"Host", b"[::1]:80"),), None),
    ((HOST, (b"Authorization", b"a"), (b"authorization", b"b")), 400),
    ((HOST, (b"Content-Length", b"5"), (b"Content-Length", b"5")), 400),
    ((HOST, (b"Content-Length", b"5, 5")), 400),
    ((HOST, (b"Content-Length", b"+5")), 400),
    ((HOST, (b"Content-Length", b"-5")), 400),
    ((HOST, (b"Content-Length", b"0x5")), 400),
    ((HOST, (b"Content-Length", b"")), 400),
    ((HOST, (b"Content-Length", b"1_0")), 400),
    ((HOST, (b"Content-Length", b"9" * 30)), 400),
    ((HOST, (b"Content-Length", b"5"), (b"Transfer-Encoding", b"chunked")), 400),
    ((HOST, (b"Transfer-Encoding", b"")), 400),
    ((HOST, (b"Transfer-Encoding", b"gzip, chunked")), 400),
    ((HOST, (b"Expect", b"100-continue")), None),
    ((HOST, (b"Expect", b"200-ok")), 417),
    ((HOST, (b"Via", b"1.1 strangler")), 508),
    ((HOST, (b"Via", b"1.0 a, 1.1 strangler (x)"), (b"Via", b"1.1 b")), 508),
    ((HOST, (b"Via", b"1.1 strangler-fig")), None),
    ((HOST, (b"Content-Length", b"9" * 18)), None),
    ((HOST, (b"Transfer-Encoding", b"chunked, chunked")), 400),
    ((HOST, (b"Transfer-Encoding", b"identity")), 400),
    ((HOST, (b"Transfer-Encoding", b"chunked"), (b"Content-Length", b"5")), 400),
]


@pytest.mark.parametrize(("pairs", "status"), REFUSED, ids=repr)
def test_ambiguous_heads_are_refused(pairs: tuple[Pair, ...], status: int | None) -> None:
    """What two readers could read differently reaches no upstream."""
    assert refused(*pairs) == status


def test_http_1_0_needs_no_host() -> None:
    """Only 1.1 does."""
    assert refused(version=(1, 0)) is None
    head = sort_out(b"", version=(1, 0))
    assert isinstance(head, Sorted)
    wire = upstream_head(b"GET / HTTP/1.0\r\n\r\n", "GET", ROOT, head, ())
    assert wire == b"GET / HTTP/1.1\r\nHost: \r\n\r\n"


def test_http_1_0_knows_no_chunks() -> None:
    """RFC 9112 6.1: whoever says so is not to be trusted."""
    assert refused(HOST, (b"Transfer-Encoding", b"chunked"), version=(1, 0)) == 400


@pytest.mark.parametrize("version", [(0, 9), (1, 2), (2, 0)])
def test_other_versions_are_not_served(version: tuple[int, int]) -> None:
    """RFC 9110 15.6.6."""
    assert refused(HOST, version=version) == 505


def test_what_the_router_must_know() -> None:
    """Taken out of the head once, in whatever order it came."""
    head = sorted_out(
        (b"Content-Length", b"12"), (b"Expect", b"100-Continue"), (b"authorization", b"Bearer t"),
        (b"X-Request-ID", b"abc-1"), (b"traceparent", b"00-1"),
    )  # fmt: skip
    assert (head.content_length, head.authorization, head.host) == (12, b"Bearer t", HOST[1])
    assert (head.expects_continue, head.chunked) == (True, False)
    assert (head.request_id, head.traceparent) == (b"abc-1", b"00-1")
    assert (b"Expect", b"100-Continue") not in pairs_of(head.forward)


def test_a_chunked_body_is_noted_and_framed_anew() -> None:
    """Transfer-Encoding is of one hop: the upstream gets ours."""
    chunked = (b"Transfer-Encoding", b"Chunked")
    head = sorted_out(chunked)
    assert head.chunked
    wire = upstream_head(raw_of("POST", "/a?b", chunked), "POST", Target("/a?b", "/a"), head, ())
    assert wire.startswith(b"POST /a?b HTTP/1.1\r\nHost: fit.example\r\n")
    assert wire.count(b"Transfer-Encoding: chunked\r\n") == 1
    assert wire.endswith(b"\r\n\r\n")


def test_the_upstreams_head_has_ours_after_theirs() -> None:
    """What a client says of who it is, and what we say, never stand side by side."""
    theirs = ((b"X-User-Id", b"root"), (b"x_user_id", b"root"), (b"X-A", b"1"))
    ours = lines_of([(b"X-User-Id", b"a@b.c")])
    wire = upstream_head(raw_of("GET", "/", *theirs), "GET", ROOT, sorted_out(*theirs), (ours,))
    assert b"root" not in wire
    assert wire.index(b"X-A: 1") < wire.index(b"X-User-Id: a@b.c")


def test_the_authority_of_an_absolute_target_replaces_host() -> None:
    """RFC 9112 3.2.2: there is one Host, and it is that one."""
    raw = raw_of("GET", "http://other.example/a", (b"X-A", b"1"))
    target = Target("/a", "/a", "other.example")
    wire = upstream_head(raw, "GET", target, sorted_out((b"X-A", b"1")), ())
    assert wire.count(b"\r\nHost: ") == 1
    assert b"\r\nHost: other.example\r\n" in wire
    assert b"X-A: 1\r\n" in wire


def sent(*pairs: Pair, method: str = "GET", upgrade: bool = False) -> list[Pair]:
    """What an upstream gets of these fields, beside Host, with what we say of our own hop."""
    raw = raw_of(method, "/", *pairs)
    wire = upstream_head(raw, method, ROOT, sorted_out(*pairs), (), upgrade=upgrade)
    line, separator, fields = wire.removesuffix(b"\r\n\r\n").partition(b"\r\n")
    assert line == method.encode() + b" / HTTP/1.1"
    return [pair for pair in pairs_of(separator + fields) if pair != HOST]


LENGTH, EXPECT = (b"Content-Length", b"5"), (b"Expect", b"100-continue")
CHUNKED = (b"Transfer-Encoding", b"chunked")


def test_an_expectation_goes_on_where_a_body_follows() -> None:
    """RFC 9110 10.1.1."""
    assert sent(LENGTH, EXPECT) == [LENGTH, EXPECT]
    assert sent(CHUNKED, EXPECT) == [CHUNKED, EXPECT]
    assert sent(EXPECT) == []
    assert sent((b"Content-Length", b"0"), EXPECT) == [(b"Content-Length", b"0")]


def test_of_te_only_trailers_are_said_again() -> None:
    """RFC 9110 10.1.4."""
    said = [(b"Connection", b"TE"), (b"TE", b"trailers")]
    assert sent((b"TE", b"gzip, Trailers"), (b"Connection", b"te")) == said
    assert sent((b"te", b"trailers"), (b"TE", b"gzip")) == said
    assert sent((b"TE", b"gzip")) == []


WISHES = [
    ([b"websocket"], b"websocket"),
    ([b"a/1.0"], b"a/1.0"),
    ([b"a", b"b"], b""),
    ([b"a", b"b", b"c"], b""),
    ([b"a, b"], b""),
    ([b"a b"], b""),
    ([b""], b""),
    ([], None),
]


@pytest.mark.parametrize(("values", "wish"), WISHES, ids=repr)
def test_the_wish_for_another_protocol(values: list[bytes], wish: bytes | None) -> None:
    """One protocol in one field; anything else is no wish."""
    pairs = [(b"Upgrade", value) for value in values]
    assert sorted_out(*pairs).upgrade == wish
    assert sent(*pairs) == []


def test_a_wish_that_is_granted_goes_on() -> None:
    """In our own words, and without what else this hop had."""
    wish = [(b"Upgrade", b"websocket"), (b"Connection", b"upgrade, x-hop"), (b"X-Hop", b"1")]
    said = [(b"Connection", b"Upgrade"), (b"Upgrade", b"websocket")]
    assert sent(*wish, (b"TE", b"trailers"), upgrade=True) == said


def test_one_hop_less_is_left_to_options() -> None:
    """RFC 9110 7.6.2; of no meaning with other methods."""
    came = (b"max-forwards", b"5")
    assert sent(came, (b"X-A", b"1"), method="OPTIONS") == [(b"max-forwards", b"4"), (b"X-A", b"1")]
    assert sent(came) == [came]
    assert sent((b"Max-Forwards", b"x"), method="OPTIONS") == [(b"Max-Forwards", b"x")]


@pytest.mark.parametrize("value", [b"a b", b"", b"x" * 129, b'a"', b"caf\xe9", b"a\\n"])
def test_request_ids_that_could_spoil_a_log_are_not_taken(value: bytes) -> None:
    """A new one is made instead."""
    assert sorted_out((b"X-Request-ID", value)).request_id is None


names = st.sampled_from(
    [b"Host", b"Connection", b"X-A", b"x-user-id", b"X_User_Id", b"Content-Length", b"Via", b"TE",
     b"Authorization", b"Cookie", b"Expect", b"x-hop"]
)  # fmt: skip
values = st.sampled_from([b"", b"a", b"5", b"close, x-hop", b"x-user-id", b"100-continue", b"\xff"])


@given(st.lists(st.tuples(names, values), max_size=6))
def test_nothing_of_ours_or_of_one_hop_ever_goes_on(pairs: list[Pair]) -> None:
    """Whatever comes together: forwarded fields are a part of what came, in order."""
    head = sort_out(block_of(HOST, *pairs), version=(1, 1))
    if isinstance(head, Problem):
        return
    rest = iter([HOST, *pairs])
    forward = pairs_of(head.forward)
    assert all(pair in rest for pair in forward)
    sent = {name.lower().replace(b"_", b"-") for name, _ in forward}
    assert not sent & (OURS | {b"connection", b"te"} | head.named)


def test_problems_tell_nothing_of_the_inside() -> None:
    """problem+json that nobody stores, with the request's id (RFC 9457)."""
    problem = Problem(401, "token-missing", "Send a token.", (("WWW-Authenticate", "Bearer"),))
    body = body_of(problem, "id-1")
    assert b'"status": 401' in body
    assert b'"request_id": "id-1"' in body
    head = head_of(problem, "id-1", "Tue, 24 Nov 2026 00:00:00 GMT", len(body), close=False)
    assert head.startswith(b"HTTP/1.1 401 Unauthorized\r\nContent-Type: application/problem+json")
    assert b"\r\nCache-Control: no-store\r\n" in head
    assert b"\r\nWWW-Authenticate: Bearer\r\n" in head
    assert head.endswith(b"\r\nConnection: keep-alive\r\n\r\n")

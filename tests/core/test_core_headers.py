"""What of a client's head goes on, what is ours, and what is refused (FAULTS 2)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.core.headers import (
    OURS,
    Origin,
    Pair,
    Sorted,
    forwarding_headers,
    lines,
    sort_out,
    upstream_head,
)
from router.core.problems import Problem, body_of, head_of
from router.core.targets import Target

HOST = (b"Host", b"fit.example")


def sorted_out(*pairs: Pair) -> Sorted:
    """A head that is taken."""
    head = sort_out((HOST, *pairs), version=(1, 1))
    assert isinstance(head, Sorted), head
    return head


def forwarded(*pairs: Pair) -> list[Pair]:
    """What goes on of these fields, beside Host."""
    return [pair for pair in sorted_out(*pairs).forward if pair != HOST]


def refused(*pairs: Pair, version: tuple[int, int] = (1, 1)) -> int | None:
    """The status with which a head is refused, if it is."""
    head = sort_out(pairs, version=version)
    return head.status if isinstance(head, Problem) else None


def test_fields_go_on_as_they_came() -> None:
    """Order, case, repetition, empty values and bytes above ASCII survive."""
    pairs = [
        (b"accept", b"*/*"), (b"X-Odd-CASE", b""), (b"Cookie", b"a=1"), (b"Cookie", b"b=2"),
        (b"X-Bytes", b"caf\xe9 \xff"), (b"Via", b"1.1 nginx"), (b"Authorization", b"Bearer x"),
        (b"Accept-Encoding", b"br"), (b"Content-Length", b"5"), (b"accept", b"text/html"),
    ]  # fmt: skip
    assert forwarded(*pairs) == pairs


@pytest.mark.parametrize(
    "name",
    ["Connection", "Keep-Alive", "Proxy-Connection", "Proxy-Authorization", "Proxy-Authenticate",
     "TE", "Trailer", "Upgrade", "HTTP2-Settings", "upgrade", "UPGRADE"],
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
]


@pytest.mark.parametrize(("pairs", "status"), REFUSED, ids=repr)
def test_ambiguous_heads_are_refused(pairs: tuple[Pair, ...], status: int | None) -> None:
    """What two readers could read differently reaches no upstream."""
    assert refused(*pairs) == status


def test_http_1_0_needs_no_host() -> None:
    """Only 1.1 does."""
    assert refused(version=(1, 0)) is None


def test_what_the_router_must_know() -> None:
    """Taken out of the head once, in whatever order it came."""
    head = sorted_out(
        (b"Content-Length", b"12"), (b"Expect", b"100-Continue"), (b"authorization", b"Bearer t"),
        (b"X-Request-ID", b"abc-1"), (b"traceparent", b"00-1"),
    )  # fmt: skip
    assert (head.content_length, head.authorization, head.host) == (12, b"Bearer t", HOST[1])
    assert (head.expects_continue, head.chunked) == (True, False)
    assert (head.request_id, head.traceparent) == (b"abc-1", b"00-1")
    assert (b"Expect", b"100-Continue") not in head.forward


def test_a_chunked_body_is_noted_and_framed_anew() -> None:
    """Transfer-Encoding is of one hop: the upstream gets ours."""
    head = sorted_out((b"Transfer-Encoding", b"Chunked"))
    assert head.chunked
    wire = upstream_head("POST", Target("/a?b", "/a"), head, Origin("10.0.0.1"), [])
    assert wire.startswith(b"POST /a?b HTTP/1.1\r\nHost: fit.example\r\n")
    assert wire.count(b"Transfer-Encoding: chunked\r\n") == 1
    assert wire.endswith(b"\r\n\r\n")


def test_the_upstreams_head_has_ours_after_theirs() -> None:
    """What a client says of who it is, and what we say, never stand side by side."""
    head = sorted_out((b"X-User-Id", b"root"), (b"x_user_id", b"root"), (b"X-A", b"1"))
    ours = [(b"X-User-Id", b"a@b.c")]
    wire = upstream_head("GET", Target("/", "/"), head, Origin("10.0.0.1"), ours)
    assert b"root" not in wire
    assert wire.index(b"X-A: 1") < wire.index(b"X-User-Id: a@b.c")


def test_the_authority_of_an_absolute_target_replaces_host() -> None:
    """RFC 9112 3.2.2: there is one Host, and it is that one."""
    head = sorted_out((b"X-A", b"1"))
    target = Target("/a", "/a", "other.example")
    wire = upstream_head("GET", target, head, Origin("10.0.0.1"), [])
    assert wire.count(b"\r\nHost: ") == 1
    assert b"\r\nHost: other.example\r\n" in wire
    assert b"X-Forwarded-Host: other.example" in wire


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
    head = sort_out([HOST, *pairs], version=(1, 1))
    if isinstance(head, Problem):
        return
    rest = iter([HOST, *pairs])
    assert all(pair in rest for pair in head.forward)
    sent = {name.lower().replace(b"_", b"-") for name, _ in head.forward}
    assert not sent & (OURS | {b"connection", b"te"} | head.named)


def test_forwarding_headers() -> None:
    """An untrusted peer's word is replaced by what we saw."""
    assert forwarding_headers(Origin("10.0.0.1"), b"fit") == [
        (b"X-Forwarded-For", b"10.0.0.1"),
        (b"X-Forwarded-Proto", b"http"),
        (b"X-Forwarded-Host", b"fit"),
        (b"Forwarded", b'for=10.0.0.1;proto=http;host="fit"'),
        (b"Via", b"1.1 strangler"),
    ]
    assert (b"Forwarded", b'for="[::1]";proto=https;host="fit"') in forwarding_headers(
        Origin("::1", "https"), b"fit"
    )


def test_lines() -> None:
    """As on the wire."""
    assert lines([(b"A", b"1"), (b"b", b"")]) == b"A: 1\r\nb: \r\n"


def test_problems_tell_nothing_of_the_inside() -> None:
    """problem+json that nobody stores, with the request's id (RFC 9457)."""
    problem = Problem(401, "token-missing", "Send a token.", (("WWW-Authenticate", "Bearer"),))
    body = body_of(problem, "id-1")
    assert b'"status": 401' in body
    assert b'"request_id": "id-1"' in body
    head = head_of(problem, "id-1", len(body), close=False)
    assert head.startswith(b"HTTP/1.1 401 Unauthorized\r\nContent-Type: application/problem+json")
    assert b"\r\nCache-Control: no-store\r\n" in head
    assert b"\r\nWWW-Authenticate: Bearer\r\n" in head
    assert head.endswith(b"\r\nConnection: keep-alive\r\n\r\n")

"""Header fields on their way: what is ours, what is for one hop only, what stays as it came."""

import re

import pytest

from router.core.fates import Fate
from tests.edge.conftest import Open, Scene
from tests.edge.requests import WOD, bearer, request
from tests.edge.scripts import hang, head, ok, raw

FORGED = [
    "X-User-Id: admin",
    "x-user-id: admin",
    "X-USER-ID: admin",
    "X_User_Id: admin",
    "X_USER-ID: admin",
    "X-User_Id: admin",
    "X-User-Role: admin",
    "X_User_Role: admin",
    "X-Forwarded-For: 10.0.0.1",
    "X_Forwarded_For: 10.0.0.1",
    "X-Forwarded-Proto: https",
    "X-Forwarded-Host: evil.example",
    "X-Forwarded-Port: 443",
    "X-Real-IP: 10.0.0.1",
    "X-Real_IP: 10.0.0.1",
    "Forwarded: for=10.0.0.1",
]


@pytest.mark.parametrize("also", [(), ("Connection: X-User-Id, X-Forwarded-For, close",)])
@pytest.mark.parametrize("forged", FORGED)
async def test_what_a_client_says_of_itself_never_arrives(
    scene: Scene, forged: str, also: tuple[str, ...]
) -> None:
    """Identity and origin are ours in any spelling, also where `Connection` names them."""
    seen = await scene(request("GET", WOD, forged, *also, auth=bearer("me@x", role=["a", "b"])))
    told = seen.coach[0]
    assert seen.got.status == 200
    assert forged.partition(": ")[2].encode() not in told.head
    assert (told.one(b"x-user-id"), told.one(b"x-user-role")) == (b"me@x", b"a,b")
    assert told.one(b"x-forwarded-for") == b"127.0.0.1"
    assert told.one(b"x-forwarded-proto") == b"http"
    assert told.one(b"x-forwarded-host") == b"fit.example"
    assert told.one(b"forwarded") == b'for=127.0.0.1;proto=http;host="fit.example"'
    assert not [name for name, _ in told.pairs if b"_" in name]


async def test_identity_is_stripped_where_no_token_is_read(scene: Scene) -> None:
    """On the default route nobody is identified, so nobody is named."""
    seen = await scene(request("GET", "/elsewhere", "X-User-Id: admin", "X_User_Role: admin"))
    assert seen.monolith[0].one(b"x-user-id") is None
    assert b"admin" not in seen.monolith[0].head


async def test_a_user_of_any_script_is_percent_encoded(scene: Scene) -> None:
    """Header values are ASCII; what cannot be written so is percent-encoded UTF-8."""
    seen = await scene(request(auth=bearer("jürgen, größe@x%")))
    assert seen.coach[0].one(b"x-user-id") == b"j%C3%BCrgen%2C%20gr%C3%B6%C3%9Fe@x%25"


async def test_both_upstreams_get_the_same_head(scene: Scene) -> None:
    """Legacy is asked with the very bytes that the candidate was."""
    seen = await scene(coach=[hang()])
    assert seen.coach[0].head == seen.monolith[0].head


HOP_FIELDS = [
    "Keep-Alive: timeout=5",
    "Proxy-Connection: keep-alive",
    "Proxy-Authorization: Basic dXNlcjpwYXNz",
    "TE: gzip",
    "Upgrade: h2c",
    "HTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA",
]


@pytest.mark.parametrize("line", HOP_FIELDS)
async def test_fields_of_one_hop_end_here(scene: Scene, line: str) -> None:
    """RFC 9110 7.6.1: they speak of the client's connection, not of the upstream's."""
    seen = await scene(request("GET", WOD, line))
    name, _, value = line.partition(": ")
    assert seen.got.status == 200
    assert seen.coach[0].one(name.encode()) is None
    assert value.encode() not in seen.coach[0].head


async def test_the_wish_for_trailers_is_our_own_too(scene: Scene) -> None:
    """They go on from hop to hop, so each may ask for them (RFC 9110 10.1.4, 6.6.2)."""
    seen = await scene(request("GET", WOD, "TE: trailers, gzip", "Trailer: X-Sum"))
    told = seen.coach[0]
    assert (told.one(b"te"), told.one(b"connection")) == (b"trailers", b"TE")
    assert told.one(b"trailer") == b"X-Sum"


async def test_what_connection_names_ends_here(scene: Scene) -> None:
    """The field of nginx' and HAProxy's blind spot: named in `Connection`, it is for this hop."""
    fields = ("Connection: keep-alive, X-Hop , x-two", "X-Hop: a", "X-TWO: b", "X-Three: c")
    seen = await scene(request("GET", WOD, *fields))
    told = seen.coach[0]
    assert told.one(b"connection") is None
    assert told.one(b"x-hop") is None
    assert told.one(b"x-two") is None
    assert told.one(b"x-three") == b"c"


@pytest.mark.parametrize("upgrade", ["h2c", "websocket"])
async def test_an_upgrade_is_not_forwarded_and_the_connection_goes_on(
    stage: Open, upgrade: str
) -> None:
    """The request is served as if nothing had been asked for, and so is the one behind it."""
    one = await stage()
    fields = (f"Upgrade: {upgrade}", "Connection: Upgrade, HTTP2-Settings", "HTTP2-Settings: AAA")
    caller = await one.dial()
    first = await one.ask(request("GET", WOD, *fields), on=caller)
    second = await one.ask(request("GET", f"{WOD}?second"), on=caller)
    assert (first.status, second.status) == (200, 200)
    assert one.coach.received[0].one(b"upgrade") is None
    assert one.coach.received[0].one(b"http2-settings") is None
    assert one.coach.received[1].line == f"GET {WOD}?second HTTP/1.1".encode()


async def test_hop_by_hop_ends_here_on_the_way_back_too(scene: Scene) -> None:
    """What the upstream says of its connection is nothing to the client."""
    fields = (
        "Connection: X-Hop, close",
        "X-Hop: a",
        "Keep-Alive: timeout=5",
        "Proxy-Authenticate: Basic",
        "Upgrade: h2",
        "X-Kept: b",
    )
    seen = await scene(coach=[ok(b"body", *fields)])
    assert [name for name, _ in seen.got.pairs] == [b"Content-Length", b"X-Kept", b"Date"]


async def test_an_upstream_cannot_name_its_length_away(scene: Scene) -> None:
    """Without Content-Length the client would not know where the answer ends."""
    data = head(200, "Connection: Content-Length", "Content-Length: 5") + b"hello"
    seen = await scene(coach=[raw(data)])
    assert (seen.got.body, seen.got.whole) == (b"hello", True)
    assert seen.got.one("content-length") == b"5"


@pytest.mark.parametrize(
    "via", ["1.1 strangler", "1.0 a, 1.1 strangler (x)", "1.1 a,1.1 strangler,1.1 b"]
)
async def test_a_request_that_goes_in_circles_is_508(scene: Scene, via: str) -> None:
    """It has our own name in `Via`: the next hop is not asked."""
    seen = await scene(request("GET", WOD, f"Via: {via}"))
    assert (seen.got.status, seen.record.fate) == (508, Fate.BAD_REQUEST)
    assert not seen.coach + seen.monolith


async def test_via_is_added_to(scene: Scene) -> None:
    """Who came before stays in the list."""
    seen = await scene(request("GET", WOD, "Via: 1.0 cache.example"))
    assert seen.coach[0].all(b"via") == [b"1.0 cache.example", b"1.1 strangler"]


async def test_host_is_kept(scene: Scene) -> None:
    """Upstreams see the name that the client asked for."""
    seen = await scene(request(host="Fit.Example:8443"))
    assert seen.coach[0].one(b"host") == b"Fit.Example:8443"


@pytest.mark.parametrize("host", ["other.example", "fit.example"])
async def test_the_authority_of_an_absolute_target_wins(scene: Scene, host: str) -> None:
    """RFC 9112 3.2.2: Host is replaced by it, and the upstream gets the path alone."""
    seen = await scene(request("GET", f"http://fit.example{WOD}?a=1", host=host))
    told = seen.coach[0]
    assert told.line == f"GET {WOD}?a=1 HTTP/1.1".encode()
    assert told.one(b"host") == told.one(b"x-forwarded-host") == b"fit.example"


async def test_end_to_end_fields_arrive_as_they_were_sent(scene: Scene) -> None:
    """Order, case, repetitions, empty values and odd bytes are the application's business."""
    fields = ("ACCEPT: */*", "x-b: 2", "X-A:", "x-b: 1", "X-Umlaut: \xe4\xf6", "Cookie: a=1; b=2")
    seen = await scene(request("GET", WOD, *fields))
    sent = [
        (b"ACCEPT", b"*/*"),
        (b"x-b", b"2"),
        (b"X-A", b""),
        (b"x-b", b"1"),
        (b"X-Umlaut", b"\xe4\xf6"),
        (b"Cookie", b"a=1; b=2"),
    ]
    arrived = [pair for pair in seen.coach[0].pairs if pair[0] in dict(sent)]
    assert arrived == sent


async def test_nothing_is_invented(scene: Scene) -> None:
    """Besides what the client sent there is only what we document."""
    seen = await scene(request(path="/elsewhere", auth=""))
    ours = rb"Host|X-Forwarded-(For|Proto|Host)|Forwarded|Via|X-Request-ID|traceparent"
    assert all(re.fullmatch(ours, name) for name, _ in seen.monolith[0].pairs)


async def test_the_path_goes_on_byte_for_byte(scene: Scene) -> None:
    """Query, escapes in either case, empty parts: matched and forwarded as they are."""
    path = "/a%2fb//c;d=1/%E2%82%ac?x=%7e&y=a+b&&z=?"
    seen = await scene(request(path=path))
    assert seen.monolith[0].line == f"GET {path} HTTP/1.1".encode()


async def test_answers_come_back_as_they_were_sent(scene: Scene) -> None:
    """Set-Cookie in its order, repetitions, case, empty values, bytes from 0x80 on."""
    fields = (
        "Set-Cookie: b=2; Path=/",
        "Set-Cookie: a=1",
        "set-cookie: c=3",
        "X-Umlaut: \xe4\xff",
        "X-Empty: ",
        "Date: then",
        "Server: old",
        "Content-Encoding: br",
        "Vary: a",
        "Vary: b",
    )
    seen = await scene(coach=[ok(b"body", *fields)])
    expected = [tuple(one.encode("latin-1").split(b": ", 1)) for one in fields]
    assert seen.got.pairs == [(b"Content-Length", b"4"), *expected]


async def test_a_good_request_id_is_kept_and_a_bad_one_replaced(stage: Open) -> None:
    """It names the exchange in every log, so it must be fit for one."""
    one = await stage()
    await one.ask(request("GET", WOD, "X-Request-ID: abc-123"))
    await one.ask(request("GET", WOD, "X-Request-ID: a b\x01"))
    await one.ask(request("GET", WOD, f"X-Request-ID: {'a' * 200}"))
    await one.quiet()
    told = [seen.one(b"x-request-id") for seen in one.coach.received]
    assert told[0] == b"abc-123"
    assert all(re.fullmatch(rb"[0-9a-f]{32}", each or b"") for each in told[1:])
    logged = [record.request_id.encode() for record in one.ledger.records]
    assert [each for each in logged if each in told] == told


async def test_a_trace_is_continued(scene: Scene) -> None:
    """The client's trace with a span of our own; the same to candidate and legacy."""
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    sent = request("GET", WOD, f"traceparent: 00-{trace}-00f067aa0ba902b7-00")
    seen = await scene(sent, coach=[hang()])
    told = seen.coach[0].one(b"traceparent") or b""
    assert re.fullmatch(rb"00-%b-[0-9a-f]{16}-00" % trace.encode(), told)
    assert b"00f067aa0ba902b7" not in told
    assert seen.monolith[0].one(b"traceparent") == told
    assert seen.record.trace_id == trace


@pytest.mark.parametrize(
    "bad",
    [
        "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
        "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "00-4BF92F3577B34DA6A3CE929D0E0E4736-00F067AA0BA902B7-01",
        "garbage",
        "",
    ],
)
async def test_a_bad_trace_is_replaced(scene: Scene, bad: str) -> None:
    """W3C Trace Context 3.2.2: what is not valid starts a new trace."""
    seen = await scene(request("GET", WOD, f"traceparent: {bad}"))
    told = seen.coach[0].one(b"traceparent") or b""
    assert re.fullmatch(rb"00-[0-9a-f]{32}-[0-9a-f]{16}-01", told)
    assert told.split(b"-")[1] == seen.record.trace_id.encode()
    assert told.split(b"-")[1] not in bad.encode().lower() or not bad

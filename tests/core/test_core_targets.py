"""Request lines, challenges and traces: the small pure parts."""

import pytest

from router.core.challenges import challenge
from router.core.claims import Refusal
from router.core.fates import Fate, fate_of_refusal
from router.core.problems import Problem
from router.core.record import Record
from router.core.targets import Target, read_target
from router.core.tracing import trace_of

TARGETS = [
    ("GET", "/a?b=c?d", Target("/a?b=c?d", "/a")),
    ("GET", "/", Target("/", "/")),
    ("GET", "//a", Target("//a", "//a")),
    ("OPTIONS", "*", Target("*", "*")),
    ("GET", "http://Fit:80/a?b", Target("/a?b", "/a", "Fit:80")),
    ("GET", "HTTPS://fit", Target("/", "/", "fit")),
    ("GET", "http://fit?a", Target("/?a", "/", "fit")),
    ("OPTIONS", "http://fit", Target("*", "*", "fit")),
    ("GET", "*", 400),
    ("GET", "", 400),
    ("GET", "a/b", 400),
    ("GET", "fit:80", 400),
    ("GET", "ftp://fit/a", 400),
    ("GET", "http:///a", 400),
    ("GET", "http://user@fit/a", 400),
    ("GET", "http://a,b/a", 400),
    ("GET", 'http://a"b/a', 400),
    ("GET", "http://fit:port/a", 400),
    ("GET", "http://fit\\@evil/a", 400),
    ("GET", "/a b", 400),
    ("GET", "/a#b", 400),
    ("GET", "/%", 400),
    ("GET", "/%00", 400),
    ("GET", "/caf\udcc3", 400),
    ("CONNECT", "fit:443", 405),
    ("TRACE", "/", 405),
]


@pytest.mark.parametrize(("method", "target", "expected"), TARGETS)
def test_targets(method: str, target: str, expected: Target | int) -> None:
    """All forms of RFC 9112 3.2: what is served, and with what the rest is refused."""
    found = read_target(method, target)
    assert (found.status if isinstance(found, Problem) else found) == expected


def test_the_query_is_what_follows_the_question_mark() -> None:
    """As it came."""
    assert Target("/a?b=%20?c", "/a").query == "b=%20?c"
    assert Target("/a", "/a").query == ""


def test_without_keys_a_token_is_no_worse_than_before() -> None:
    """503 and when to come again: a 401 would have clients throw good tokens away."""
    problem = challenge(Refusal.NO_KEYS)
    assert (problem.status, problem.headers) == (503, (("Retry-After", "5"),))
    assert fate_of_refusal(503) is Fate.AUTH_REFUSED


@pytest.mark.parametrize("refusal", [one for one in Refusal if one is not Refusal.NO_KEYS])
def test_challenges(refusal: Refusal) -> None:
    """RFC 6750: 403 for a role, 401 for the rest, and only *expired* is told."""
    problem = challenge(refusal)
    assert problem.status == (403 if refusal is Refusal.ROLE else 401)
    ((name, value),) = problem.headers
    assert name == "WWW-Authenticate"
    assert value.startswith('Bearer realm="')
    assert ("error=" in value) == (refusal is not Refusal.MISSING)
    if refusal not in {Refusal.MISSING, Refusal.ROLE, Refusal.EXPIRED}:
        assert problem == challenge(Refusal.SIGNATURE)


PARENT = b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"
TRACE_ID, SPAN_ID = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"


def test_a_clients_trace_is_continued() -> None:
    """Its id and flags, with a span of ours."""
    trace = trace_of(PARENT, TRACE_ID, SPAN_ID)
    parent = b"00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-00"
    assert trace.lines("x") == b"X-Request-ID: x\r\ntraceparent: " + parent + b"\r\n"


@pytest.mark.parametrize(
    "header",
    [None, b"", b"x", PARENT[:-1], PARENT.upper(), b"ff" + PARENT[2:], PARENT + b"\n",
     b"00-" + b"0" * 32 + PARENT[35:], PARENT[:36] + b"0" * 16 + b"-00"],
)  # fmt: skip
def test_a_bad_trace_is_replaced(header: bytes | None) -> None:
    """By a new one."""
    lines = trace_of(header, TRACE_ID, SPAN_ID).lines("x")
    assert lines.endswith(f"traceparent: 00-{TRACE_ID}-{SPAN_ID}-01\r\n".encode())


def test_the_first_fate_stands() -> None:
    """What was committed cannot change."""
    record = Record("id", "10.0.0.1", "GET", 0.0)
    record.end(Fate.OK)
    record.end(Fate.CLIENT_GONE)
    assert record.fate is Fate.OK

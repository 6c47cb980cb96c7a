"""Requests that go on and on: Via and Max-Forwards (RFC 9110 7.6.2, 7.6.3)."""

from tests.conformance.rows import Request, refused, served
from tests.conformance.writing import HOST, get, line

ONLY_HOST = (f"Host: {HOST}",)


def via(name: str, *fields: str) -> Request:
    """Hops that have been before: they stay, in order, and ours follows."""
    return served(
        name, "9110 7.6.3", get(*fields), fields=ONLY_HOST, has=(*fields, "Via: 1.1 strangler")
    )


def loop(name: str, *fields: str) -> Request:
    """A request that has been here already."""
    return refused(name, "9110 7.6.3, 15.6; 5842 7.2", get(*fields), 508, closes=None)


VIA = [
    via("one hop before", "Via: 1.0 fred"),
    via("several", "Via: 1.0 fred, 1.1 p.example.net (Apache/2.4)", "Via: HTTP/2.0 cdn"),
    via("a name that begins like ours", "Via: 1.1 strangler2"),
    via("ours in a comment", "Via: 1.1 p (1.1 strangler)"),
    via("ours as a protocol", "Via: strangler/1.1 p"),
    via("empty", "Via:"),
    served(
        "HTTP/1.0 received",
        "9110 7.6.3",
        line("GET /elsewhere HTTP/1.0"),
        line="GET /elsewhere HTTP/1.1",
        has=("Via: 1.0 strangler",),
        closes=True,
    ),
    loop("ours", "Via: 1.1 strangler"),
    loop("ours among others", "Via: 1.0 fred, 1.1 strangler, 2 cdn"),
    loop("ours with its protocol's name", "Via: HTTP/1.1 strangler"),
    loop("ours with a comment", "Via: 1.1 strangler (x)"),
    loop("ours in a second field", "Via: 1.0 fred", "via: 1.1\tstrangler"),
    loop("ours behind a comma in a comment", "Via: 1.0 fred (a, b), 1.1 strangler"),
]


MAX_FORWARDS = [
    refused(
        "OPTIONS, 0: answered by us",
        "9110 7.6.2",
        line("OPTIONS /elsewhere HTTP/1.1", "Max-Forwards: 0"),
        200,
        204,
        closes=False,
    ),
    refused(
        "OPTIONS *, 0: answered by us",
        "9110 7.6.2, 9.3.7",
        line("OPTIONS * HTTP/1.1", "Max-Forwards: 0"),
        200,
        204,
        closes=False,
    ),
    served(
        "OPTIONS, 5",
        "9110 7.6.2",
        line("OPTIONS /elsewhere HTTP/1.1", "Max-Forwards: 5"),
        fields=(*ONLY_HOST, "Max-Forwards: 4"),
    ),
    served(
        "OPTIONS, 1",
        "9110 7.6.2",
        line("OPTIONS /elsewhere HTTP/1.1", "max-forwards: 1"),
        fields=(*ONLY_HOST, "max-forwards: 0"),
    ),
    refused(
        "TRACE, 5: refused as ever",
        "9110 9.3.8",
        line("TRACE /elsewhere HTTP/1.1", "Max-Forwards: 5"),
        405,
        closes=None,
    ),
    served("GET, 0: it may be ignored there", "9110 7.6.2", get("Max-Forwards: 0")),
]

"""Fields that are for one hop, on requests: Connection and what it names (RFC 9110 7.6.1)."""

from tests.conformance.rows import Request, refused, served
from tests.conformance.writing import CHUNKED, HELLO, HOST, get, post
from tests.edge.requests import bearer

RFC = "9110 7.6.1"
ONLY_HOST = (f"Host: {HOST}",)


def removed(name: str, *fields: str, rfc: str = RFC, closes: bool | None = False) -> Request:
    """Fields that end here: nothing but Host goes on."""
    lacks = tuple(one.partition(":")[0] for one in fields)
    return served(name, rfc, get(*fields), fields=ONLY_HOST, lacks=lacks, closes=closes)


def protected(name: str, *fields: str) -> Request:
    """`Connection` names what we have judged, or will: it would be another request upstream."""
    return refused(f"it names {name}", "9110 7.6.1; FAULTS 2", get(*fields))


CONNECTION = [
    removed("what it names", "Connection: X-Hop", "X-Hop: a"),
    removed("what it names, with close", "Connection: close, X-Hop", "X-Hop: a", closes=True),
    removed("in another case", "Connection: x-hOP", "X-Hop: a"),
    removed("each of them", "Connection: X-Hop", "X-Hop: a", "x-hop: b", "X-HOP: c"),
    removed("named before and behind it", "X-One: a", "Connection: X-One ,\tx-two", "X-Two: b"),
    removed("commas and nothing between them", "Connection: ,, X-Hop ,", "X-Hop: a"),
    removed("what is not there", "Connection: X-None"),
    removed("keep-alive", "Connection: keep-alive"),
    removed("close", "Connection: close", closes=True),
    removed("close in capitals", "Connection: CLOSE", closes=True),
    removed("empty", "Connection:"),
    served(
        "in two fields",
        RFC,
        get("Connection: X-One", "X-One: a", "X-Kept: b", "connection: X-Two", "X-Two: c"),
        fields=(*ONLY_HOST, "X-Kept: b"),
        lacks=("connection",),
    ),
    served(
        "what begins with a name that is named stays",
        RFC,
        get("Connection: X-Hop", "X-Hop-By: a"),
        fields=(*ONLY_HOST, "X-Hop-By: a"),
    ),
    served(
        "it names identity: removed before ours is set",
        RFC,
        get(
            bearer("me@x", role="r"),
            "Connection: X-User-Id, X-User-Role",
            "X-User-Id: admin",
            path="/fitness/wod",
        ),
        has=("X-User-Id: me@x", "X-User-Role: r"),
        fields=None,
    ),
    served(
        "it names the forwarding fields: ours are set all the same",
        RFC,
        get(
            "Connection: X-Forwarded-For, Forwarded, Via, X-Request-ID", "X-Forwarded-For: 10.0.0.1"
        ),
        fields=ONLY_HOST,
        has=("X-Forwarded-For: 127.0.0.1", "Via: 1.1 strangler"),
    ),
    served(
        "it names Transfer-Encoding: the body is framed all the same",
        "9112 6.1",
        post("Connection: Transfer-Encoding", CHUNKED, body=HELLO),
        fields=ONLY_HOST,
        body="hello",
        framing="chunked",
    ),
    protected("Authorization", "Connection: Authorization", "Authorization: Bearer x"),
    protected(
        "authorization in another case",
        "Connection: close, aUTHORIZATION",
        "Authorization: Bearer x",
    ),
    protected("Authorization, which is not there", "Connection: Authorization"),
    protected("Host", "Connection: Host"),
    protected("Cookie", "Connection: Cookie", "Cookie: a=b"),
    protected("Content-Length", "Connection: Content-Length"),
    protected("Cookie in a second field", "Connection: close", "Connection: Cookie", "Cookie: a=b"),
]

HOP_BY_HOP = [
    removed("Keep-Alive", "Keep-Alive: timeout=5, max=100"),
    removed("Keep-Alive, named too", "Connection: keep-alive", "Keep-Alive: timeout=5"),
    removed("Proxy-Connection", "Proxy-Connection: keep-alive"),
    removed("Proxy-Connection: close", "Proxy-Connection: close", closes=None),
    removed("Proxy-Authorization", "Proxy-Authorization: Basic dXNlcjpwYXNz", rfc="9110 11.7.2"),
    removed(
        "TE: what we do not do", "TE: gzip, deflate;q=0.5", "Connection: TE", rfc="9110 10.1.4"
    ),
    removed("TE without its name in Connection", "TE: gzip", rfc="9110 10.1.4"),
    removed("HTTP2-Settings", "HTTP2-Settings: AAMAAABkAAQAAP__", rfc="9113 3.2.1"),
    served(
        "TE: trailers may stay, and then is named",
        "9110 10.1.4",
        get("TE: trailers", "Connection: TE"),
        fields=None,
    ),
]

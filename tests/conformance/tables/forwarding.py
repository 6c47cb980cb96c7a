"""What the router says of a client, and what a client says of itself."""

from tests.conformance.rows import Request, refused, served
from tests.conformance.writing import HOST, get, line
from tests.edge.requests import WOD, bearer

ONLY_HOST = (f"Host: {HOST}",)
OURS = (
    "X-Forwarded-For: 127.0.0.1",
    "X-Forwarded-Proto: http",
    f"X-Forwarded-Host: {HOST}",
    f'Forwarded: for=127.0.0.1;proto=http;host="{HOST}"',
    "Via: 1.1 strangler",
)

FORGED = [
    "X-Forwarded-For: 10.0.0.1",
    "x-forwarded-for: 10.0.0.1, 10.0.0.2",
    "X_Forwarded_For: 10.0.0.1",
    "X-Forwarded_For: 10.0.0.1",
    "X-Forwarded-Proto: https",
    "X-Forwarded-Host: evil.example",
    "X-Forwarded-Port: 443",
    "X-Real-IP: 10.0.0.1",
    "X_Real_IP: 10.0.0.1",
    "Forwarded: for=10.0.0.1;proto=https;host=evil.example",
]

IDENTITY = [
    "X-User-Id: admin",
    "x-user-id: admin",
    "X-USER-ID: admin",
    "X_User_Id: admin",
    "X-User_Id: admin",
    "x_USER-id: admin",
    "X-User-Role: admin",
    "X_USER_ROLE: admin",
]


def replaced(forged: str) -> Request:
    """What an untrusted peer says: gone, and ours there instead."""
    return served(forged, "7239 8.1; FAULTS 2", get(forged), fields=ONLY_HOST, has=OURS)


def stripped(forged: str) -> Request:
    """What nobody but us may say: the claims' value is there, and only that."""
    token = bearer("me@x", role="member")
    return served(
        forged,
        "FAULTS 2",
        get(forged, token, path=WOD),
        fields=(*ONLY_HOST, token),
        has=("X-User-Id: me@x", "X-User-Role: member"),
    )


def anonymous(forged: str) -> Request:
    """The same where no token is read: nobody is named."""
    return served(
        f"{forged}, no token read",
        "FAULTS 2",
        get(forged),
        fields=ONLY_HOST,
        lacks=("x-user-id", "x-user-role"),
    )


UNTRUSTED = [
    served("nothing is said", "7239 4; 9110 7.6.3", get(), has=OURS),
    *map(replaced, FORGED),
    served(
        "twice",
        "FAULTS 2",
        get("X-Forwarded-For: 10.0.0.1", "X-Forwarded-For: 10.0.0.2"),
        fields=ONLY_HOST,
        has=OURS,
    ),
]

IDENTITIES = [*map(stripped, IDENTITY), *map(anonymous, IDENTITY)]


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

AUTHORIZATION = [
    refused("twice", "9110 11.6.2, 5.3", get(bearer(), bearer(), path=WOD)),
    refused(
        "twice, on a route that reads none",
        "9110 11.6.2, 5.3",
        get("Authorization: Basic YTpi", "authorization: Basic Yzpk"),
    ),
    refused(
        "two tokens in one field",
        "6750 2.1",
        get(f"{bearer()}, {bearer()[15:]}", path=WOD),
        400,
        401,
        closes=None,
    ),
    refused(
        "in the query",
        "6750 2.3",
        get(path=f"{WOD}?access_token={bearer()[22:]}"),
        401,
        closes=None,
    ),
    refused("none", "6750 3", get(path=WOD), 401, closes=None),
    refused(
        "another scheme", "6750 3", get("Authorization: Basic YTpi", path=WOD), 401, closes=None
    ),
    served(
        "the scheme in lower case", "9110 11.1", get(bearer().replace("Bearer", "bearer"), path=WOD)
    ),
    served(
        "the scheme in capitals", "9110 11.1", get(bearer().replace("Bearer", "BEARER"), path=WOD)
    ),
    served(
        "of any scheme, where none is read", "9110 11.6.2", get("Authorization: Digest a=b, c=d")
    ),
]

TRACING = [
    served(
        "a request id is taken over",
        "FAULTS 2",
        get("X-Request-ID: abc-1"),
        fields=ONLY_HOST,
        has=("X-Request-ID: abc-1",),
    ),
    served(
        "but not one that would break a log",
        "FAULTS 2",
        get('X-Request-ID: a" b'),
        fields=ONLY_HOST,
    ),
]

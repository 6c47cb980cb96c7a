"""What the router says of a client, and what a client says of itself."""

from tests.conformance.rows import Request, refused, served
from tests.conformance.writing import HOST, get
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

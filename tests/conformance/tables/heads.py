"""Heads of answers: which fields and statuses go on as they came, and which end here."""

from functools import partial

from tests.conformance.answers import Answer, On, passes
from tests.conformance.writing import answer

HELLO_5 = "Content-Length: 5"
sound = partial(answer, HELLO_5, body="hello")


def kept(name: str, rfc: str, *fields: str, status: str = "200 OK", **also: object) -> Answer:
    """Fields that reach the client as they came."""
    return passes(name, rfc, sound(*fields, status=status), **also)


def removed(name: str, *fields: str, rfc: str = "9110 7.6.1", **also: object) -> Answer:
    """Fields that were for the router only."""
    names = tuple(one.partition(":")[0] for one in fields)
    return passes(
        name,
        rfc,
        sound(*fields),
        fields=(HELLO_5,),
        lacks=[one for one in names if one != "Connection"],
        **also,
    )


FIELDS = [
    kept(
        "several cookies",
        "9110 5.3",
        "Set-Cookie: a=b; Path=/",
        "Set-Cookie: c=d",
        "X-A: b",
        "set-cookie: e=f",
    ),
    kept(
        "order and case of names", "9110 5.3", "zeta: 1", "ALPHA: 2", "mIxEd: 3", "X-A: 4", "x-a: 5"
    ),
    kept("empty values", "9110 5.5", "X-A:", "X-B: "),
    kept("bytes from 0x80", "9110 5.5", "X-A: \x80\xe4\xff", "X-B: \xc3\xa4"),
    kept("tabs and blanks within", "9110 5.5", "X-A: b \t c"),
    passes("blanks around a value", "9112 5.1", sound("X-A: \t b \t"), fields=(HELLO_5, "X-A: b")),
    kept("every byte of a token", "9110 5.6.2", "!#$%&'*+-.^_`|~09azAZ: b"),
    kept("who says it was it", "9110 10.2.4", "Server: gunicorn", "X-Powered-By: flask"),
    kept("its date", "9110 6.6.1", "Date: Tue, 15 Nov 1994 08:12:31 GMT"),
    kept(
        "what a cache may do",
        "9111 5",
        "Cache-Control: no-store",
        "Age: 5",
        "Vary: *",
        "Expires: 0",
    ),
    kept(
        "what it is",
        "9110 8",
        "Content-Type: application/json",
        "Content-Language: de",
        'ETag: W/"a"',
    ),
    kept("a coding of the content, undone by nobody", "9110 8.4", "Content-Encoding: gzip"),
    kept("the hops it came by", "9110 7.6.3", "Via: 1.1 varnish", "Via: 1.0 fred"),
    kept(
        "a Location that nobody follows",
        "9110 15.4",
        "Location: http://127.0.0.1:1/x?y#z",
        status="302 Found",
    ),
    kept("100 fields", "FAULTS 2", *(f"X-{number}: a" for number in range(100))),
    kept("a value of 16 KiB", "FAULTS 2", "Content-Security-Policy: " + "a" * 16384),
    kept("an identity that only requests have", "FAULTS 2", "X-User-Id: a"),
]

STATUSES = [
    *(
        kept(one, "9110 15", status=one)
        for one in (
            *(
                "200 OK",
                "201 Made",
                "202 Accepted",
                "203 Changed",
                "206 Part",
                "226 IM Used",
                "299 Own",
            ),
            *("300 Many", "301 Moved", "303 Other", "307 Temporary", "308 Permanent"),
            *(
                "400 Bad",
                "402 Pay",
                "404 Gone Fishing",
                "405 No",
                "409 Conflict",
                "410 Gone",
                "412 Failed",
            ),
            *("413 Large", "416 Range", "418 Teapot", "422 Odd", "425 Early", "451 Law", "499 Own"),
        )
    ),
    kept(
        "401 and its challenge",
        "9110 11.6.1",
        "WWW-Authenticate: Bearer, Basic realm=x",
        status="401 No",
    ),
    *(
        kept(one, "9110 15.6", status=one, only=On.PLAIN)
        for one in ("500 Error", "501 No", "502 Bad", "505 V", "599 Own")
    ),
    kept(
        "503 and when to ask again",
        "9110 10.2.3",
        "Retry-After: 5",
        status="503 Later",
        only=On.PLAIN,
    ),
    kept(
        "a range of the content",
        "9110 14.4",
        "Content-Range: bytes 0-4/9",
        status="206 Partial Content",
    ),
    kept("an empty reason", "9112 4", status="200 "),
    kept("bytes from 0x80 in the reason", "9112 4", status="200 Sch\xf6n \xc3\xa4"),
    kept("a tab in the reason", "9112 4", status="200 O\tK"),
]

HOPS = [
    removed("what Connection names", "Connection: X-Hop", "X-Hop: a"),
    removed(
        "in another case, and several",
        "Connection: x-hop , X-TWO",
        "X-Hop: a",
        "X-Two: b",
        "x-two: c",
    ),
    removed("in two fields", "Connection: X-One", "X-One: a", "Connection: X-Two", "X-Two: b"),
    removed(
        "with close: its connection is not used again",
        "Connection: close, X-Hop",
        "X-Hop: a",
        reused=False,
    ),
    removed(
        "close: the client's connection goes on all the same",
        "Connection: close",
        rfc="9112 9.6",
        reused=False,
    ),
    removed("keep-alive", "Connection: keep-alive", "Keep-Alive: timeout=5", reused=True),
    removed("Keep-Alive alone", "Keep-Alive: timeout=5, max=100", reused=True),
    removed("Proxy-Connection", "Proxy-Connection: close"),
    removed("Proxy-Authenticate", "Proxy-Authenticate: Basic", rfc="9110 11.7.1"),
    removed("Upgrade offered", "Connection: Upgrade", "Upgrade: h2,h2c", rfc="9110 7.8"),
    removed("TE", "TE: trailers"),
    passes(
        "Connection cannot name the length away",
        "9112 6.3",
        sound("Connection: Content-Length"),
        fields=(HELLO_5,),
        framing="length",
    ),
    passes(
        "a name that begins like a named one stays",
        "9110 7.6.1",
        sound("Connection: X-Hop", "X-Hop-By: a"),
        fields=(HELLO_5, "X-Hop-By: a"),
    ),
]

"""Paths (FAULTS 3): what is matched is, byte for byte, what is forwarded.

A path passes raw where its normal form would match the same route; where it would match a
stricter one, 400. `/fitness/wod` needs a token, `/admin/` a role, everything else neither.
"""

from tests.conformance.rows import Request, refused, served
from tests.conformance.writing import HOST, get, line
from tests.edge.requests import bearer

RFC = "9110 4.2.3, 7.7; 3986 6.2.2"
BYTES = "9112 3.2; 3986 2"


def raw(path: str, why: str = "") -> Request:
    """A path that goes on as it is, to the default route."""
    return served(f"{path[:40]}{why and ': '}{why}", RFC, get(path=path))


def two_ways(path: str) -> Request:
    """A path that a lax upstream would take for a stricter route's."""
    return refused(f"{path}: two readings", RFC, get(path=path))


def no_target(path: str, why: str) -> Request:
    """A target with bytes that none may have."""
    return refused(f"{path!r}: {why}", BYTES, get(path=path))


def owned(path: str) -> Request:
    """A path of the strangled route, sent with a token; the candidate gets it as it is."""
    return served(f"{path}: the route's own", RFC, get(bearer(), path=path))


SPELLINGS = [
    raw("/fitness/../elsewhere"),
    raw("/fitness/../admin", "another path than /admin/"),
    two_ways("/fitness/../admin/"),
    two_ways("/fitness/../admin/users"),
    raw("/fitness/%2e%2e/"),
    two_ways("/fitness/%2e%2e/admin/users"),
    two_ways("/fitness/%2E%2e/fitness/wod"),
    two_ways("/fitness/./wod"),
    two_ways("/fitness/%2e/wod"),
    two_ways("/./fitness/wod"),
    two_ways("//fitness/wod"),
    two_ways("/fitness//wod"),
    raw("/fitness/wod/.", "the same as /fitness/wod/, which is another path"),
    raw("/fitness/wod/", "a final slash makes another path"),
    two_ways("/fitness/wod;x=1"),
    two_ways("/fitness;x=1/wod"),
    two_ways("/fitness%2fwod"),
    two_ways("/fitness%2Fwod"),
    two_ways("/%66itness/wod"),
    two_ways("/fitness/wo%64"),
    two_ways("/fitness\\wod"),
    two_ways("/fitness%5cwod"),
    two_ways("/\\fitness/wod"),
    raw("/FITNESS/WOD", "case makes another path"),
    raw("/fitness/wod%20"),
    raw("/fitness/wod%252f", "escapes are decoded once"),
    raw("/fitness%252fwod", "escapes are decoded once"),
    owned("/fitness/wod?"),
    owned("/fitness/wod?a=/../b"),
    owned("/fitness/wod?%2f//..;"),
    two_ways("/admin%2Fusers"),
    two_ways("/x/../admin/users"),
    two_ways("//admin/users"),
    raw("/a//b"),
    raw("/a%2Fb"),
    raw("/a/./b"),
    raw("/a/../../b"),
    raw("/a;b=c/d"),
    raw("/a\\b"),
    raw("/"),
    raw("//"),
    raw("/..", "above the root"),
    raw("/?"),
    raw("/%E4%B8%AD?%C3%A4"),
    raw("/%c3%a4", "escapes keep their case"),
    raw("/%7euser", "unreserved bytes stay escaped"),
    raw("/a?b=c?d=e"),
    raw("/a?x=http://b/c"),
    raw("/:@!$&'()*+,;=-._~"),
    raw("/http://other.example/", "no absolute-form"),
]

BAD_BYTES = [
    no_target("/fitness/wod%00", "an escaped NUL"),
    no_target("/elsewhere?%00", "an escaped NUL in the query"),
    no_target("/elsewhere\0", "a NUL"),
    no_target("/else\x01where", "a control byte"),
    no_target("/else\x1fwhere", "a control byte"),
    no_target("/else\x7fwhere", "DEL"),
    no_target("/else\x0bwhere", "a vertical tab"),
    no_target("/else\twhere", "a tab"),
    no_target("/\xe4\xf6", "bytes from 0x80"),
    no_target("/\xc3\xa4", "UTF-8"),
    no_target("/\xff\xfe", "no UTF-8 either"),
    no_target("/elsewhere?\xe4", "a byte from 0x80 in the query"),
    no_target("/else%zzwhere", "no escape"),
    no_target("/else%2", "half an escape"),
    no_target("/elsewhere%", "a percent sign alone"),
    no_target("/else%%20where", "two percent signs"),
    no_target("/else%u0041", "an escape of JavaScript's"),
    no_target("/elsewhere?a=%", "a percent sign alone in the query"),
    no_target("/elsewhere#part", "a fragment"),
    no_target("/elsewhere?x#part", "a fragment behind a query"),
    no_target("/elsewhere#", "an empty fragment"),
]

ABSOLUTE = [
    refused("a URL in two readings", RFC, line(f"GET http://{HOST}/fitness%2fwod HTTP/1.1")),
    refused("a URL with dots", RFC, line(f"GET http://{HOST}/x/../fitness/wod HTTP/1.1")),
    refused("a URL with a raw byte", BYTES, line(f"GET http://{HOST}/\xe4 HTTP/1.1")),
    refused("a URL with a fragment", BYTES, line(f"GET http://{HOST}/elsewhere#x HTTP/1.1")),
    refused(
        "a URL of the strangled route needs its token",
        RFC,
        line(f"GET http://{HOST}/fitness/wod HTTP/1.1"),
        401,
        closes=None,
    ),
    served(
        "a URL whose path begins with two slashes",
        RFC,
        line(f"GET http://{HOST}//a HTTP/1.1"),
        line="GET //a HTTP/1.1",
    ),
]

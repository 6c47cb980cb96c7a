"""The request line: method, form of the target, version, and what is no HTTP at all."""

from tests.conformance.rows import Request, refused, served
from tests.conformance.writing import HOST, get, line, message

KNOWN = ["OPTIONS", "PATCH", "DELETE", "PROPFIND", "PURGE", "REPORT", "SEARCH", "MKCALENDAR"]
"""Methods that the parser knows; what they mean is the application's business."""

UNKNOWN = ["get", "Get", "FOO", "GETT", "GE", "X-CUSTOM", "!#$%&'*+-.^_`|~", "A" * 100]
"""Tokens all the same (RFC 9110 9.1): methods are told apart by case, and there may be more."""

NO_METHOD = ["G(T", "G@T", "GE\x01T", "G\xcbT", "GET,", '"GET"', "G\0ET"]


def version(said: str) -> Request:
    """A row with that version."""
    return refused(
        f"version {said!r}", "9112 2.3, 3; 9110 2.5", line(f"GET /elsewhere {said}"), 400, 505
    )


METHODS = [
    *(served(one, "9110 9.1", line(f"{one} /elsewhere HTTP/1.1")) for one in KNOWN),
    *(
        refused(
            f"unknown: {one[:20]}",
            "9110 9.1, 15.6.2",
            line(f"{one} /elsewhere HTTP/1.1"),
            501,
            closes=None,
        )
        for one in UNKNOWN
    ),
    *(
        refused(f"no token: {one!r}", "9112 3", line(f"{one} /elsewhere HTTP/1.1"), 400, 501)
        for one in NO_METHOD
    ),
    refused("none", "9112 3", line("/elsewhere HTTP/1.1"), 400, 501),
    refused("none, but its blank", "9112 3", line(" /elsewhere HTTP/1.1"), 400, 501),
    served("HEAD", "9110 9.3.2", line("HEAD /elsewhere HTTP/1.1")),
    refused("TRACE", "9110 9.3.8", line("TRACE /elsewhere HTTP/1.1"), 405, closes=None),
    refused(
        "TRACE that should end here",
        "9110 7.6.2, 9.3.8",
        line("TRACE /elsewhere HTTP/1.1", "Max-Forwards: 0"),
        405,
        closes=None,
    ),
    refused("CONNECT", "9110 9.3.6", line(f"CONNECT {HOST}:443 HTTP/1.1"), 400, 405),
    refused("CONNECT of nothing", "9112 3, 3.2.3", b"CONNECT \r\n\r\n"),
    refused(
        "CONNECT of a path", "9110 9.3.6; 9112 3.2.3", line("CONNECT /elsewhere HTTP/1.1"), 400, 405
    ),
    refused(
        "CONNECT of a URL",
        "9110 9.3.6; 9112 3.2.3",
        line(f"CONNECT http://{HOST}/ HTTP/1.1"),
        400,
        405,
    ),
    refused(
        "CONNECT, and bytes behind it",
        "9110 9.3.6",
        line(f"CONNECT {HOST}:443 HTTP/1.1") + b"\x16\x03\x01",
        400,
        405,
    ),
]

VERSIONS = [
    *map(
        version, ("HTTP/1.2", "HTTP/2.0", "HTTP/2", "HTTP/3", "HTTP/0.9", "HTTP/1.1x", "HTTP/1.10")
    ),
    *map(version, ("HTTP/1.01", "HTTP/01.1", "HTTP/11", "HTTP/1", "HTTP/1.", "HTTP/.1", "HTTP/")),
    *map(
        version,
        ("HTTP/-1.1", "HTTP/1,1", "http/1.1", "HtTP/1.1", "HTTPS/1.1", "RTSP/1.0", "ICE/1.0"),
    ),
    *map(
        version,
        ("HTTP /1.1", "HTTP/ 1.1", "HTTP/1 .1", "HTTP/1.1\0", "HTTP/1.1\x01", "HTTP/1.\xb1"),
    ),
]

BLANKS = [
    refused("two blanks before the target", "9112 3", line("GET  /elsewhere HTTP/1.1")),
    refused("two blanks before the version", "9112 3", line("GET /elsewhere  HTTP/1.1")),
    refused("a blank behind the version", "9112 3", line("GET /elsewhere HTTP/1.1 ")),
    refused("a tab behind the version", "9112 3", line("GET /elsewhere HTTP/1.1\t")),
    refused("a blank before the method", "9112 3", line(" GET /elsewhere HTTP/1.1"), 400, 501),
    refused("tabs for blanks", "9112 3", line("GET\t/elsewhere\tHTTP/1.1"), 400, 501),
    refused("a vertical tab for a blank", "9112 3", line("GET /elsewhere\x0bHTTP/1.1"), 400, 505),
    refused("a form feed for a blank", "9112 3", line("GET\x0c/elsewhere HTTP/1.1"), 400, 501),
    refused("a blank in the target", "9112 3.2", line("GET /else where HTTP/1.1"), 400, 505),
    refused("no target", "9112 3", line("GET HTTP/1.1")),
    refused("no target, but its blanks", "9112 3", line("GET  HTTP/1.1")),
    refused("no version", "9112 3", line("GET /elsewhere"), 400, 505),
    refused("no version, but its blank", "9112 3", line("GET /elsewhere "), 400, 505),
    refused("CR in the target", "9112 2.2", line("GET /else\rwhere HTTP/1.1")),
    refused("LF in the target", "9112 2.2", line("GET /else\nwhere HTTP/1.1"), 400, 505),
]

EMPTY_LINES = [
    served(
        "one before the request line", "9112 2.2", b"\r\n" + get(), line="GET /elsewhere HTTP/1.1"
    ),
    refused("a hundred", "9112 2.2", b"\r\n" * 100 + get()),
    refused("a blank on one", "9112 2.2", b" \r\n" + get(), 400, 501),
]

NO_HTTP = [
    refused("an HTTP/0.9 line", "9112 2.3", b"GET /elsewhere\r\n\r\n", 400, 505),
    refused(
        "a TLS hello",
        "9112 2.2",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(500),
        400,
        501,
    ),
    refused(
        "an old SSL hello",
        "9112 2.2",
        b"\x80\x2e\x01\x00\x02\x00\x15\x00\x00\x00\x10" + bytes(30),
        400,
        501,
    ),
    refused("the HTTP/2 preface", "9113 3.4", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400, 501, 505),
    refused("an SSH banner", "9112 2.2", b"SSH-2.0-OpenSSH_9.2\r\n", 400, 501),
    refused("an SMTP greeting", "9112 3", b"EHLO fit.example\r\n", 400, 501),
    refused(
        "a PROXY protocol line",
        "9112 3",
        b"PROXY TCP4 127.0.0.1 127.0.0.1 1 2\r\n" + get(),
        400,
        501,
    ),
    refused("an answer", "9112 2.1", message("HTTP/1.1 200 OK", "Content-Length: 0"), 400, 501),
    refused("NULs", "9112 2.2", bytes(20), 400, 501),
]

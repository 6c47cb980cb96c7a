"""Where a request points: Host, and the four forms of the target (RFC 9112 3.2)."""

from tests.conformance.rows import Request, refused, served
from tests.conformance.writing import HOST, line, message

GET = "GET /elsewhere HTTP/1.1"


def bad(name: str, said: str) -> Request:
    """A row with that Host."""
    return refused(name, "9112 3.2; 9110 7.2", message(GET, f"Host: {said}"))


def good(name: str, said: str) -> Request:
    """A row with that Host, which arrives as it is."""
    return served(
        name,
        "9112 3.2; 9110 7.2",
        message(GET, f"Host: {said}"),
        has=(f"X-Forwarded-Host: {said}",),
    )


HOSTS = [
    refused("none", "9112 3.2", message(GET)),
    refused("two that differ", "9112 3.2", message(GET, "Host: a.example", "Host: b.example")),
    refused("two that agree", "9112 3.2", message(GET, f"Host: {HOST}", f"Host: {HOST}")),
    refused(
        "two apart from each other", "9112 3.2", message(GET, f"host: {HOST}", "X-A: b", "HOST: x")
    ),
    bad("empty", ""),
    bad("a blank within", "a b"),
    bad("a tab within", "a\tb"),
    bad("userinfo", "me@fit.example"),
    bad("userinfo with a password", "me:x@fit.example"),
    bad("a path", "fit.example/x"),
    bad("a slash", "fit.example/"),
    bad("a URL", "http://fit.example"),
    bad("a backslash", "fit.example\\x"),
    bad("a query", "fit.example?x"),
    bad("a fragment", "fit.example#x"),
    bad("a list", "a.example, b.example"),
    bad("a comma", "a,b"),
    bad("a control byte", "a\x01b"),
    bad("a NUL", "a\0b"),
    bad("a byte from 0x80", "f\xefit.example"),
    bad("a word for a port", "fit.example:http"),
    bad("a minus in the port", "fit.example:-1"),
    bad("two ports", "fit.example:80:80"),
    bad("a port alone", ":80"),
    bad("quotes", '"fit.example"'),
    bad("angle brackets", "<fit.example>"),
    bad("an open bracket", "[::1"),
    bad("brackets around a name", "[fit.example]"),
    refused("a blank before the colon", "9112 5.1", message(GET, f"Host : {HOST}")),
    refused("folded", "9112 5.2", message(GET, f"Host:\r\n {HOST}")),
    good("a name", "fit.example"),
    good("a name and a port", "fit.example:8080"),
    good("an address", "127.0.0.1:80"),
    good("an address of version 6", "[::1]:80"),
    good("capitals stay", "FIT.Example"),
    good("underscores and minus", "my_app-1.internal"),
    good("a final dot", "fit.example."),
    served(
        "none in HTTP/1.0",
        "9112 3.2",
        message("GET /elsewhere HTTP/1.0"),
        fields=("Host:",),
        closes=True,
    ),
]

ABSOLUTE = [
    served(
        "a URL",
        "9112 3.2.2",
        line(f"GET http://{HOST}/elsewhere?x=1 HTTP/1.1"),
        line="GET /elsewhere?x=1 HTTP/1.1",
    ),
    served(
        "its authority wins over Host",
        "9112 3.2.2",
        message("GET http://other.example:81/elsewhere HTTP/1.1", f"Host: {HOST}", "X-A: b"),
        line=GET,
        fields=("Host: other.example:81", "X-A: b"),
        has=("X-Forwarded-Host: other.example:81",),
    ),
    served(
        "without Host in HTTP/1.0",
        "9112 3.2.2",
        message("GET http://other.example/elsewhere HTTP/1.0"),
        line=GET,
        fields=("Host: other.example",),
        closes=True,
    ),
    refused(
        "without Host in HTTP/1.1", "9112 3.2", message(f"GET http://{HOST}/elsewhere HTTP/1.1")
    ),
    refused(
        "a Host that is none beside it",
        "9112 3.2",
        message(f"GET http://{HOST}/elsewhere HTTP/1.1", "Host: a b"),
    ),
    served("https", "9110 4.2.2", line(f"GET https://{HOST}/elsewhere HTTP/1.1"), line=GET),
    served(
        "a scheme in capitals",
        "9110 4.2.3",
        line(f"GET HTTP://{HOST}/elsewhere HTTP/1.1"),
        line=GET,
    ),
    served("no path", "9112 3.2.1", line(f"GET http://{HOST} HTTP/1.1"), line="GET / HTTP/1.1"),
    served(
        "no path, but a query",
        "9112 3.2.1",
        line(f"GET http://{HOST}?x=1 HTTP/1.1"),
        line="GET /?x=1 HTTP/1.1",
    ),
    served(
        "OPTIONS and no path: the whole server",
        "9112 3.2.4",
        line(f"OPTIONS http://{HOST} HTTP/1.1"),
        line="OPTIONS * HTTP/1.1",
    ),
    served(
        "OPTIONS and a slash",
        "9112 3.2.4",
        line(f"OPTIONS http://{HOST}/ HTTP/1.1"),
        line="OPTIONS / HTTP/1.1",
    ),
    refused("userinfo", "9110 4.2.4", line(f"GET http://me@{HOST}/elsewhere HTTP/1.1")),
    refused("no host", "9110 4.2.1", line("GET http:///elsewhere HTTP/1.1")),
    refused("a port alone", "9110 4.2.1", line("GET http://:80/elsewhere HTTP/1.1")),
    refused(
        "a backslash for a slash", "9112 3.2.2", line(f"GET http:\\\\{HOST}/elsewhere HTTP/1.1")
    ),
    refused("one slash", "9112 3.2.2", line(f"GET http:/{HOST}/elsewhere HTTP/1.1")),
    refused("another scheme", "9112 3.2.2", line(f"GET ftp://{HOST}/elsewhere HTTP/1.1")),
    refused("a scheme of the file system", "9112 3.2.2", line("GET file:///etc/passwd HTTP/1.1")),
]

FORMS = [
    served("asterisk with OPTIONS", "9112 3.2.4", line("OPTIONS * HTTP/1.1")),
    refused("asterisk with GET", "9112 3.2.4", line("GET * HTTP/1.1")),
    refused("asterisk with POST", "9112 3.2.4", line("POST * HTTP/1.1", "Content-Length: 0")),
    refused("asterisk and more", "9112 3.2.4", line("OPTIONS *x HTTP/1.1")),
    refused("asterisk and a query", "9112 3.2.4", line("OPTIONS *?x HTTP/1.1")),
    refused("authority with GET", "9112 3.2.3", line(f"GET {HOST}:80 HTTP/1.1")),
    refused("a path without its slash", "9112 3.2.1", line("GET elsewhere HTTP/1.1")),
    refused("a query alone", "9112 3.2.1", line("GET ?x=1 HTTP/1.1")),
]

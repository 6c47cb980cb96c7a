"""Requests and answers as the tables write them: line by line, so that every byte can be seen."""

HOST = "fit.example"
PLAIN = "/elsewhere"
"""A path of the default route: no token, no fallback, the monolith's."""

CHUNKED = "Transfer-Encoding: chunked"
HELLO = "5\r\nhello\r\n0\r\n\r\n"
"""The body `hello` in one chunk."""


def message(first: str, *fields: str, body: str = "", end: str = "\r\n") -> bytes:
    """A message of these lines, each ended by *end*, then the body."""
    return (end.join([first, *fields, "", ""]) + body).encode("latin-1")


def line(first: str, *fields: str, body: str = "") -> bytes:
    """A request with that first line, and a good Host."""
    return message(first, f"Host: {HOST}", *fields, body=body)


def get(*fields: str, path: str = PLAIN, version: str = "1.1") -> bytes:
    """A GET, on the plain route unless *path* says another."""
    return line(f"GET {path} HTTP/{version}", *fields)


def post(*fields: str, body: str = "", path: str = PLAIN, version: str = "1.1") -> bytes:
    """A POST whose framing *fields* must tell."""
    return line(f"POST {path} HTTP/{version}", *fields, body=body)


def chunks(body: str, *fields: str) -> bytes:
    """A POST with this chunked body, written as it goes over the wire."""
    return post(CHUNKED, *fields, body=body)


def answer(*fields: str, status: str = "200 OK", body: str = "", version: str = "1.1") -> bytes:
    """An upstream's answer."""
    return message(f"HTTP/{version} {status}", *fields, body=body)

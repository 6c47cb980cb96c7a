"""The request line: which methods and forms of target are served (RFC 9112 3.2)."""

import re
from typing import NamedTuple

from router.core.paths import is_well_formed
from router.core.problems import Problem, bad_request

SERVED_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
"""Named where a method is refused (RFC 9110 15.5.6); others that the parser knows pass as well."""

REFUSED_METHODS = frozenset({"CONNECT", "TRACE"})

# RFC 9110 4.2 and RFC 3986 3.2.2: a host, or a bracketed address, and a port; no userinfo.
AUTHORITY = re.compile(r"[^/?]*")
HOST = re.compile(r"(?:[A-Za-z0-9._~!$&'()*+;=%-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")


class Target(NamedTuple):
    """Where a request points: `raw` is what is forwarded, `path` what is matched.

    `authority` is that of an absolute-form target, which wins over Host (RFC 9112 3.2.2).
    """

    raw: str
    path: str
    authority: str | None = None

    @property
    def query(self) -> str:
        """What follows the question mark."""
        return self.raw[len(self.path) + 1 :]


def read_target(method: str, target: str) -> Target | Problem:
    """The target of a request, or why it is refused."""
    if method in REFUSED_METHODS:
        allow = (("Allow", ", ".join(SERVED_METHODS)),)
        return Problem(405, "method", f"{method} is not served here.", allow, close=True)
    if not is_well_formed(target):
        return bad_request("The request target has a byte that must be percent-encoded.")
    if target.startswith("/"):
        return Target(target, target.partition("?")[0])
    if target == "*" and method == "OPTIONS":
        return Target(target, target)
    return read_absolute(method, target)


def read_absolute(method: str, target: str) -> Target | Problem:
    """An absolute-form target, as a client sends it to a proxy."""
    scheme, separator, rest = target.partition("://")
    if not separator or scheme.lower() not in {"http", "https"}:
        return bad_request("The request target is neither a path nor an http URL.")
    authority = AUTHORITY.match(rest)[0]  # type: ignore[index]  # it may be empty, and matches
    if HOST.fullmatch(authority) is None:
        return bad_request("The URL in the request line has no host that can be told for sure.")
    tail = rest[len(authority) :]
    if not tail and method == "OPTIONS":
        return Target("*", "*", authority)  # the server as a whole (RFC 9112 3.2.4)
    raw = tail if tail.startswith("/") else "/" + tail
    return Target(raw, raw.partition("?")[0], authority)

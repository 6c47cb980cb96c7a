"""Requests as a client writes them, byte by byte, and the tokens they carry."""

import time
from typing import Any

import jwt

SECRET = "a-secret-of-the-tests-with-more-than-32-bytes"
WOD = "/fitness/wod"
LIFETIME_S = 86_400.0
"""Tables of tokens are made when tests are collected, and used whenever their turn comes."""


def token(sub: object = "user-1", *, secret: str = SECRET, algorithm: str = "HS256", **also: Any):
    """A token that the router takes, but for what *also* says; None leaves a claim out."""
    claims = {"sub": sub, "iss": "fit-api", "exp": time.time() + LIFETIME_S, **also}
    kept = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode(kept, secret, algorithm=algorithm)


def bearer(*args: Any, **also: Any) -> str:
    """The Authorization line of `token`."""
    return f"Authorization: Bearer {token(*args, **also)}"


def request(
    method: str = "GET",
    path: str = WOD,
    *fields: str,
    body: bytes | None = None,
    chunks: list[bytes] | None = None,
    version: str = "1.1",
    host: str | None = "fit.example",
    auth: str | None = None,
) -> bytes:
    """A request; it has a good token unless *auth* says another line, or an empty one for none."""
    lines = [f"{method} {path} HTTP/{version}"]
    lines += [f"Host: {host}"] * (host is not None)
    lines += [one for one in [bearer() if auth is None else auth] if one]
    lines += fields
    if chunks is not None:
        lines.append("Transfer-Encoding: chunked")
    elif body is not None:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + payload(body, chunks)


def payload(body: bytes | None, chunks: list[bytes] | None) -> bytes:
    """The body as it follows the head."""
    if chunks is None:
        return body or b""
    return b"".join(b"%x\r\n%b\r\n" % (len(one), one) for one in [*chunks, b""])


def post(body: bytes = b"a small body", path: str = "/write", *fields: str) -> bytes:
    """A POST to the route whose writes are the candidate's."""
    return request("POST", path, *fields, body=body)

"""The bearer token of a request (RFC 6750 2.1), and its head without it."""

from typing import Final

from router.core.fields import tells_secrets

LINES: Final = (b"\r\nAuthorization: Bearer ", b"\r\nauthorization: Bearer ")
"""How nearly every client begins the line of its token; another spelling is only slower."""

BASE64URL: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
LETTERS: Final = BASE64URL + b".~+/="
"""What a bearer token may be made of, and so what cannot end its line."""


def bearer(authorization: bytes) -> bytes | None:
    """The one token that follows the scheme (RFC 6750 2.1), or None where there is none."""
    scheme, _, rest = authorization.partition(b" ")
    token = rest.strip(b" ")
    return token if token and b" " not in token and scheme.lower() == b"bearer" else None


def place_of_token(lines: bytes) -> int:
    """Where the token stands, or would stand, in *lines*; 0 where it is not plainly told."""
    begin = lines.find(LINES[0])
    if begin < 0:
        begin = lines.find(LINES[1])
    return begin + len(LINES[0]) if begin >= 0 else 0


def without_token(lines: bytes) -> tuple[bytes, bytes]:
    """*lines* less their bearer token, and the token; all and b"" where it is not plainly told.

    A line with a token is a field whatever the token's letters are, so what a reader makes of the
    other lines holds with every token.
    """
    begin = place_of_token(lines)
    if not begin:
        return lines, b""
    end = lines.find(b"\r\n", begin)
    token = lines[begin:end]
    if token.translate(None, LETTERS):
        return lines, b""
    return lines[:begin] + lines[end:], token


def tells_more(block: bytes) -> bool:
    """Whether *block*, a head's lines less its token, has a session or other credentials."""
    lines = block.split(b"\r\n")
    return tells_secrets([line for line in lines if b"\r\n" + line not in LINES])

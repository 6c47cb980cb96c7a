"""Tokens for the load, minted before it: some that a proxy has seen, the rest new to it."""

import hmac
import json
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path

from dev.secret import claims

ISSUER = "fit-api"
SECRET = "a-secret-of-the-bench-long-enough-for-HS256"  # noqa: S105 - guards nothing
WARM = 200
"""Users whose tokens a proxy has seen: more than connections, fewer than anything forgets."""
RATES = (0, 90, 100)
"""Of a hundred requests, how many carry a token that the proxy has seen."""


def minted(user: str, issued_at: int | None = None, secret: str = SECRET) -> str:
    """A token as the monolith would give *user* at login (as `dev.secret.token`, but quickly)."""
    now = int(time.time()) if issued_at is None else issued_at
    said = claims(user, ISSUER, iat=now, exp=now + 12 * 3600)
    signed = f"{HEAD}.{encoded(json.dumps(said, separators=(',', ':')).encode())}"
    signature = hmac.digest(secret.encode(), signed.encode(), "sha256")
    return f"{signed}.{encoded(signature)}"


def encoded(data: bytes) -> str:
    """Base64 as tokens have it (RFC 7515 2): for URLs, without padding."""
    return urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


HEAD = encoded(b'{"alg":"HS256","typ":"JWT"}')


def warm() -> list[str]:
    """The tokens that a proxy sees before it is measured."""
    return [minted(f"warm-{number}@bench.example") for number in range(WARM)]


def mixed(rate: int, count: int, seen: list[str]) -> Iterator[str]:
    """*count* tokens, *rate* of each hundred out of *seen*, spread evenly; no other comes twice."""
    known = cycle(seen)
    for number in range(count):
        if (number * rate) % 100 < rate:
            yield next(known)
        else:
            yield minted(f"new-{rate}-{number}@bench.example")


def written(folder: Path, count: int) -> dict[int, Path]:
    """A file for each of `RATES` with *count* tokens, one a line; the one for 100 has the seen."""
    seen = warm()
    files = {}
    for rate in RATES:
        files[rate] = folder / f"tokens-{rate}"
        lines = seen if rate == 100 else mixed(rate, count, seen)
        with files[rate].open("w", encoding="ascii") as file:
            file.writelines(f"{line}\n" for line in lines)
    return files

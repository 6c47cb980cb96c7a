"""Tokens for the load, minted before it: some that a proxy has seen, the rest new to it."""

import hmac
import json
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterable, Iterator
from itertools import cycle
from pathlib import Path

from dev.secret import claims

ISSUER = "fit-api"
SECRET = "a-secret-of-the-bench-long-enough-for-HS256"  # noqa: S105 - guards nothing
WARM = 200
"""Users whose tokens a proxy has seen: more than connections, fewer than anything forgets."""
RATES = (0, 90, 100)
"""Of a hundred requests, how many carry a token that the proxy has seen."""
MOST_A_SECOND = 60_000
"""Tokens made for each second of load: more than any peer can serve on a core."""


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


def mixed(name: str, rate: int, count: int, seen: list[str]) -> Iterator[str]:
    """*count* tokens, *rate* of each hundred out of *seen*, spread evenly; no other comes twice."""
    known = cycle(seen)
    for number in range(count):
        if (number * rate) % 100 < rate:
            yield next(known)
        else:
            yield minted(f"new-{name}-{number}@bench.example")


def written(folder: Path, seconds: float) -> dict[str, Path]:
    """Files of tokens, one a line, each with users of its own but `100`, which has the seen."""
    seen = warm()
    count = round(MOST_A_SECOND * max(seconds, 2.0))
    files = {"100": keep(folder / "tokens-100", seen)}
    for name, rate in {"0": 0, "90": 90, "heads": 90, "full": 90, "open": 90, "stress": 90}.items():
        files[name] = keep(folder / f"tokens-{name}", mixed(name, rate, count, seen))
    return files


def keep(path: Path, tokens: Iterable[str]) -> Path:
    """A file of them."""
    with path.open("w", encoding="ascii") as file:
        file.writelines(f"{token}\n" for token in tokens)
    return path

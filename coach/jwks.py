"""A JSON Web Key Set (RFC 7517) in the shape coach works with. Pure: what was sent is given."""

import re
from collections.abc import Mapping
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from jwt.algorithms import RSAAlgorithm

LEAST_BITS = 2048  # RFC 7518 section 3.3
MOST_KEYS = 100
LONGEST_KID = 256
LEAST_S, MOST_S = 60.0, 3600.0
MAX_AGE = re.compile(r"(?:^|,)\s*max-age=(\d{1,9})\s*(?:,|$)", re.IGNORECASE)


class KeySetError(Exception):
    """What was sent cannot be used as a set of keys."""


def key_set(content: object) -> dict[str, RSAPublicKey]:
    """Give the usable keys of a JSON *content* by their ``kid``, or raise ``KeySetError``.

    A key that is not for us (another type, use or algorithm) is passed over, as RFC 7517 section 5
    asks; a set in which none is usable is no set.
    """
    items = content.get("keys") if isinstance(content, dict) else None
    if not isinstance(items, list) or len(items) > MOST_KEYS:
        raise KeySetError(f"not a key set of at most {MOST_KEYS} keys")
    keys = {item["kid"]: key for item in items if (key := usable(item)) is not None}
    if not keys:
        raise KeySetError(f"none of its {len(items)} keys is an RSA key for RS256 signatures")
    return keys


def usable(item: object) -> RSAPublicKey | None:
    """Give the key that *item* is, if RS256 signatures may be verified by it."""
    if not isinstance(item, dict) or not is_meant_for_us(item):
        return None
    try:
        key = RSAAlgorithm.from_jwk({"kty": "RSA", "n": item["n"], "e": item["e"]})
    except (jwt.PyJWTError, KeyError, ValueError, TypeError, AttributeError):
        return None
    return key if isinstance(key, RSAPublicKey) and key.key_size >= LEAST_BITS else None


def is_meant_for_us(item: Mapping[str, Any]) -> bool:
    """Say whether the key has a name and is for RS256 signatures."""
    kid = item.get("kid")
    return (
        isinstance(kid, str)
        and 0 < len(kid) <= LONGEST_KID
        and item.get("kty") == "RSA"
        and item.get("use", "sig") == "sig"
        and item.get("alg", "RS256") == "RS256"
    )


def lifetime_s(cache_control: str) -> float:
    """Give how long a set may be kept, by its ``Cache-Control``: a minute to an hour."""
    found = MAX_AGE.search(cache_control)
    return min(max(float(found[1]) if found else 0.0, LEAST_S), MOST_S)

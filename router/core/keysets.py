"""Which keys of a key set (RFC 7517) may be used with an algorithm, and why not the others."""

import re
from collections.abc import Mapping
from typing import Any, Final

Jwk = Mapping[str, Any]

MAX_KEYS = 32
"""Keys of a set that are looked at: whoever rotates has two or three."""

MAX_TRIED = 4
"""Keys that are tried, in the order of the set, with a token that names none."""

KID = re.compile(r"[\x20-\x7e]{1,256}")

KINDS: Final = {
    **{f"{family}{size}": ("RSA", None) for family in ("RS", "PS") for size in (256, 384, 512)},
    "ES256": ("EC", "P-256"),
    "ES384": ("EC", "P-384"),
    "ES512": ("EC", "P-521"),
    "EdDSA": ("OKP", "Ed25519"),
}
"""Key type and curve of each algorithm with a public key (RFC 7518 3.1, RFC 8037 3.1)."""

PRIVATE: Final = ("d", "p", "q", "dp", "dq", "qi", "oth", "k")


class NoKeySet(ValueError):
    """What was fetched holds no key that can be used."""


def usable(key_set: Mapping[str, Any], algorithm: str) -> tuple[list[Jwk], list[str]]:
    """The keys for *algorithm* in their order, and why others are passed over.

    Keys of another type are for others, and not told of.
    """
    keys = key_set.get("keys")
    if not isinstance(keys, list):
        raise NoKeySet('is no key set: it has no list "keys"')
    found: list[Jwk] = []
    passed: list[str] = []
    for place, jwk in enumerate(keys[:MAX_KEYS]):
        if is_of_another_kind(jwk, algorithm):
            continue
        why = why_not(jwk, algorithm) or already(found, jwk)
        if why is None:
            found.append(jwk)
        else:
            passed.append(f"keys[{place}] {why}")
    if len(keys) > MAX_KEYS:
        passed.append(f"has {len(keys)} keys; the first {MAX_KEYS} are looked at")
    return found, passed


def why_not(jwk: Any, algorithm: str) -> str | None:
    """Why *jwk* may not be used with *algorithm* (RFC 7517 4, RFC 8725 3.1), or None."""
    if not isinstance(jwk, dict):
        return "is no mapping"
    if jwk.get("kty") == "oct":
        return "is a symmetric key, which must never be published"
    if any(member in jwk for member in PRIVATE):
        return "is a private key, which must never be published; replace it at the issuer"
    if jwk.get("alg", algorithm) != algorithm:
        return f"has another alg than {algorithm}"
    if jwk.get("use", "sig") != "sig":
        return "has another use than sig"
    operations = jwk.get("key_ops", ["verify"])
    if not isinstance(operations, list) or "verify" not in operations:
        return "has key_ops without verify"
    return None if kid_is_good(jwk) else "has a kid that is no short text"


def is_of_another_kind(jwk: Any, algorithm: str) -> bool:
    """Whether it is a sound key of another type: sets are shared, so nothing is wrong with that."""
    if not isinstance(jwk, dict) or any(member in jwk for member in PRIVATE):
        return False
    kind, curve = KINDS[algorithm]
    return jwk.get("kty") != kind or (curve is not None and jwk.get("crv") != curve)


def kid_is_good(jwk: Jwk) -> bool:
    """Whether the key has no name, or one that a token may carry."""
    kid = jwk.get("kid", "-")
    return isinstance(kid, str) and KID.fullmatch(kid) is not None


def already(found: list[Jwk], jwk: Jwk) -> str | None:
    """Why a second key of one name is not taken: nobody could say which is meant."""
    kid = jwk.get("kid")
    twice = kid is not None and any(one.get("kid") == kid for one in found)
    return "has the kid of a key before it" if twice else None

"""What a verified token says, and whether it is good now.

The signature is somebody else's business (`router.edge.tokens`); here are the rules on claims
(RFC 7519 4.1, RFC 8725), with the wall clock as an argument.
"""

import re
from collections.abc import Mapping
from math import inf
from typing import Any, Final
from urllib.parse import quote

from router.core.model import Jwt, Route
from router.core.words import Word

Claims = Mapping[str, Any]

MAX_CLAIM = 1024
"""Longest `sub` or role that is taken, in characters: they become header values upstream."""

LAST_DATE = 2**53
"""Seconds that a float still tells apart; NaN and infinity, which JSON can bring, are outside."""

NUMBERS: Final = (int, float)
"""Said once: `int | float` would make an object, and work for the collector, at each check."""

UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
"""Controls and surrogates: a claim that has one is not fit for a header or a log."""

SAFE = re.compile("[A-Za-z0-9@+!$&'*._~:/=-]*")
"""What is not percent-encoded in the headers that tell who is asking."""


class Refusal(Word):
    """Why a token was not accepted: the label of `strangler_auth_refusals_total`."""

    MISSING = "missing"
    MALFORMED = "malformed"
    SIGNATURE = "signature"
    UNKNOWN_KEY = "unknown_key"
    NO_KEYS = "no_keys"
    EXPIRED = "expired"
    NOT_YET = "not_yet"
    ISSUER = "issuer"
    AUDIENCE = "audience"
    CLAIM = "claim"
    ROLE = "role"


def check(claims: Claims, jwt: Jwt, now: float) -> Refusal | None:
    """Why *claims* do not hold at *now* (seconds of the wall clock), or None if they do."""
    for name in jwt.required:
        if name not in claims:
            return Refusal.CLAIM
    if not well_typed(claims):
        return Refusal.CLAIM
    if jwt.issuer is not None and claims.get("iss") != jwt.issuer:
        return Refusal.ISSUER
    if jwt.audience and not audience_of(claims) & jwt.audience:
        return Refusal.AUDIENCE
    return check_time(claims, jwt.leeway_s, now)


def window_of(claims: Claims, leeway_s: float) -> tuple[float, float]:
    """From when on, and before when, the token is good (seconds of the wall clock)."""
    since = max(claims.get("nbf", -inf), claims.get("iat", -inf)) - leeway_s
    return since, claims.get("exp", inf) + leeway_s


def check_time(claims: Claims, leeway_s: float, now: float) -> Refusal | None:
    """Whether the token is still, and already, good: asked anew at each use of a remembered one."""
    since, before = window_of(claims, leeway_s)
    if now >= before:
        return Refusal.EXPIRED
    return Refusal.NOT_YET if now < since else None


def well_typed(claims: Claims) -> bool:
    """Whether every registered claim that is there has its type (RFC 7519 4.1)."""
    for name in ("exp", "nbf", "iat"):
        if name in claims and not is_date(claims[name]):
            return False
    for name in ("sub", "iss"):
        if name in claims and not is_text(claims[name]):
            return False
    for name in ("role", "aud"):
        for value in values_of(claims, name):
            if not is_text(value):
                return False
    return True


def is_date(value: object) -> bool:
    """Whether *value* is a NumericDate: seconds, neither negative nor beyond what floats count."""
    return isinstance(value, NUMBERS) and not isinstance(value, bool) and 0 <= value <= LAST_DATE


def is_text(value: object) -> bool:
    """Whether *value* can be put into a header and a log: short, no controls, no surrogates."""
    return (
        isinstance(value, str)
        and 0 < len(value) <= MAX_CLAIM
        and (value.isprintable() or UNSAFE.search(value) is None)  # the first is far cheaper
    )


def values_of(claims: Claims, name: str) -> list[Any]:
    """A claim's values: a list as it is, a single one as a list of one."""
    value = claims.get(name)
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def audience_of(claims: Claims) -> frozenset[str]:
    """Whom the token is meant for (`aud`: a string or a list of them)."""
    return frozenset(values_of(claims, "aud"))


def holds(claims: Claims, name: str, wanted: frozenset[str]) -> bool:
    """Whether claim *name* has one of *wanted*, compared as text."""
    return any(text_of(value) in wanted for value in values_of(claims, name))


def text_of(value: object) -> str:
    """A claim's value as JSON, and so routes.yaml, spells it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def lacks(route: Route, claims: Claims) -> str | None:
    """The first claim that *route* requires and *claims* do not hold, or None."""
    return next(
        (need.claim for need in route.require if not holds(claims, need.claim, need.values)), None
    )


def unit_of(claims: Claims | None, by: str) -> str | None:
    """The verified string that is bucketed, or None where the token has none."""
    value = claims.get(by) if claims is not None else None
    if isinstance(value, str):
        return value if is_text(value) else None
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return None


def identity_headers(claims: Claims) -> tuple[tuple[str, str], ...]:
    """The headers that tell an upstream who is asking, percent-encoded UTF-8."""
    user = claims.get("sub")
    roles = values_of(claims, "role")
    pairs = []
    if user is not None:
        pairs.append(("X-User-Id", header_safe(user)))
    if roles:
        pairs.append(("X-User-Role", ",".join(header_safe(role) for role in roles)))
    return tuple(pairs)


def header_safe(value: str) -> str:
    """*value* percent-encoded, but for what e-mail addresses and names are made of."""
    if SAFE.fullmatch(value) is not None:
        return value  # nearly all of them, and `quote` takes ten times as long
    return quote(value, safe="@+!$&'*-._~:/=")

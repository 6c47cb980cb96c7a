"""Tokens: whatever they say, a refusal or an identity fit for upstreams comes of it."""

import hmac
import json
from base64 import urlsafe_b64encode
from pathlib import Path
from urllib.parse import unquote

from dev.fuzz import strict
from router.core.claims import Refusal
from router.core.credentials import bearer
from router.core.model import Jwt, Key
from router.edge.signatures import Signatures
from router.edge.sources import sources_of
from router.edge.surroundings import Surroundings
from router.edge.tokens import Identity, Tokens

NOW = 1_800_000_000.0
SECRET = "a-secret-of-the-fuzzing-with-32-bytes"  # noqa: S105 - guards nothing
AROUND = Surroundings({"JWT_SECRET": SECRET}, lambda: NOW, lambda: 0.0)
RULES = Jwt((Key(secret_env="JWT_SECRET"),), issuer="fit-api")  # noqa: S106 - a name
SIGNATURES = Signatures(RULES, sources_of(RULES, AROUND, Path(), ()))
HEADER = b'{"alg":"HS256","typ":"JWT"}'
CLAIMS = b'{"sub":"user@a.b","iss":"fit-api","exp":1800000600,"role":["user","admin"]}'


def signed(header: bytes, payload: bytes) -> bytes:
    """A token with a good signature, whatever stands in it."""
    said = encoded(header) + b"." + encoded(payload)
    return said + b"." + encoded(hmac.digest(SECRET.encode(), said, "sha256"))


def encoded(data: bytes) -> bytes:
    """Base64 as tokens have it (RFC 7515 2)."""
    return urlsafe_b64encode(data).rstrip(b"=")


GOOD = signed(HEADER, CLAIMS)


def check(data: bytes) -> None:
    """Two lines are header and claims, and get a good signature; one is what a client sends."""
    header, newline, payload = data.partition(b"\n")
    tokens = Tokens(RULES, SIGNATURES, wall=AROUND.wall, clock=AROUND.clock)
    value = signed(header, payload) if newline else bearer(data)
    found = tokens.identify(value)
    assert isinstance(found, Identity | Refusal), found
    assert tokens.identify(value) == found, "remembered as another"
    if isinstance(found, Refusal):
        return
    if newline:
        check_header(header)
        check_claims(payload, found)
    else:
        assert found.claims == json.loads(CLAIMS), "forged"


def check_header(header: bytes) -> None:
    """The algorithm is the key's, and nothing has to be understood that is not."""
    said = json.loads(header)
    assert said["alg"] == "HS256"
    assert not {"crit", "b64"} & set(said)


def check_claims(payload: bytes, found: Identity) -> None:
    """They hold, and the lines for the upstream say them and nothing else."""
    said = json.loads(payload)
    assert found.claims == said
    assert said["iss"] == "fit-api"
    assert NOW < said["exp"] < 2**54
    assert max(said.get("nbf", 0), said.get("iat", 0)) <= NOW
    fields, end = strict.fields_of(found.lines + b"\r\n", 0)
    assert end == len(found.lines) + 2
    values = dict(fields)
    assert len(values) == len(fields)
    assert all(strict.VCHAR.issuperset(value) for value in values.values())
    assert unquote(values.pop(b"X-User-Id").decode()) == said["sub"]
    roles = said.get("role")
    wanted = roles if isinstance(roles, list) else [] if roles is None else [roles]
    got = values.pop(b"X-User-Role", b"").decode()
    assert [unquote(one) for one in got.split(",") if one] == wanted
    assert not values


SEEDS = (
    HEADER + b"\n" + CLAIMS,
    HEADER + b'\n{"sub":"\\u00e9, x","iss":"fit-api","exp":1800000001.5,"nbf":1,"aud":["a"]}',
    b'{"alg":"none"}\n' + CLAIMS,
    b'{"alg":"HS256","kid":"a","jwk":{},"crit":["b64"],"b64":false}\n' + CLAIMS,
    HEADER + b'\n{"sub":1,"iss":"fit-api","exp":1e400,"exp":NaN}',
    b"Bearer " + GOOD,
    b"bearer  " + GOOD[:-3] + b"=",
    b"Basic dXNlcjpwYXNz",
)

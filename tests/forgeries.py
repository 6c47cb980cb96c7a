"""Tokens that somebody forges who knows the public keys, for whoever verifies RS256."""

import hashlib
import hmac
import json
from collections.abc import Callable

import jwt

from tests.keys import Key, claims_of, key, unpadded
from tests.services import token


def signed_with_the_public_key(one: Key) -> str:
    """Give a token whose HMAC has the published key for its secret; PyJWT would not sign so."""
    parts = ({"alg": "HS256", "kid": one.kid, "typ": "JWT"}, claims_of("alice@example.com"))
    signed = ".".join(unpadded(json.dumps(part).encode()) for part in parts)
    mac = hmac.new(one.public_pem, signed.encode(), hashlib.sha256).digest()
    return f"{signed}.{unpadded(mac)}"


def foreign(**headers: object) -> str:
    """Give a token that is good in itself, signed with a key that is not ours."""
    return key("foreign").token(headers={"kid": key("foreign").kid} | headers)


def cut(one: Key) -> str:
    """Give a good token without its signature."""
    return one.token().rpartition(".")[0] + "."


FORGED: dict[str, Callable[[Key], str]] = {
    "HS256 with the public key": signed_with_the_public_key,
    "HS256 with a secret": lambda _: token(secret="x" * 32),
    "no algorithm": lambda one: jwt.encode(
        claims_of("alice@example.com"), "", "none", headers={"kid": one.kid}
    ),
    "no signature": cut,
    "RS512": lambda one: jwt.encode(
        claims_of("alice@example.com"), one.private, "RS512", headers={"kid": one.kid}
    ),
    "no name": lambda one: one.token(headers={}),
    "another name": lambda one: one.token(headers={"kid": key("foreign").kid}),
    "a foreign key": lambda _: foreign(),
    "a foreign key under our name": lambda one: foreign(kid=one.kid),
    "its own key in the header": lambda _: foreign(jwk=key("foreign").jwk),
    "its own set in the header": lambda _: foreign(jku="http://127.0.0.1:1/set"),
    "a name that is a path": lambda one: one.token(headers={"kid": "../../signing.pem"}),
    "an unknown critical header": lambda one: one.token(
        headers={"kid": one.kid, "crit": ["x"], "x": 1}
    ),
}
"""By what was done; the argument is the key that the verifier accepts."""

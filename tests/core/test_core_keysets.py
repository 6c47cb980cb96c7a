"""Which keys of a published set are used, and why the others are not."""

from typing import Any

import pytest

from router.core.keysets import MAX_KEYS, NoKeySet, usable

RSA = {"kty": "RSA", "n": "x", "e": "AQAB", "kid": "a"}
EC = {"kty": "EC", "crv": "P-256", "x": "x", "y": "y", "kid": "b"}
OKP = {"kty": "OKP", "crv": "Ed25519", "x": "x", "kid": "c"}

GOOD = [
    ("RS256", RSA),
    ("PS384", RSA),
    ("RS256", RSA | {"use": "sig", "alg": "RS256", "key_ops": ["verify"]}),
    ("RS256", {"kty": "RSA", "n": "x", "e": "AQAB"}),
    ("ES256", EC),
    ("EdDSA", OKP),
]


@pytest.mark.parametrize(("algorithm", "jwk"), GOOD)
def test_a_key_for_the_algorithm_is_used(algorithm: str, jwk: dict[str, Any]) -> None:
    """Whatever it leaves unsaid is not against it."""
    assert usable({"keys": [jwk]}, algorithm) == ([jwk], [])


BAD = [
    ("RS256", RSA | {"use": "enc"}, "use"),
    ("RS256", RSA | {"use": ["sig"]}, "use"),
    ("RS256", RSA | {"alg": "RS512"}, "alg"),
    ("RS256", RSA | {"alg": "HS256"}, "alg"),
    ("RS256", RSA | {"key_ops": ["sign"]}, "key_ops"),
    ("RS256", RSA | {"key_ops": "verify"}, "key_ops"),
    ("RS256", RSA | {"d": "secret"}, "private"),
    ("EdDSA", OKP | {"d": "secret"}, "private"),
    ("RS256", {"kty": "oct", "k": "secret", "kid": "a"}, "symmetric"),
    ("RS256", RSA | {"kid": 7}, "kid"),
    ("RS256", RSA | {"kid": ""}, "kid"),
    ("RS256", RSA | {"kid": "a\n"}, "kid"),
    ("RS256", RSA | {"kid": "a" * 257}, "kid"),
    ("RS256", "a key", "no mapping"),
]


@pytest.mark.parametrize(("algorithm", "jwk", "word"), BAD)
def test_another_key_is_passed_over_and_the_rest_used(algorithm: str, jwk: Any, word: str) -> None:
    """RFC 7517 4.2 to 4.4; what is said of it shows nothing of the key."""
    good = next(one for name, one in GOOD if name == algorithm) | {"kid": "good"}
    found, (why,) = usable({"keys": [jwk, good]}, algorithm)
    assert found == [good]
    assert why.startswith("keys[0] ")
    assert word in why
    assert "secret" not in why


def test_the_second_key_of_a_name_is_passed_over() -> None:
    """Two keys without a name are two keys."""
    nameless = {name: value for name, value in RSA.items() if name != "kid"}
    found, passed = usable({"keys": [RSA, RSA | {"n": "y"}, nameless, nameless]}, "RS256")
    assert found == [RSA, nameless, nameless]
    assert passed == ["keys[1] has the kid of a key before it"]


def test_of_a_thousand_keys_few_are_looked_at() -> None:
    """Each costs time to read and to try."""
    found, (why,) = usable({"keys": [RSA | {"kid": str(n)} for n in range(1000)]}, "RS256")
    assert len(found) == MAX_KEYS
    assert "has 1000 keys" in why


@pytest.mark.parametrize("key_set", [{}, {"keys": None}, {"keys": {"a": RSA}}, {"key": [RSA]}])
def test_what_is_no_set_is_told(key_set: dict[str, Any]) -> None:
    """Some issuers serve certificates by name at a neighbouring address."""
    with pytest.raises(NoKeySet, match='no list "keys"'):
        usable(key_set, "RS256")


@pytest.mark.parametrize(
    ("algorithm", "other"),
    [
        ("RS256", EC),
        ("ES256", RSA),
        ("ES256", EC | {"crv": "P-384"}),
        ("EdDSA", OKP | {"crv": "X25519"}),
        ("RS256", {}),
    ],
)
def test_keys_of_other_types_are_somebody_elses(algorithm: str, other: dict[str, Any]) -> None:
    """A set is shared by all who verify: nothing is said of what is for others."""
    assert usable({"keys": [other]}, algorithm) == ([], [])

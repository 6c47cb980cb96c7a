"""Signatures: what a part of a token is spelled as, and what a secret signs."""

from base64 import urlsafe_b64decode, urlsafe_b64encode

import jwt as pyjwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.core.credentials import BASE64URL
from router.edge.keyring import VerifyingKey
from router.edge.signatures import decoded

LETTERS = st.sampled_from([*BASE64URL, *b"+/= \n"])


@given(st.lists(LETTERS, max_size=12).map(bytes))
def test_one_part_has_one_spelling(segment: bytes) -> None:
    """What is taken is what its bytes are spelled as, letter for letter (RFC 7515 2)."""
    expected = spelled(segment)
    if expected is not None:
        assert decoded(segment) == expected
    else:
        with pytest.raises(ValueError, match="base64"):
            decoded(segment)


def spelled(segment: bytes) -> bytes | None:
    """The bytes that are spelled just so by the standard library, which reads on over much."""
    try:
        content = urlsafe_b64decode(segment + b"=" * (-len(segment) % 4))
    except ValueError:
        return None
    return content if urlsafe_b64encode(content).rstrip(b"=") == segment else None


@pytest.mark.parametrize("algorithm", ["HS256", "HS384", "HS512"])
def test_a_secret_signs_as_pyjwt_does(algorithm: str) -> None:
    """And no signature is good that is one bit off."""
    secret = "a-secret-that-is-long-enough-for-each-of-the-three-hashes-of-RFC-7518"
    signed, _, last = pyjwt.encode({"sub": "lea"}, secret, algorithm).encode().rpartition(b".")
    key = VerifyingKey(algorithm, secret.encode())
    signature = decoded(last)
    assert key.verifies(signed, signature)
    assert not key.verifies(signed, bytes([signature[0] ^ 1]) + signature[1:])
    assert not key.verifies(signed, signature[:-1])

"""Public keys out of PEM files and key sets: of the right kind, and strong enough.

PyJWT takes RSA keys of any length, and any curve; what it would let pass is refused here.
"""

from collections.abc import Mapping
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm
from jwt.exceptions import PyJWTError

from router.core.keysets import KINDS

PublicKey = RSAPublicKey | EllipticCurvePublicKey | Ed25519PublicKey

LEAST_BITS = 2048
"""RFC 7518 3.3."""

MOST_BITS = 8192
"""Verifying with a longer one would hold up everybody else."""

CURVES = {"secp256r1": "P-256", "secp384r1": "P-384", "secp521r1": "P-521"}
READERS: Mapping[str, Any] = {"RSA": RSAAlgorithm, "EC": ECAlgorithm, "OKP": OKPAlgorithm}


class UnfitKey(ValueError):
    """A key that cannot be used: why, and how to mend it where that is known."""


def from_pem(text: bytes, algorithm: str) -> PublicKey:
    """The one public key in *text*, or `UnfitKey`."""
    if b"PRIVATE KEY" in text:
        raise UnfitKey("holds a private key; give its public half: openssl pkey -pubout")
    if b"BEGIN CERTIFICATE" in text:
        raise UnfitKey("holds a certificate; give its key: openssl x509 -pubkey -noout")
    if text.count(b"-----BEGIN") > 1:
        raise UnfitKey("holds several keys; give each its own file and entry")
    try:
        found = load_pem_public_key(text)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise UnfitKey("holds no public key in PEM (-----BEGIN PUBLIC KEY-----)") from None
    return fit(found, algorithm)


def from_jwk(jwk: Mapping[str, Any], algorithm: str) -> PublicKey:
    """The public key of *jwk*, which `router.core.keysets` let pass, or `UnfitKey`."""
    try:
        found = READERS[KINDS[algorithm][0]].from_jwk(dict(jwk))
    except (PyJWTError, ValueError, TypeError, KeyError, OverflowError, UnsupportedAlgorithm):
        raise UnfitKey("cannot be read") from None
    return fit(found, algorithm)


def fit(found: object, algorithm: str) -> PublicKey:
    """*found*, if it may be used with *algorithm*."""
    match found:
        case RSAPublicKey():
            kind: tuple[str, str | None] = ("RSA", None)
            check_length(found)
        case EllipticCurvePublicKey():
            kind = ("EC", CURVES.get(found.curve.name))
        case Ed25519PublicKey():
            kind = ("OKP", "Ed25519")
        case _:
            raise UnfitKey(f"is no key for {algorithm}")
    if kind != KINDS[algorithm]:
        raise UnfitKey(f"is no key for {algorithm}")
    return found


def check_length(key: RSAPublicKey) -> None:
    """Neither breakable nor a burden."""
    if not LEAST_BITS <= key.key_size <= MOST_BITS:
        raise UnfitKey(f"has {key.key_size} bits; RSA keys need {LEAST_BITS} to {MOST_BITS}")

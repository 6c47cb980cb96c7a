"""RSA keys for tests, made when they are first wanted, and tokens signed with them."""

import base64
import hashlib
import json
import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)


@dataclass(frozen=True)
class Key:
    """A key pair."""

    private: RSAPrivateKey

    @property
    def pem(self) -> bytes:
        """The private half, as it lies in a file."""
        return self.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())

    @property
    def public_pem(self) -> bytes:
        """The public half, as somebody who forges may have it."""
        return self.private.public_key().public_bytes(
            Encoding.PEM, PublicFormat.SubjectPublicKeyInfo
        )

    @property
    def kid(self) -> str:
        """The thumbprint, by the letter of RFC 7638 section 3."""
        jwk = self.jwk
        text = f'{{"e":"{jwk["e"]}","kty":"RSA","n":"{jwk["n"]}"}}'
        return unpadded(hashlib.sha256(text.encode()).digest())

    @property
    def jwk(self) -> dict[str, str]:
        """The public half, as PyJWT writes it."""
        read = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.private.public_key()))
        return {"kty": read["kty"], "n": read["n"], "e": read["e"]}

    @property
    def published(self) -> dict[str, str]:
        """What a key set has of it."""
        return self.jwk | {"kid": self.kid, "use": "sig", "alg": "RS256"}

    def write(self, file: Path) -> Path:
        """Put the private half into *file* at once, as `mv` would."""
        beside = file.with_suffix(".new")
        beside.write_bytes(self.pem)
        beside.replace(file)
        return file

    def token(self, user: str = "alice@example.com", **claims: Any) -> str:
        """A token of *user*; *headers* replace the ``kid``."""
        headers = claims.pop("headers", {"kid": self.kid})
        return jwt.encode(claims_of(user, **claims), self.private, "RS256", headers=headers)


def claims_of(user: str, **claims: Any) -> dict[str, Any]:
    """Valid claims of *user*, but for what *claims* change; one that is None is left out."""
    now = int(time.time())
    whole = {"sub": user, "name": "Name", "role": "user", "iss": "fit-api", "iat": now}
    whole |= {"exp": now + 600} | claims
    return {name: value for name, value in whole.items() if value is not None}


def unpadded(octets: bytes) -> str:
    """Give *octets* in base64url."""
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


@cache
def key(name: str, bits: int = 2048) -> Key:
    """Give the key of that name: the same one to whoever asks."""
    return Key(generate_private_key(65537, bits))

"""What tokens are signed with, and what they are verified by: a shared secret, or RSA keys."""

from typing import Any, Protocol

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from monolith.environment import SettingsError
from monolith.keyfiles import KeyFiles
from monolith.settings import Settings


class Keys(Protocol):
    """What ``tokens`` needs: one algorithm, a key for it, and what others may know."""

    @property
    def algorithm(self) -> str:
        """Give the one algorithm that is accepted, whatever a token says."""

    def sign(self, claims: dict[str, Any]) -> str:
        """Give the token with *claims*."""

    def verifying(self, kid: object) -> str | RSAPublicKey:
        """Give the key that a token with that *kid* is verified by, or raise ``PyJWTError``."""

    def published(self) -> list[dict[str, str]]:
        """Give the public keys as JSON Web Keys."""


class SharedSecret:
    """HS256: whoever verifies could sign too, and nothing can be published."""

    algorithm = "HS256"

    def __init__(self, secret: str) -> None:
        self._secret = secret

    def sign(self, claims: dict[str, Any]) -> str:
        """Give the token with *claims*."""
        return jwt.encode(claims, self._secret, self.algorithm)

    def verifying(self, kid: object) -> str:
        """Give the secret."""
        return self._secret

    def published(self) -> list[dict[str, str]]:
        """Give nothing: the one key is secret."""
        return []


class RsaKeys:
    """RS256: one key signs, and each that is published is accepted."""

    algorithm = "RS256"

    def __init__(self, files: KeyFiles) -> None:
        self._files = files

    def sign(self, claims: dict[str, Any]) -> str:
        """Give the token with *claims*, which names its key."""
        key = self._files.signing()
        return jwt.encode(claims, key.private, self.algorithm, headers={"kid": key.kid})

    def verifying(self, kid: object) -> RSAPublicKey:
        """Give the key of that name; a token that names none is none of ours."""
        for key in self._files.current():
            if key.kid == kid:
                return key.public
        raise jwt.InvalidKeyError

    def published(self) -> list[dict[str, str]]:
        """Give the public half of every key."""
        return [dict(key.published) for key in self._files.current()]


def keys_of(settings: Settings) -> Keys:
    """Give the keys that *settings* name, or raise ``SettingsError``."""
    if settings.signing_key_files:
        return RsaKeys(KeyFiles(settings.signing_key_files))
    if not settings.jwt_secret:
        raise SettingsError("neither JWT_SECRET nor MONOLITH_SIGNING_KEY_FILES is set")
    return SharedSecret(settings.jwt_secret)

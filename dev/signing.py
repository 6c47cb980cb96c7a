"""How the stack's tokens are signed: by a shared secret, or by a key that the monolith publishes.

`make up KEYS=RS256` and `make demo KEYS=RS256` choose the second (`DEV_KEYS` for the programs).
"""

import os
import re
from collections.abc import Mapping
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from dev.secret import claims, keep, secret_in, token
from monolith.keyfiles import KeyFiles
from monolith.keys import RsaKeys

VARIABLE = "DEV_KEYS"
JWKS = "/.well-known/jwks.json"


class SharedSecret:
    """HS256: all three programs have the secret."""

    def __init__(self, folder: Path) -> None:
        self.secret = secret_in(folder)

    def __str__(self) -> str:
        """What the demonstration says of it."""
        return "Tokens are signed with HS256: all three programs share one secret."

    def token(self, user: str, issuer: str | None, **changed: object) -> str:
        """A token as the monolith would give *user* at login, but good for 12 hours."""
        return token(self.secret, user, issuer, **changed)

    def for_monolith(self) -> dict[str, str]:
        """What the monolith is told."""
        return {"JWT_SECRET": self.secret}

    def for_coach(self, _: str) -> dict[str, str]:
        """What coach is told."""
        return {"JWT_SECRET": self.secret}

    def routes(self, text: str, _: str) -> str:
        """*text* of routes.yaml as it is: the one that is shipped names the secret."""
        return text


class PublishedKey:
    """RS256: the monolith alone has the key; coach and the router fetch its public half."""

    def __init__(self, folder: Path) -> None:
        self.secret = secret_in(folder)
        self.file = key_in(folder)

    def __str__(self) -> str:
        """What the demonstration says of it."""
        return f"Tokens are signed with RS256: the monolith has the key, and serves {JWKS}."

    def token(self, user: str, issuer: str | None, **changed: object) -> str:
        """A token as the monolith would give *user* at login, but good for 12 hours."""
        return RsaKeys(KeyFiles([str(self.file)])).sign(claims(user, issuer, **changed))

    def for_monolith(self) -> dict[str, str]:
        """What the monolith is told."""
        return {"MONOLITH_SIGNING_KEY_FILES": str(self.file)}

    def for_coach(self, monolith: str) -> dict[str, str]:
        """What coach is told; the monolith is at the address *monolith*."""
        return {"COACH_JWKS_URL": monolith + JWKS}

    def routes(self, text: str, monolith: str) -> str:
        """*text* of routes.yaml with the key set in the place of the secret."""
        key = f"{{algorithm: RS256, jwks_url: {monolith}{JWKS}}}"
        block = f"jwt: {{issuer: fit-api, keys: [{key}]}}"
        changed, count = re.subn(r"^jwt: \{[^{}]*\}$", block, text, flags=re.MULTILINE)
        if count != 1:
            raise ValueError("no line is like jwt: {issuer: fit-api, secret_env: JWT_SECRET}")
        return changed


Signing = SharedSecret | PublishedKey


def signing_in(folder: Path, environ: Mapping[str, str] = os.environ) -> Signing:
    """What the environment asks for, kept in *folder*; ValueError if that is neither."""
    match environ.get(VARIABLE) or "HS256":
        case "HS256":
            return SharedSecret(folder)
        case "RS256":
            return PublishedKey(folder)
        case other:
            raise ValueError(f"{other!r} is neither HS256 nor RS256; try KEYS=RS256")


def key_in(folder: Path) -> Path:
    """The file with the key kept in *folder*, made at the first run: tokens outlive a restart."""
    file = (folder / "signing-key.pem").resolve()
    if not file.exists():
        private = generate_private_key(public_exponent=65537, key_size=2048)
        pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        keep(file, pem.decode("ascii").rstrip("\n"))
    file.chmod(0o600)
    return file

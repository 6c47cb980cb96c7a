"""The development secret, and tokens signed with it."""

import os
import secrets
import time
from pathlib import Path

import jwt

LIFETIME_S = 12 * 3600


def secret_in(folder: Path) -> str:
    """The secret kept in *folder*, made at the first run: tokens outlive a restart."""
    path = folder / "jwt-secret"
    if not path.exists() or len(path.read_text("ascii").strip()) < 32:
        keep(path, secrets.token_urlsafe(48))
    path.chmod(0o600)
    return path.read_text("ascii").strip()


def token(secret: str, user: str, issuer: str | None, **changed: object) -> str:
    """A token as the monolith would give *user* at login, but good for 12 hours."""
    return jwt.encode(claims(user, issuer, **changed), secret, algorithm="HS256")


def claims(user: str, issuer: str | None, **changed: object) -> dict[str, object]:
    """What such a token says, but for what is *changed*."""
    now = int(time.time())
    whole: dict[str, object] = {"sub": user, "name": user.partition("@")[0].title(), "role": "user"}
    if issuer is not None:
        whole["iss"] = issuer
    return whole | {"iat": now, "exp": now + LIFETIME_S, **changed}


def keep(path: Path, text: str) -> None:
    """Write *text* to a file that only its owner may read, whole or not at all."""
    beside = path.with_name(f"{path.name}.new")
    beside.unlink(missing_ok=True)
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(f"{text}\n")
    beside.replace(path)

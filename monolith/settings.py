"""What the monolith is told from outside, read once at the start and then frozen."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

Number = TypeVar("Number", int, float)

DEMO_PASSWORD = "train-every-day"  # noqa: S105 - a documented constant for laptops, not a secret


class SettingsError(Exception):
    """A variable is missing or unusable; the message names it and says how to mend it."""


@dataclass(frozen=True)
class Settings:
    """Everything that is in force. The defaults suit a laptop; only the secret has none.

    *searches* WODs are computed at once and *queue* more may wait, *wait_s* at most; whoever comes
    after that is told 503. *lifetime_s* is how long a token that we give out is valid.
    """

    jwt_secret: str
    database_url: str = "sqlite:///.dev/monolith.db"
    searches: int = 2
    queue: int = 4
    wait_s: float = 4.0
    lifetime_s: int = 3600
    demo_users: bool = True
    demo_password: str = DEMO_PASSWORD

    def __repr__(self) -> str:
        """Give what may be logged: neither secret, password nor the database's credentials."""
        return f"Settings(searches={self.searches}, queue={self.queue}, wait_s={self.wait_s})"


def read(environ: Mapping[str, str] = os.environ) -> Settings:
    """Give the settings that *environ* asks for, or raise ``SettingsError``."""
    return Settings(
        jwt_secret=secret(environ),
        database_url=environ.get("DATABASE_URL") or Settings.database_url,
        searches=number(environ, "MONOLITH_SEARCHES", int, Settings.searches, least=1),
        queue=number(environ, "MONOLITH_WOD_QUEUE", int, Settings.queue, least=0),
        wait_s=number(environ, "MONOLITH_WOD_WAIT_S", float, Settings.wait_s, least=0),
        lifetime_s=number(environ, "MONOLITH_TOKEN_S", int, Settings.lifetime_s, least=1),
        demo_users=environ.get("MONOLITH_DEMO_USERS", "1") != "0",
        demo_password=environ.get("MONOLITH_DEMO_PASSWORD") or DEMO_PASSWORD,
    )


def secret(environ: Mapping[str, str]) -> str:
    """Give the key that tokens are signed with; RFC 7518 section 3.2 asks for 256 bits."""
    value = environ.get("JWT_SECRET", "")
    if len(value.encode()) < 32:
        raise SettingsError(
            "JWT_SECRET must be set to at least 32 bytes, the same for all services; "
            "make one with: python3 -c 'import secrets; print(secrets.token_hex(32))'"
        )
    return value


def number(
    environ: Mapping[str, str],
    name: str,
    kind: Callable[[str], Number],
    default: Number,
    *,
    least: Number,
) -> Number:
    """Give the variable *name* as a number of at least *least*."""
    text = environ.get(name, "")
    if not text:
        return default
    try:
        value = kind(text)
    except ValueError:
        raise SettingsError(f"{name}: {text!r} is not a number") from None
    if not least <= value < 1_000_000:  # also refuses nan
        raise SettingsError(f"{name}: {text} is not between {least} and 1000000")
    return value

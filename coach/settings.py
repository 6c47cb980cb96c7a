"""What coach is told from outside, read once at the start and then frozen."""

import os
from collections.abc import Mapping
from dataclasses import dataclass

import httpx

from coach.environment import SettingsError, number, secret


@dataclass(frozen=True)
class Settings:
    """Everything that is in force. The defaults suit a laptop; only the secret has none.

    *catalogue_s* is how long a catalogue is used before the monolith is asked whether it still
    holds. *history_limit_s* is what a history may take, *history_kept_s* how long it is kept.
    *fetchers* is how many histories may be fetched at once. *jwks_url*, where there is one, takes
    the place of *jwt_secret*, which is then empty.
    """

    jwt_secret: str
    jwks_url: str = ""
    monolith_url: str = "http://127.0.0.1:5001"
    catalogue_s: float = 30.0
    history_limit_s: float = 0.2
    history_kept_s: float = 300.0
    histories: int = 10_000
    fetchers: int = 16

    def __repr__(self) -> str:
        """Give what may be logged."""
        return f"Settings(monolith_url={self.monolith_url!r})"


def read(environ: Mapping[str, str] = os.environ) -> Settings:
    """Give the settings that *environ* asks for, or raise ``SettingsError``."""
    jwks_url = address(environ, "COACH_JWKS_URL", "")
    return Settings(
        jwt_secret="" if jwks_url else jwt_secret(environ),
        jwks_url=jwks_url,
        monolith_url=address(environ, "MONOLITH_URL", Settings.monolith_url).rstrip("/"),
        catalogue_s=number(environ, "COACH_CATALOGUE_S", float, Settings.catalogue_s, least=0.1),
        fetchers=number(environ, "COACH_FETCHERS", int, Settings.fetchers, least=1),
    )


def jwt_secret(environ: Mapping[str, str]) -> str:
    """Give the key that tokens are signed with; RFC 7518 section 3.2 asks for 256 bits."""
    value = secret(environ, "JWT_SECRET")
    if len(value.encode()) < 32:
        raise SettingsError(
            "JWT_SECRET must be set to at least 32 bytes, the same for all services; "
            "make one with: python3 -c 'import secrets; print(secrets.token_hex(32))'"
        )
    return value


def address(environ: Mapping[str, str], name: str, default: str) -> str:
    """Give the address that the variable *name* holds, or else *default*, which may be ``""``."""
    value = environ.get(name) or default
    if not value:
        return ""
    try:
        url = httpx.URL(value)
    except httpx.InvalidURL:
        url = httpx.URL("")
    if url.scheme not in {"http", "https"} or not url.host or url.userinfo:
        raise SettingsError(f"{name} must be like http://127.0.0.1:5001, without a password")
    return value

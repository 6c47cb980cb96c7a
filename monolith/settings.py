"""What the monolith is told from outside, read once at the start and then frozen."""

import os
from collections.abc import Mapping
from dataclasses import dataclass

from monolith.addresses import database_address
from monolith.environment import SettingsError, number, secret

DEMO_PASSWORD = "train-every-day"  # noqa: S105 - a documented constant for laptops, not a secret


@dataclass(frozen=True)
class Settings:
    """Everything that is in force. The defaults suit a laptop; only the secret has none.

    *signing_key_files*, where there are any, take the place of *jwt_secret*, which is then
    empty (``keyfiles.py``).

    *searches* WODs are computed at once and *queue* more may wait, *wait_s* at most; whoever comes
    after that is told 503. *lifetime_s* is how long a token that we give out is valid.
    *connections* is how many connections to PostgreSQL one worker may hold; *database_wait_s* how
    long the start waits for a database that is not up yet. At most
    *tries_per_name* and *tries_per_address* wrong passwords are allowed in five minutes; the
    address is the one that the outermost of *proxies* proxies in front of us has seen.
    """

    jwt_secret: str
    signing_key_files: tuple[str, ...] = ()
    database_url: str = "sqlite:///.dev/monolith.db"
    connections: int = 40
    database_wait_s: float = 30.0
    searches: int = 2
    queue: int = 4
    wait_s: float = 4.0
    lifetime_s: int = 3600
    tries_per_name: int = 10
    tries_per_address: int = 100
    proxies: int = 1
    demo_users: bool = True
    demo_password: str = DEMO_PASSWORD

    def __repr__(self) -> str:
        """Give what may be logged: neither secret, password nor the database's credentials."""
        return f"Settings(searches={self.searches}, queue={self.queue}, wait_s={self.wait_s})"


def read(environ: Mapping[str, str] = os.environ) -> Settings:
    """Give the settings that *environ* asks for, or raise ``SettingsError``."""
    files = signing_key_files(environ)
    return Settings(
        jwt_secret="" if files else jwt_secret(environ),
        signing_key_files=files,
        database_url=database_url(environ),
        connections=connections(environ),
        database_wait_s=number(
            environ, "MONOLITH_DATABASE_WAIT_S", float, Settings.database_wait_s, least=0
        ),
        searches=number(environ, "MONOLITH_SEARCHES", int, Settings.searches, least=1),
        queue=number(environ, "MONOLITH_WOD_QUEUE", int, Settings.queue, least=0),
        wait_s=number(environ, "MONOLITH_WOD_WAIT_S", float, Settings.wait_s, least=0),
        lifetime_s=number(environ, "MONOLITH_TOKEN_S", int, Settings.lifetime_s, least=1),
        tries_per_name=number(
            environ, "MONOLITH_TRIES_PER_NAME", int, Settings.tries_per_name, least=1
        ),
        tries_per_address=number(
            environ, "MONOLITH_TRIES_PER_ADDRESS", int, Settings.tries_per_address, least=1
        ),
        proxies=number(environ, "MONOLITH_PROXIES", int, Settings.proxies, least=0),
        demo_users=environ.get("MONOLITH_DEMO_USERS", "1") != "0",
        demo_password=environ.get("MONOLITH_DEMO_PASSWORD") or DEMO_PASSWORD,
    )


def signing_key_files(environ: Mapping[str, str]) -> tuple[str, ...]:
    """Give the files of private keys that ``MONOLITH_SIGNING_KEY_FILES`` lists."""
    named = environ.get("MONOLITH_SIGNING_KEY_FILES", "").split(",")
    return tuple(file.strip() for file in named if file.strip())


def jwt_secret(environ: Mapping[str, str]) -> str:
    """Give the key that tokens are signed with; RFC 7518 section 3.2 asks for 256 bits."""
    value = secret(environ, "JWT_SECRET")
    if len(value.encode()) < 32:
        raise SettingsError(
            "JWT_SECRET must be set to at least 32 bytes, the same for all services; "
            "make one with: python3 -c 'import secrets; print(secrets.token_hex(32))'"
        )
    return value


def database_url(environ: Mapping[str, str]) -> str:
    """Give the database's address, known to be one that we can use."""
    value = secret(environ, "DATABASE_URL") or Settings.database_url
    database_address(value)
    return value


def connections(environ: Mapping[str, str]) -> int:
    """Give one worker's share of the connections that all workers together may hold.

    PostgreSQL serves 100 unless told otherwise; the default leaves room for a second container of
    us, and for whoever looks after the database.
    """
    name = "MONOLITH_DATABASE_CONNECTIONS"
    total = number(environ, name, int, Settings.connections, least=1)
    workers = number(environ, "MONOLITH_WORKERS", int, 1, least=1)
    if total < workers:
        raise SettingsError(f"{name}: {total} is less than one for each of {workers} workers")
    return total // workers

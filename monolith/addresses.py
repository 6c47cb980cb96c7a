"""Where the database is: what ``DATABASE_URL`` may say."""

import importlib

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from monolith.environment import SettingsError

EXAMPLES = "sqlite:///FILE or postgresql://USER:PASSWORD@HOST:5432/NAME"
# Hosters and tools write both; SQLAlchemy alone would take the second for psycopg2.
POSTGRESQL = {"postgres", "postgresql", "postgresql+psycopg"}
DRIVER = "psycopg"
SQLITE = {"sqlite", "sqlite+pysqlite"}


def database_address(text: str) -> URL:
    """Give the address that *text* is, or raise ``SettingsError``, which shows no password."""
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        raise SettingsError(
            f"DATABASE_URL is not an address; say {EXAMPLES} "
            "(percent-encode what is special in a password)"
        ) from None
    if url.drivername in SQLITE:
        return url
    if url.drivername not in POSTGRESQL:
        raise SettingsError(f"DATABASE_URL: {url.drivername}:// is not supported; say {EXAMPLES}")
    require(DRIVER)
    return url.set(drivername="postgresql+psycopg")


def require(driver: str) -> None:
    """Raise ``SettingsError`` unless *driver* can be imported, its C library included."""
    try:
        importlib.import_module(driver)
    except ImportError as error:
        raise SettingsError(
            f"DATABASE_URL: PostgreSQL needs {driver}, which cannot be imported ({error}); "
            "install it with: pip install 'psycopg[binary]'"
        ) from None


def shown(url: URL) -> str:
    """Give what may be logged of *url*: which database and where, neither user nor query."""
    if url.get_backend_name() == "sqlite":
        return url.database or "in memory"
    host = url.host or url.query.get("host") or "local socket"
    port = f":{url.port}" if url.port else ""
    return f"{url.database or ''} at {host}{port}"

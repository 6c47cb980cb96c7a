"""What DATABASE_URL may say."""

import traceback

import pytest

from monolith import addresses
from monolith.addresses import database_address, shown
from monolith.environment import SettingsError
from monolith.settings import read
from tests.services import SECRET

PASSWORD = "do-not-show-me"


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_postgresql_is_spoken_to_by_psycopg(scheme: str) -> None:
    """However it is spelled; what else the address says stays."""
    url = database_address(f"{scheme}://me:{PASSWORD}@db:5433/fit?sslmode=require")
    assert url.drivername == "postgresql+psycopg"
    assert (url.username, url.password, url.host, url.port) == ("me", PASSWORD, "db", 5433)
    assert (url.database, dict(url.query)) == ("fit", {"sslmode": "require"})


BAD = {
    "another database": (f"mysql://me:{PASSWORD}@db/fit", "mysql:// is not supported"),
    "another driver": (f"postgresql+psycopg2://me:{PASSWORD}@db/fit", r"psycopg2:// is not"),
    "no address": (PASSWORD, "is not an address"),
    "bad port": (f"postgres://me:{PASSWORD}@db:port/fit", "is not an address"),
    "a path": (f"/{PASSWORD}/m.db", "is not an address"),
}


@pytest.mark.parametrize(("url", "why"), BAD.values(), ids=BAD.keys())
def test_anything_else_is_refused_at_the_start(url: str, why: str) -> None:
    """With what can be said instead, and never with the password."""
    with pytest.raises(SettingsError, match=rf"DATABASE_URL.*{why}.*sqlite:///FILE") as refused:
        read({"JWT_SECRET": SECRET, "DATABASE_URL": url})
    assert PASSWORD not in str(refused.value)
    assert refused.value.__cause__ is None
    assert PASSWORD not in "".join(traceback.format_exception(refused.value))


def test_a_missing_driver_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """With how to install it."""
    monkeypatch.setattr(addresses, "DRIVER", "no_such_driver")
    with pytest.raises(SettingsError, match=r"no_such_driver.*pip install 'psycopg\[binary\]'"):
        database_address("postgres://db/fit")


@pytest.mark.parametrize(
    ("url", "text"),
    [
        (f"postgres://me:{PASSWORD}@db:5433/fit?password={PASSWORD}", "fit at db:5433"),
        ("postgres:///fit?host=/run/postgresql", "fit at /run/postgresql"),
        ("sqlite:////data/m.db", "/data/m.db"),
    ],
)
def test_logs_show_where_it_is(url: str, text: str) -> None:
    """And no more."""
    assert shown(database_address(url)) == text

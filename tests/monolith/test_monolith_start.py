"""Starting: settings, secrets, and the database that several processes create at once."""

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from monolith.environment import SettingsError
from monolith.settings import Settings, read
from monolith.storage import open_database, prepare
from monolith.tables import Done, Exercise, MuscleGroup, User, Work
from tests.conftest import NewDatabase
from tests.services import ROOT, SECRET

OPEN = """
import sys
from monolith.app import create_app
from monolith.settings import Settings
create_app(Settings(jwt_secret="x" * 32, database_url=sys.argv[1]))
"""


COUNTS = {Exercise: 60, MuscleGroup: 20, Work: 277, User: 4, Done: 0}


def test_several_processes_create_one_database(new_database: NewDatabase) -> None:
    """The folder of a file too; each row is there once, however many started."""
    url = new_database(is_empty=True)
    command = [sys.executable, "-W", "error", "-c", OPEN, url]
    starts = [
        subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True) for _ in range(4)
    ]
    errors = [start.communicate(timeout=60)[1] for start in starts]
    assert [start.returncode for start in starts] == [0] * 4, errors
    with session(url) as rows:
        counts = {table: rows.scalar(select(func.count()).select_from(table)) for table in COUNTS}
    assert counts == COUNTS


def test_sqlite_writes_ahead(tmp_path: Path) -> None:
    """So that readers and the writer do not wait for each other."""
    prepare(Settings(jwt_secret=SECRET, database_url=f"sqlite:///{tmp_path}/m.db"))
    with closing(sqlite3.connect(tmp_path / "m.db")) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_a_second_start_changes_nothing(new_database: NewDatabase) -> None:
    """What an operator changed stays."""
    settings = Settings(jwt_secret=SECRET, database_url=new_database())
    prepare(settings)
    with session(settings.database_url) as rows:
        rows.execute(update(User).where(User.email == "bob@example.com").values(level=5))
        rows.execute(delete(User).where(User.email == "alice@example.com"))
        rows.commit()
    prepare(settings)
    with session(settings.database_url) as rows:
        users = rows.execute(select(User.email, User.level).order_by(User.email)).all()
    assert users == [("admin@example.com", 4), ("bob@example.com", 5), ("lea@example.com", 3)]


def test_demo_users_can_be_left_out(new_database: NewDatabase) -> None:
    """Where others can reach the service."""
    url = new_database(is_empty=True)
    prepare(Settings(jwt_secret=SECRET, database_url=url, demo_users=False))
    with session(url) as rows:
        assert rows.scalar(select(func.count()).select_from(User)) == 0


@contextmanager
def session(url: str) -> Iterator[Session]:
    """Give a look into the database."""
    engine = open_database(Settings(jwt_secret=SECRET, database_url=url))
    with Session(engine) as rows:
        yield rows
    engine.dispose()


@pytest.mark.parametrize("name", ["monolith", "coach"])
@pytest.mark.parametrize("secret", ["", "x" * 31])
def test_gunicorn_ends_with_a_word_on_the_secret(name: str, secret: str) -> None:
    """No traceback, and exit code 1."""
    command = [sys.executable, "-m", "gunicorn", "-c", f"{name}/gunicorn.conf.py"]
    ended = subprocess.run(
        command,
        cwd=ROOT,
        env={"JWT_SECRET": secret, f"{name.upper()}_BIND": "127.0.0.1:0"},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert ended.returncode == 1
    assert ended.stderr.startswith(f"{name}: JWT_SECRET must be set to at least 32 bytes")
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MONOLITH_SEARCHES", "0"),
        ("MONOLITH_SEARCHES", "two"),
        ("MONOLITH_WOD_QUEUE", "-1"),
        ("MONOLITH_WOD_WAIT_S", "nan"),
        ("MONOLITH_TOKEN_S", "1e3"),
    ],
)
def test_a_bad_number_is_named(name: str, value: str) -> None:
    """With what it was."""
    with pytest.raises(SettingsError, match=name):
        read({"JWT_SECRET": SECRET, name: value})


def test_settings_come_from_the_environment() -> None:
    """And never show the secret."""
    settings = read({"JWT_SECRET": SECRET, "MONOLITH_WOD_WAIT_S": "1.5", "MONOLITH_SEARCHES": "3"})
    assert (settings.wait_s, settings.searches, settings.queue) == (1.5, 3, 4)
    assert settings.database_url == "sqlite:///.dev/monolith.db"
    assert SECRET not in repr(settings)

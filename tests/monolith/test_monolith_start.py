"""Starting: settings, secrets, and the database that several processes create at once."""

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from monolith.app import create_app
from monolith.settings import Settings, SettingsError, read
from tests.services import ROOT, SECRET

OPEN = """
import sys
from monolith.app import create_app
from monolith.settings import Settings
create_app(Settings(jwt_secret="x" * 32, database_url=sys.argv[1]))
"""


def test_several_processes_create_one_database(tmp_path: Path) -> None:
    """The folder too; each row is there once, however many started."""
    file = tmp_path / "new" / "folder" / "m.db"
    command = [sys.executable, "-W", "error", "-c", OPEN, f"sqlite:///{file}"]
    starts = [
        subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True) for _ in range(4)
    ]
    errors = [start.communicate(timeout=60)[1] for start in starts]
    assert [start.returncode for start in starts] == [0] * 4, errors
    connection = sqlite3.connect(file)
    try:
        counts = [
            connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
            for table in ("exercises", "muscle_groups", "users", "history")
        ]
        assert counts == [60, 20, 4, 0]
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    finally:
        connection.close()


def test_a_second_start_changes_nothing(tmp_path: Path) -> None:
    """What an operator changed stays."""
    file = tmp_path / "m.db"
    settings = Settings(jwt_secret=SECRET, database_url=f"sqlite:///{file}")
    create_app(settings).extensions["monolith.close"]()
    connection = sqlite3.connect(file)
    connection.execute("UPDATE users SET level = 5 WHERE email = 'bob@example.com'")
    connection.execute("DELETE FROM users WHERE email = 'alice@example.com'")
    connection.commit()
    create_app(settings).extensions["monolith.close"]()
    users = connection.execute("SELECT email, level FROM users ORDER BY email").fetchall()
    connection.close()
    assert users == [("admin@example.com", 4), ("bob@example.com", 5), ("lea@example.com", 3)]


def test_demo_users_can_be_left_out(tmp_path: Path) -> None:
    """Where others can reach the service."""
    file = tmp_path / "m.db"
    app = create_app(
        Settings(jwt_secret=SECRET, database_url=f"sqlite:///{file}", demo_users=False)
    )
    app.extensions["monolith.close"]()
    connection = sqlite3.connect(file)
    assert connection.execute("SELECT count(*) FROM users").fetchone() == (0,)
    connection.close()


@pytest.mark.parametrize("name", ["monolith", "coach"])
@pytest.mark.parametrize("secret", ["", "x" * 31])
def test_gunicorn_ends_with_a_word_on_the_secret(name: str, secret: str) -> None:
    """No traceback, and exit code 1."""
    command = [sys.executable, "-m", "gunicorn", "-c", f"{name}/gunicorn.conf.py"]
    ended = subprocess.run(
        command,
        cwd=ROOT,
        env={"JWT_SECRET": secret},
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

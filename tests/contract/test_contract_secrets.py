"""Secrets may come in files, as container engines hand them over: ``NAME_FILE``."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

import coach.environment
import coach.settings
import monolith.environment
import monolith.settings
from tests.services import SECRET

Read = Callable[[Mapping[str, str]], Any]
READS = pytest.mark.parametrize("read", [monolith.settings.read, coach.settings.read])
WRONG = (monolith.environment.SettingsError, coach.environment.SettingsError)


@READS
@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
def test_a_secret_is_read_from_its_file(read: Read, tmp_path: Path, end: str) -> None:
    """Without the line feed that editors put at the end."""
    file = tmp_path / "secret"
    file.write_bytes(f"{SECRET}{end}".encode())
    assert read({"JWT_SECRET_FILE": str(file)}).jwt_secret == SECRET


@READS
def test_the_plain_variable_wins(read: Read, tmp_path: Path) -> None:
    """An empty one is none."""
    file = tmp_path / "secret"
    file.write_text("another-secret-that-is-long-enough")
    both = {"JWT_SECRET": SECRET, "JWT_SECRET_FILE": str(file)}
    assert read(both).jwt_secret == SECRET
    assert read(both | {"JWT_SECRET": ""}).jwt_secret == file.read_text()


@READS
@pytest.mark.parametrize(
    ("content", "why"),
    [
        (None, "cannot be read: No such file"),
        (b"", "is empty"),
        (b" \n", "is empty"),
        (b"\xff" * 40, "is not UTF-8"),
    ],
)
def test_a_file_that_has_none_is_named(
    read: Read, tmp_path: Path, content: bytes | None, why: str
) -> None:
    """At the start."""
    file = tmp_path / "secret"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(WRONG, match=f"JWT_SECRET_FILE: {file} {why}"):
        read({"JWT_SECRET_FILE": str(file)})


@READS
def test_a_short_secret_is_no_better_in_a_file(read: Read, tmp_path: Path) -> None:
    """And it is not shown."""
    file = tmp_path / "secret"
    file.write_text("short-secret")
    with pytest.raises(WRONG, match="at least 32 bytes") as refused:
        read({"JWT_SECRET_FILE": str(file)})
    assert "short-secret" not in str(refused.value)


def test_the_databases_address_may_be_in_a_file(tmp_path: Path) -> None:
    """It holds a password."""
    file = tmp_path / "address"
    file.write_text("postgres://me:password@db/fit\n")
    read = monolith.settings.read({"JWT_SECRET": SECRET, "DATABASE_URL_FILE": str(file)})
    assert read.database_url == "postgres://me:password@db/fit"
    file.write_text("mysql://me:password@db/fit")
    with pytest.raises(monolith.environment.SettingsError, match="mysql") as refused:
        monolith.settings.read({"JWT_SECRET": SECRET, "DATABASE_URL_FILE": str(file)})
    assert "password@" not in str(refused.value)

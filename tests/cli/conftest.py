"""A folder with the shipped file in it, and no variables from outside."""

import os
from pathlib import Path

import pytest

from tests.config.files import SHIPPED


@pytest.fixture(autouse=True)
def no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the developer's shell has set changes no test."""
    for name in [name for name in os.environ if name.startswith("STRANGLER_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("JWT_SECRET", "a-secret-for-tests-that-is-long-enough")


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """config/routes.yaml in an empty working directory."""
    monkeypatch.chdir(tmp_path)
    path = Path("config/routes.yaml")
    path.parent.mkdir()
    path.write_text(SHIPPED)
    return path

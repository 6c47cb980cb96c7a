"""The monolith without gunicorn: its application, a client, and somebody logged in."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from monolith.app import create_app
from monolith.settings import Settings
from tests.services import SECRET


@pytest.fixture(scope="session")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """Give the application over a database of its own."""
    folder: Path = tmp_path_factory.mktemp("monolith")
    app = create_app(Settings(jwt_secret=SECRET, database_url=f"sqlite:///{folder}/m.db"))
    yield app
    app.extensions["monolith.close"]()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Give a client of it."""
    return app.test_client()

"""The monolith without gunicorn: its application, a client; on each kind of database."""

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine

from monolith.app import create_app
from monolith.settings import Settings
from monolith.storage import open_database, prepare
from tests.conftest import NewDatabase
from tests.services import SECRET


@pytest.fixture(scope="session")
def app(new_database: NewDatabase) -> Iterator[Flask]:
    """Give the application over a database of its own."""
    app = create_app(Settings(jwt_secret=SECRET, database_url=new_database()))
    yield app
    app.extensions["monolith.close"]()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Give a client of it."""
    return app.test_client()


@pytest.fixture
def database(new_database: NewDatabase) -> Iterator[Engine]:
    """Give a database of the test's own, filled."""
    settings = Settings(jwt_secret=SECRET, database_url=new_database())
    prepare(settings)
    engine = open_database(settings)
    yield engine
    engine.dispose()

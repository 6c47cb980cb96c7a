"""Coach without gunicorn, before a monolith that follows a script."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from flask.testing import FlaskClient

from coach.app import create_app
from coach.settings import Settings
from tests.coach.monolith import Monolith
from tests.services import SECRET

Start = Callable[..., FlaskClient]


@pytest.fixture
def monolith() -> Iterator[Monolith]:
    """Give a scripted monolith that serves."""
    with Monolith() as scripted:
        yield scripted


@pytest.fixture
def start(monolith: Monolith) -> Iterator[Start]:
    """Give a function that starts coach, and waits until it has a catalogue.

    A history may take long, but for tests that say how long.
    """
    with ExitStack() as stack:

        def start(*, wait: bool = True, url: str | None = None, **settings: float) -> FlaskClient:
            settings = {"history_limit_s": 20.0} | settings
            app = create_app(
                Settings(SECRET, monolith_url=url or monolith.url, **settings)  # type: ignore[arg-type]
            )
            stack.callback(app.extensions["coach.close"])
            client = app.test_client()
            if wait:
                until(lambda: client.get("/health").get_json()["catalogue"])
            return client

        yield start


@pytest.fixture
def client(start: Start) -> FlaskClient:
    """Give a client of a coach that has its catalogue."""
    return start()


def until(holds: Callable[[], bool], within_s: float = 10.0) -> None:
    """Wait until *holds* does."""
    deadline_s = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < deadline_s, "it never came to hold"
        time.sleep(0.01)

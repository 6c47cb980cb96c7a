"""A scene for each test: nothing of it may be left behind."""

from collections.abc import Iterator

import pytest

from tests.edge.wire_model.scenes import Scene


@pytest.fixture
def scene() -> Iterator[Scene]:
    """Give a router whose peers and whose time are the test's."""
    one = Scene()
    yield one
    try:
        one.close()
    finally:
        one.loop.close()

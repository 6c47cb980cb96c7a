"""The stage of tests/edge: the router between scripted peers, with everything accounted for."""

import pytest

from tests.edge.conftest import _in_haste, pytest_asyncio_loop_factories, stage

__all__ = ["_in_haste", "pytest_asyncio_loop_factories", "stage"]


@pytest.fixture(autouse=True)
def _impatience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give up early on what never comes: no row here waits for a timer."""
    monkeypatch.setattr("tests.edge.stages.SOON_S", 1.0)
    monkeypatch.setattr("tests.edge.clients.PATIENCE_S", 1.5)

"""The stage of tests/edge: the router between scripted peers, with everything accounted for."""

import pytest

from tests.edge.conftest import _in_haste, pytest_asyncio_loop_factories, stage

__all__ = ["_in_haste", "pytest_asyncio_loop_factories", "stage"]


@pytest.fixture(autouse=True)
def _patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no timer of a route fire, however long 42 KiB take byte by byte: no row is about them."""
    monkeypatch.setattr("tests.edge.stages.CONNECT_S", 5.0)
    monkeypatch.setattr("tests.edge.stages.TIMEOUT_S", 10.0)
    monkeypatch.setattr("tests.edge.stages.DEADLINE_S", 20.0)

"""The stage of tests/edge: the router between scripted peers, with everything accounted for."""

from tests.edge.conftest import _in_haste, pytest_asyncio_loop_factories, stage

__all__ = ["_in_haste", "pytest_asyncio_loop_factories", "stage"]

"""One router for all rows that need none of their own."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.faults.house import House
from tests.faults.network import Distance, opened


@pytest.fixture(scope="module")
def distance() -> Iterator[Distance | None]:
    """Give a network of its own, where there can be one."""
    one = opened()
    yield one
    if one is not None:
        one.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(
    tmp_path_factory: pytest.TempPathFactory, distance: Distance | None
) -> AsyncIterator[House]:
    """Give the router, and stop it well."""
    folder: Path = tmp_path_factory.mktemp("house")
    async with House(folder, distance).open() as one:
        yield one

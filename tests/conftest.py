"""What several suites need: their order and their turns, a PostgreSQL, databases of either kind."""

import gc
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from tests.machine import Machine
from tests.ports import spare_shipped
from tests.postgres import Server, binaries
from tests.together import Together, place_of

# How long an example takes says more of what else the machine does.
UNHURRIED = settings(settings.default, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("unhurried", UNHURRIED)
settings.register_profile("long", UNHURRIED, max_examples=5_000)
settings.load_profile("unhurried")

NewDatabase = Callable[..., str]

MACHINE = Machine()

spare_shipped()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put what takes long first."""
    items.sort(key=lambda item: place_of(item.nodeid))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Together:
    """Say what stays together where several processes run the tests."""
    return Together(config, log)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Have it wait for its turn."""
    with MACHINE.taken(alone=item.get_closest_marker("alone") is not None):
        return (yield)


def pytest_collection_finish() -> None:
    """Leave the thousands of collected tests out of every later collection of garbage."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """Give a running PostgreSQL."""
    programs = binaries()
    if programs is None:
        pytest.skip("PostgreSQL's server is not installed (Debian: apt install postgresql)")
    with Server(programs) as server:
        yield server


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def new_database(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> NewDatabase:
    """Give a function that gives the address of a new database; tests run with each kind."""
    if request.param == "postgresql":
        server: Server = request.getfixturevalue("postgres")
        return server.new

    def new(*, is_empty: bool = False) -> str:
        """A file that does not exist: the monolith creates it, and the folder."""
        folder: Path = tmp_path_factory.mktemp("database")
        return f"sqlite:///{folder / 'new' if is_empty else folder}/m.db"

    return new

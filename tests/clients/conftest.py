"""The site and the clients, each started once and used by all tests."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.clients.drivers.client import Client
from tests.clients.needs import lacking
from tests.clients.running import Site

CLIENTS = ("aiohttp", "curl", "fetch", "httpx", "requests", "undici", "urllib3")
ALL = "CLIENTS"
"""The variable that says that nothing may be skipped, if it is `all`."""


def client_named(name: str) -> Client:
    """A new client; its library is imported only now, as it may not be there."""
    from importlib import import_module

    module = "node" if name in {"fetch", "undici"} else name
    kinds = vars(import_module(f"tests.clients.drivers.{module}_client"))
    kind: type[Client] = kinds[name.capitalize()]
    return kind()


def must_be_there(name: str) -> None:
    """Skip what cannot be tried here, and say why; fail instead where all was asked for."""
    why = lacking(name)
    if why is not None:
        (pytest.fail if os.environ.get(ALL) == "all" else pytest.skip)(f"{name}: {why}")


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Give the router; upstreams start as they are wanted."""
    folder: Path = tmp_path_factory.mktemp("clients")
    one = Site(folder)
    try:
        yield one
    finally:
        code = one.stop()
    assert code == 0, one.stack.log("router")


@pytest.fixture
def url(site: Site, upstream: str) -> str:
    """Give the address of what *upstream* offers, through the router."""
    must_be_there(upstream)
    site.need(upstream)
    return f"{site.url}/{upstream}"


@pytest.fixture(scope="session")
def clients() -> Iterator[Callable[[str], Client]]:
    """Give a function that gives the client of a name, always the same one."""
    with ExitStack() as open_:
        known: dict[str, Client] = {}

        def named(name: str) -> Client:
            must_be_there(name)
            if name not in known:
                known[name] = client_named(name)
                open_.callback(known[name].close)
            return known[name]

        yield named


@pytest.fixture(params=CLIENTS)
def client(request: pytest.FixtureRequest, clients: Callable[[str], Client]) -> Client:
    """Give each client in turn."""
    name: str = request.param
    return clients(name)

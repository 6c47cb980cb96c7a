"""Chromium: a page through the router, and what its scripts do, read from the DOM."""

import json
from collections.abc import Iterator

import pytest

from tests.clients import offer
from tests.clients.conftest import must_be_there
from tests.clients.drivers.browser import Browser
from tests.clients.running import Site
from tests.clients.test_clients_streams import CONCURRENT

pytestmark = pytest.mark.system


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """Give a browser."""
    must_be_there("chromium")
    with Browser(tmp_path_factory.mktemp("browser")) as one:
        yield one


@pytest.mark.parametrize("upstream", CONCURRENT)
async def test_a_page(browser: Browser, url: str, site: Site) -> None:
    """EventSource, which comes back with its Last-Event-ID; WebSocket; both ways of data; a 304."""
    must_be_there("ws")
    site.need("node")
    seen = json.loads(await browser.text(f"{url}/page?ws=/node/ws", "#seen"))
    # One at a time, and of the end the browser heard once, after two.
    assert seen["events"] == {"had": [1, 2, 3, 4], "ends": [2]}
    assert seen["webSocket"] == {
        "text": "grüß dich",
        "binary": True,
        "code": 4001,
        "reason": "as asked",
        "wasClean": True,
    }
    assert seen["upload"] == 1_000_000
    assert seen["download"] == [len(offer.LARGE)] * 12
    assert seen["unchanged"] == len(offer.PLAIN)

"""Connections are used again on both sides, and one that died in between costs nothing."""

from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection

import httpx
import pytest

from tests.clients.door import Door
from tests.clients.drivers.client import Client, Request
from tests.clients.running import UPSTREAMS, Site

pytestmark = pytest.mark.system
COUNT = 6
KEEP_ALIVE = [name for name in UPSTREAMS if name != "gunicorn-sync"]
"""gunicorn's sync worker closes after each answer."""


@pytest.fixture
def door(site: Site) -> Iterator[Door]:
    """Give a door of the router that counts connections."""
    one = Door(int(site.url.rpartition(":")[2]))
    yield one
    one.close()


@pytest.mark.parametrize("upstream", UPSTREAMS)
def test_a_client_keeps_its_connection(client: Client, door: Door, url: str, upstream: str) -> None:
    """One connection for all requests, whatever they are and whatever the upstream closes."""
    here = f"{door.url}/{upstream}"
    requests = [
        Request("GET", f"{here}/told"),
        Request("POST", f"{here}/echo", body=b"one"),
        Request("GET", f"{here}/empty"),
        Request("POST", f"{here}/echo", body=b"two" * 999, chunked=True),
        Request("GET", f"{here}/broken"),
        Request("GET", f"{here}/told"),
        Request("HEAD", f"{here}/large"),  # last, as undici closes after it by itself
    ]
    answers = client.send_all(requests)
    assert [one.status for one in answers] == [200, 200, 204, 200, 503, 200, 200]
    assert door.connections == 1


@pytest.mark.parametrize("upstream", KEEP_ALIVE)
def test_the_router_keeps_its_connection(client: Client, url: str) -> None:
    """The upstream sees one and the same, POST in between."""
    requests = [Request("GET", f"{url}/told"), Request("POST", f"{url}/digest", body=b"x" * 999)]
    answers = client.send_all(requests * COUNT)
    assert len({one.told["port"] for one in answers[::2]}) == 1


@pytest.mark.parametrize("upstream", UPSTREAMS)
def test_an_upstream_that_was_restarted(url: str, upstream: str, site: Site) -> None:
    """The next request gets a fresh connection, though the pool had one to the old process."""
    with httpx.Client(trust_env=False) as client:
        assert client.get(f"{url}/told").status_code == 200
        site.restart(upstream)
        assert client.post(f"{url}/echo", content=b"again").content == b"again"


@pytest.mark.parametrize("upstream", KEEP_ALIVE)
def test_a_request_that_meets_a_dead_connection(url: str, upstream: str, site: Site) -> None:
    """Request and end of the connection come at once: whichever is seen first, it is answered."""
    host, _, path = url.removeprefix("http://").partition("/")
    router = site.stack.processes["router"]
    with closing(HTTPConnection(host, timeout=10)) as client:
        for method in ("GET", "HEAD"):
            client.request("GET", f"/{path}/told")
            assert client.getresponse().read()
            router.hang()
            try:
                site.restart(upstream)
                client.request(method, f"/{path}/told")
            finally:
                router.resume()
            answer = client.getresponse()
            assert (answer.status, bool(answer.read())) == (200, method == "GET")

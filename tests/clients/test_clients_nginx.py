"""nginx as the upstream with a limit of its own: what it refuses, the client hears from it."""

import pytest

from tests.clients import offer
from tests.clients.drivers.client import Client
from tests.clients.running import Site

pytestmark = [pytest.mark.system, pytest.mark.parametrize("upstream", ["nginx"])]


def test_a_limited_location(
    client: Client, url: str, site: Site, request: pytest.FixtureRequest
) -> None:
    """The first is served, the second is nginx's own 429, which is no failure of the router's."""
    limited = f"{url}/limited?key={request.node.name}"
    first, second = client.ask("GET", limited), client.ask("GET", limited)
    assert (first.status, first.body) == (200, offer.PLAIN)
    assert second.status == 429
    assert b"429 Too Many Requests" in second.body
    assert second.first("server").startswith("nginx/")
    assert client.ask("GET", f"{url}/told").status == 200
    assert site.total("requests_total", route="nginx", fate="internal_error") == 0

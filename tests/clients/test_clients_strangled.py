"""Every client on a route whose candidate nobody is behind: it notices nothing of the rescue."""

import pytest

from dev.stack import eventually
from tests.clients import offer
from tests.clients.drivers.client import Client
from tests.clients.running import Site

pytestmark = pytest.mark.system
SOON_S = 10.0


@pytest.fixture
def url(site: Site) -> str:
    """Give the route's address; its legacy runs."""
    site.need("gunicorn-gthread")
    return f"{site.url}/strangled"


@pytest.fixture
def bearer(site: Site) -> list[tuple[str, str]]:
    """Give the fields that say who asks."""
    return [("Authorization", f"Bearer {site.stack.token('alice@example.com')}")]


def saved(site: Site) -> float:
    """How many requests legacy answered in the candidate's place."""
    fates = ("rescued", "breaker_direct")
    return sum(site.total("requests_total", route="strangled", fate=fate) for fate in fates)


def test_a_rescue(client: Client, url: str, site: Site, bearer: list[tuple[str, str]]) -> None:
    """Legacy's answers, small and large, held or streamed."""
    before = saved(site)
    told = client.ask("GET", f"{url}/told?a=1", fields=bearer)
    assert (told.status, told.told["query"]) == (200, "a=1")
    assert client.ask("GET", f"{url}/large", fields=bearer).body == offer.LARGE
    cookies = client.ask("GET", f"{url}/cookies", fields=bearer).all("set-cookie")
    assert cookies == list(offer.COOKIES)
    assert client.ask("HEAD", f"{url}/large", fields=bearer).status == 200
    assert eventually(lambda: saved(site) == before + 4, SOON_S)


def test_no_token(client: Client, url: str) -> None:
    """401 as problem details, with the challenge (RFC 6750 3)."""
    answer = client.ask("GET", f"{url}/told")
    assert answer.status == 401
    assert answer.first("www-authenticate").startswith("Bearer")
    assert answer.first("content-type") == "application/problem+json"
    assert answer.told["status"] == 401


def test_an_upload_without_a_token(client: Client, url: str) -> None:
    """Refused before it is read, and each client still gets to read why."""
    answer = client.ask("POST", f"{url}/digest", body=offer.LARGE)
    assert (answer.status, answer.told["status"]) == (401, 401)

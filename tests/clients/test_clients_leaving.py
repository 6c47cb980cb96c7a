"""A client that goes away: the upstream hears of it, and the next request is none the worse."""

import json
from pathlib import Path

import pytest

from dev.process import DIRECT
from dev.stack import eventually
from tests.clients import offer
from tests.clients.drivers.client import Client, TimedOut
from tests.clients.running import UPSTREAMS, Site

pytestmark = [pytest.mark.system, pytest.mark.parametrize("upstream", UPSTREAMS)]
SOON_S = 10.0


def left(url: str) -> int:
    """How many have left an endless answer, as the upstream counts them."""
    with DIRECT.open(f"{url}/left") as answer:
        number: int = json.load(answer)["left"]
        return number


def gone(site: Site, upstream: str) -> float:
    """How many clients the router has seen leave."""
    return site.total("requests_total", route=upstream, fate="client_gone")


def test_in_the_middle_of_an_answer(client: Client, url: str, upstream: str, site: Site) -> None:
    """What is endless ends at the upstream too, and the router says who left."""
    ended, before = left(url), gone(site, upstream)
    answer = client.ask("GET", f"{url}/endless", leave=True)
    assert answer.status == 200
    assert answer.body
    assert eventually(lambda: left(url) == ended + 1, SOON_S)
    assert eventually(lambda: gone(site, upstream) == before + 1, SOON_S)


def test_out_of_patience(
    client: Client, url: str, upstream: str, site: Site, tmp_path: Path
) -> None:
    """A client's own timeout, while the upstream says nothing."""
    before, release = gone(site, upstream), tmp_path / "release"

    def gives_up_and_is_missed(patience_s: float) -> bool:
        with pytest.raises(TimedOut):
            client.ask("GET", f"{url}/held?until={release}", timeout_s=patience_s)
        return eventually(lambda: gone(site, upstream) > before, patience_s * 5)

    # On a slow machine the first may be over before the router has had the request.
    assert any(map(gives_up_and_is_missed, (0.2, 1.0, 5.0)))
    release.touch()
    again = client.ask("POST", f"{url}/echo", body=offer.BROKEN)
    assert (again.status, again.body) == (200, offer.BROKEN)

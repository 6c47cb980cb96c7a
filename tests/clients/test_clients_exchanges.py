"""Every client with every upstream: what each asks arrives, and what is answered comes back."""

import pytest

from tests.clients import offer
from tests.clients.drivers.client import Client
from tests.clients.running import UPSTREAMS

pytestmark = [pytest.mark.system, pytest.mark.parametrize("upstream", UPSTREAMS)]
BODY = bytes(range(256)) * 37
"""9 KiB that are no text."""


def test_get(client: Client, url: str) -> None:
    """Method and query as the client sent them; JSON back."""
    answer = client.ask("GET", f"{url}/told?a=1&b=%26")
    assert answer.status == 200
    assert answer.first("content-type").startswith("application/json")
    assert (answer.told["method"], answer.told["query"]) == ("GET", "a=1&b=%26")


def test_head(client: Client, url: str) -> None:
    """The length of what GET would bring, no body, and the connection is good for more."""
    answer = client.ask("HEAD", f"{url}/large")
    assert (answer.status, answer.body) == (200, b"")
    assert answer.first("content-length") == str(len(offer.LARGE))
    assert client.ask("GET", f"{url}/told").status == 200


@pytest.mark.parametrize("chunked", [False, True], ids=["length", "chunked"])
def test_post(client: Client, url: str, upstream: str, *, chunked: bool) -> None:
    """The body is what was sent, and it came as it was sent."""
    answer = client.ask("POST", f"{url}/echo", body=BODY, chunked=chunked)
    assert (answer.status, answer.body) == (200, BODY)
    if upstream != "waitress":  # which reads a body whole before the application is asked
        assert answer.first("x-framing") == ("chunked" if chunked else "length")


@pytest.mark.parametrize("chunked", [False, True], ids=["length", "chunked"])
def test_large_upload(client: Client, url: str, *, chunked: bool) -> None:
    """3 MiB, byte for byte."""
    answer = client.ask("POST", f"{url}/digest", body=offer.LARGE, chunked=chunked)
    assert (answer.status, answer.told) == (200, offer.digest(offer.LARGE))


def test_large_download(client: Client, url: str) -> None:
    """3 MiB, byte for byte."""
    answer = client.ask("GET", f"{url}/large")
    assert answer.status == 200
    assert offer.digest(answer.body) == offer.digest(offer.LARGE)


def test_gzip(client: Client, url: str) -> None:
    """Compressed bytes are not touched."""
    answer = client.ask("GET", f"{url}/gzipped")
    assert (answer.status, answer.all("content-encoding")) == (200, ["gzip"])
    assert answer.body == (offer.PLAIN if client.decodes else offer.GZIPPED)


def test_no_content(client: Client, url: str) -> None:
    """204 has neither body nor length, and the next answer is not taken for its body."""
    answer = client.ask("GET", f"{url}/empty")
    assert (answer.status, answer.body, answer.all("content-length")) == (204, b"", [])
    assert client.ask("GET", f"{url}/told").status == 200


def test_not_modified(client: Client, url: str) -> None:
    """A tag that was given is known again."""
    first = client.ask("GET", f"{url}/tagged")
    assert (first.status, first.body) == (200, offer.PLAIN)
    tag = first.first("etag")
    again = client.ask("GET", f"{url}/tagged", fields=[("If-None-Match", tag)])
    assert (again.status, again.body, again.all("etag")) == (304, b"", [tag])
    assert client.ask("GET", f"{url}/told").status == 200


def test_redirect(client: Client, url: str, upstream: str) -> None:
    """It is passed on, and leads through the router again."""
    answer = client.ask("GET", f"{url}/moved")
    assert answer.status == 302
    assert answer.first("location") in {"told", f"/{upstream}/told"}
    followed = client.ask("GET", f"{url}/moved", follow=True)
    assert (followed.status, followed.told["method"]) == (200, "GET")


def test_error(client: Client, url: str) -> None:
    """An upstream's own error, as it is."""
    answer = client.ask("GET", f"{url}/broken")
    assert (answer.status, answer.body) == (503, offer.BROKEN)
    assert answer.all("retry-after") == ["7"]


def test_cookies(client: Client, url: str) -> None:
    """A field that is there three times stays so, in its order."""
    answer = client.ask("GET", f"{url}/cookies")
    assert answer.all("set-cookie") == list(offer.COOKIES)

"""Server-sent events arrive one at a time: the upstream sends the next once the client had the one.

Were an event held, nobody would hear of it, no other would follow, and the stream would break.
"""

from urllib.request import Request

import pytest

from dev.process import DIRECT
from tests.clients.conftest import CLIENTS, must_be_there
from tests.clients.drivers.lines import BY_NAME
from tests.clients.running import UPSTREAMS

pytestmark = pytest.mark.system
CONCURRENT = [name for name in UPSTREAMS if name != "gunicorn-sync"]
"""gunicorn's sync worker serves one request at a time, and here are two."""


@pytest.mark.parametrize("upstream", CONCURRENT)
@pytest.mark.parametrize("name", CLIENTS)
def test_events_come_as_they_are_sent(name: str, url: str) -> None:
    """Each is there before the next has been sent."""
    must_be_there(name)
    had = []
    for line in BY_NAME[name](f"{url}/events?of={name}"):
        if line.startswith(b"data:"):
            number = int(line.removeprefix(b"data:"))
            had.append(number)
            heard = Request(f"{url}/heard?of={name}&n={number}", method="POST")
            with DIRECT.open(heard) as answer:
                assert answer.status == 204
    assert had == [1, 2]

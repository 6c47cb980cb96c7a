"""WebSockets by `ws` on both ends, and by aiohttp on one: a tunnel of which neither notices."""

import json
import subprocess
from typing import Any

import aiohttp
import pytest

from tests.clients.conftest import must_be_there
from tests.clients.needs import FOLDER
from tests.clients.running import Site

pytestmark = [pytest.mark.system, pytest.mark.parametrize("upstream", ["node"])]
DONE = {
    "echo": {"text": True, "binary": [True] * 8},
    "compressed": {"extensions": "permessage-deflate", "text": True},
    "many": {"ordered": True},
    "ping": {"pong": "hello", "ping": "are you there", "told": "pong: are you there"},
    "close": {"code": 4000, "reason": "enough"},
    "be closed": {"code": 4001, "reason": "as asked"},
    "be dropped": {"code": 1006, "reason": ""},
}


def talk(what: str, url: str) -> Any:
    """What `ws` saw when it did *what*."""
    must_be_there("ws")
    command = ["node", FOLDER / "node" / "talk.mjs", what, url]
    done = subprocess.run(command, capture_output=True, check=True, timeout=20)
    return json.loads(done.stdout)


@pytest.mark.parametrize("what", DONE)
def test_ws(what: str, url: str) -> None:
    """Messages up to 3 MB and all they are framed by, pings both ways, closing codes both ways."""
    assert talk(what, url.replace("http:", "ws:") + "/ws") == DONE[what]


def test_ws_where_it_is_not_allowed(url: str, site: Site) -> None:
    """Without `upgrade: allow` the upstream sees an ordinary request, and `ws` is told so."""
    elsewhere = url.replace("http:", "ws:") + "/told"
    assert talk("echo", elsewhere) == {"error": "Unexpected server response: 200"}
    assert site.total("requests_total", route="node", fate="ok") > 0


async def test_aiohttp(url: str) -> None:
    """A binary message of 100 KB, a ping that is answered, the server's closing code."""
    async with aiohttp.ClientSession() as session, session.ws_connect(f"{url}/ws") as socket:
        await socket.send_bytes(b"\x00\xff" * 50_000)
        assert await socket.receive_bytes(timeout=10) == b"\x00\xff" * 50_000
        await socket.send_str("ping me")
        assert await socket.receive_str(timeout=10) == "pong: are you there"
        await socket.send_str("close me")
        message = await socket.receive(timeout=10)
        assert (message.type, message.data, message.extra) == (
            aiohttp.WSMsgType.CLOSE,
            4001,
            "as asked",
        )

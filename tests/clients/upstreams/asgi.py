"""The offer as an ASGI application without a framework, for uvicorn."""

import asyncio
import json
import os
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable
from email.utils import formatdate
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from tests.clients import offer

FOLDER = Path(os.environ["OFFER"])
PAGE = Path(__file__).parent.parent / "pages" / "page.html"
WAIT_S = 10.0
TAG = b'"one"'
Fields = Iterable[tuple[bytes, bytes]]

heard: defaultdict[tuple[str, int], asyncio.Event] = defaultdict(asyncio.Event)
left: list[str] = []


class Asked:
    """One request, and how it is answered."""

    def __init__(self, scope: Any, receive: Any, send: Any) -> None:
        self.scope, self.receive, self.send = scope, receive, send
        self.query = scope["query_string"].decode()
        self.fields = dict(scope["headers"])
        self.about = {key: values[0] for key, values in parse_qs(self.query).items()}

    async def pieces(self) -> Any:
        """The body as it comes."""
        while True:
            message = await self.receive()
            assert message["type"] == "http.request", message
            yield message.get("body", b"")
            if not message.get("more_body"):
                return

    async def begin(self, status: int, fields: Fields = ()) -> None:
        """Send a head."""
        head = {"type": "http.response.start", "status": status, "headers": list(fields)}
        await self.send(head)

    async def say(self, piece: bytes, *, more: bool = True) -> None:
        """Send a piece of the body."""
        await self.send({"type": "http.response.body", "body": piece, "more_body": more})

    async def answer(self, status: int, body: bytes = b"", fields: Fields = ()) -> None:
        """Send an answer with its length."""
        length = () if status in {204, 304} else ((b"content-length", b"%d" % len(body)),)
        await self.begin(status, (*fields, *length))
        await self.say(body, more=False)

    async def tell(self, what: object) -> None:
        """Answer with JSON."""
        await self.answer(200, json.dumps(what).encode(), ((b"content-type", b"application/json"),))


async def told(asked: Asked) -> None:
    """Who asks, and for what."""
    port = asked.scope["client"][1]
    await asked.tell({"method": asked.scope["method"], "query": asked.query, "port": port})


async def echo(asked: Asked) -> None:
    """The body as it came."""
    framing = b"chunked" if b"transfer-encoding" in asked.fields else b"length"
    body = b"".join([piece async for piece in asked.pieces()])
    await asked.answer(200, body, ((b"x-framing", framing),))


async def digest(asked: Asked) -> None:
    """What the body is."""
    total, seen = sha256(), 0
    async for piece in asked.pieces():
        total.update(piece)
        seen += len(piece)
    await asked.tell({"bytes": seen, "sha256": total.hexdigest()})


async def large(asked: Asked) -> None:
    """The large file."""
    await asked.answer(200, (FOLDER / "large").read_bytes())


async def gzipped(asked: Asked) -> None:
    """Compressed already."""
    body = (FOLDER / "gzipped").read_bytes()
    await asked.answer(200, body, ((b"content-encoding", b"gzip"),))


async def tagged(asked: Asked) -> None:
    """With a tag, or not again."""
    fields = ((b"etag", TAG), (b"last-modified", formatdate(usegmt=True).encode()))
    if asked.fields.get(b"if-none-match") == TAG:
        await asked.answer(304, fields=fields)
    else:
        await asked.answer(200, (FOLDER / "tagged").read_bytes(), fields)


async def empty(asked: Asked) -> None:
    """Nothing to say."""
    await asked.answer(204)


async def moved(asked: Asked) -> None:
    """Elsewhere, relative to here."""
    await asked.answer(302, fields=((b"location", b"told"),))


async def broken(asked: Asked) -> None:
    """An error of the application's own."""
    await asked.answer(503, offer.BROKEN, ((b"retry-after", b"7"),))


async def cookies(asked: Asked) -> None:
    """One field each."""
    await asked.answer(200, b"eaten", [(b"set-cookie", one.encode()) for one in offer.COOKIES])


async def endless(asked: Asked) -> None:
    """Data until the client has gone, which an ASGI server tells by `receive`."""
    gone = asyncio.create_task(until_gone(asked))
    await asked.begin(200)
    while not gone.done():
        await asked.say(offer.LARGE[: offer.PIECE])
        await asyncio.sleep(0)
    left.append("")


async def until_gone(asked: Asked) -> None:
    """Return once the client has."""
    while (await asked.receive())["type"] != "http.disconnect":
        pass


async def gone(asked: Asked) -> None:
    """How many left."""
    await asked.tell({"left": len(left)})


async def held(asked: Asked) -> None:
    """Nothing at all, until the client has gone."""
    await until_gone(asked)


async def events(asked: Asked) -> None:
    """Events, each once the one before has been heard of."""
    last = asked.fields.get(b"last-event-id", b"").decode()
    await asked.begin(200, ((b"content-type", b"text/event-stream"),))
    for number in offer.numbers(last):
        await asked.say(offer.event(number))
        await asyncio.wait_for(heard[asked.about["of"], number].wait(), WAIT_S)
    await asked.say(b"", more=False)


async def hear(asked: Asked) -> None:
    """An event has arrived."""
    heard[asked.about["of"], int(asked.about["n"])].set()
    await asked.answer(204)


async def page(asked: Asked) -> None:
    """What the browser is given."""
    await asked.answer(200, PAGE.read_bytes(), ((b"content-type", b"text/html"),))


async def health(asked: Asked) -> None:
    """It serves."""
    await asked.tell({})


Serve = Callable[[Asked], Awaitable[None]]
OFFER: dict[str, Serve] = {
    **{one.__name__: one for one in (told, echo, digest, large, gzipped, tagged, empty, moved)},
    **{one.__name__: one for one in (broken, cookies, endless, held, events, page, health)},
    "left": gone,
    "heard": hear,
}


async def app(scope: Any, receive: Any, send: Any) -> None:
    """Serve one request by the last part of its path."""
    assert scope["type"] == "http", scope
    await OFFER[scope["path"].rpartition("/")[2]](Asked(scope, receive, send))

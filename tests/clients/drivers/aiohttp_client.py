"""aiohttp's client, on a loop of its own."""

import asyncio
from collections.abc import AsyncIterator
from io import BytesIO

import aiohttp

from tests.clients.drivers.client import Answer, Client, Request, TimedOut, shown
from tests.clients.offer import pieces


class Aiohttp(Client):
    """A session that leaves bodies compressed as they came."""

    def __init__(self) -> None:
        self._runner = asyncio.Runner()
        self._session = self._runner.run(self._open())

    async def _open(self) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(auto_decompress=False)

    def send(self, request: Request) -> Answer:
        """The answer."""
        try:
            return self._runner.run(self._send(request))
        except TimeoutError as error:
            raise TimedOut from error

    async def _send(self, request: Request) -> Answer:
        body = request.body
        async with self._session.request(
            request.method,
            request.url,
            headers=request.fields,
            data=None if body is None else flowing(body) if request.chunked else BytesIO(body),
            timeout=aiohttp.ClientTimeout(total=request.timeout_s),
            allow_redirects=request.follow,
        ) as answer:
            got = await (answer.content.readany() if request.leave else answer.read())
            if request.leave:
                answer.close()
            return shown(answer.status, list(answer.headers.items()), got)

    def close(self) -> None:
        """Close the session, and the loop."""
        self._runner.run(self._session.close())
        self._runner.close()


async def flowing(body: bytes) -> AsyncIterator[bytes]:
    """*body*, piece by piece."""
    for piece in pieces(body):
        yield piece

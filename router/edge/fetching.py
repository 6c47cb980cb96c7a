"""One key set over HTTP: bounded in time and size, with nothing followed and nothing unpacked."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from router.core.refreshing import lifetime_of
from router.core.strictjson import strict_json

if TYPE_CHECKING:
    from aiohttp import ClientResponse

WITHIN_S = 5.0
MAX_SIZE = 256 * 1024
HEADERS = {
    "Accept": "application/jwk-set+json, application/json",
    "Accept-Encoding": "identity",
    "User-Agent": "strangler",
}


class NotFetched(Exception):
    """A key set could not be had: why."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """A key set as it was served, and for how long it may be used."""

    key_set: Mapping[str, Any]
    lifetime_s: float


async def fetch(url: str) -> Fetched:
    """The key set at *url*, or `NotFetched`.

    Each fetch has a session of its own, as there are minutes between two: no cookie and no dead
    connection is left over from the last one.
    """
    # Here, so that a router without published keys is spared the client (router.edge.piecemeal).
    from aiohttp import ClientError, ClientSession, ClientTimeout, DummyCookieJar

    timeout = ClientTimeout(total=WITHIN_S)
    jar = DummyCookieJar()
    try:
        async with (
            ClientSession(
                timeout=timeout, cookie_jar=jar, headers=HEADERS, auto_decompress=False
            ) as session,
            session.get(url, allow_redirects=False) as answer,
        ):
            return await read(answer)
    except TimeoutError:
        raise NotFetched(f"no whole answer within {WITHIN_S:g} s") from None
    except (ClientError, OSError) as error:
        raise NotFetched(str(error) or type(error).__name__) from None


async def read(answer: "ClientResponse") -> Fetched:
    """What *answer* holds."""
    if answer.status != 200:
        raise NotFetched(f"the answer is {answer.status}, not 200")
    if answer.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise NotFetched("the answer is compressed, which was not asked for")
    body = bytearray()
    async for piece in answer.content.iter_any():
        body += piece
        if len(body) > MAX_SIZE:
            raise NotFetched(f"the answer is larger than {MAX_SIZE} bytes")
    try:
        key_set = strict_json(bytes(body))
    except (ValueError, RecursionError):
        raise NotFetched("the answer is no JSON object") from None
    return Fetched(key_set, lifetime_of(",".join(answer.headers.getall("Cache-Control", []))))

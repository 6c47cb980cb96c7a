"""Connections out of a pool, for tests that hold them in their own hands."""

import asyncio

from router.core.outcome import Fault
from router.edge.upstream.pool import Pool
from router.edge.upstream.wire import Connection

PATIENCE_S = 5.0


async def got_of(
    pool: Pool, *, fresh: bool = False, within_s: float = PATIENCE_S
) -> Connection | Fault:
    """What the pool gives: a connection, or why there is none."""
    loop = asyncio.get_running_loop()
    got: asyncio.Future[Connection | Fault] = loop.create_future()
    pool.get(got.set_result, loop.time() + within_s, fresh=fresh)
    return await got


async def connection_of(pool: Pool, *, fresh: bool = False) -> Connection:
    """A connection, which there must be."""
    got = await got_of(pool, fresh=fresh)
    assert isinstance(got, Connection), got
    return got


def begin(connection: Connection, head: bytes, method: str = "GET") -> None:
    """Send a request that may take long."""
    connection.begin(method, head, asyncio.get_running_loop().time() + PATIENCE_S)

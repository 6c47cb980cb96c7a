"""Kept connections: the youngest first, none for long, and only those that are clean."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from router.core.model import Snapshot, Upstream
from router.core.outcome import Fault
from router.edge.upstream.pool import NoConnection, Pool, Pools
from router.edge.upstream.wire import Connection
from tests.edge import upstreams
from tests.edge.scripts import ok
from tests.edge.stages import until

GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"


@pytest.fixture
async def server() -> AsyncIterator[upstreams.Upstream]:
    """Give an upstream that answers everything."""
    one = upstreams.Upstream("coach")
    await one.start([ok()])
    yield one
    await one.stop()


@pytest.fixture
async def pool(server: upstreams.Upstream) -> AsyncIterator[Pool]:
    """Give a pool of its connections."""
    one = Pool(Upstream("coach", "127.0.0.1", server.port), asyncio.get_running_loop())
    yield one
    one.close()
    await until(lambda: not server.open_lines, "the end of every connection")


async def used(pool: Pool) -> Connection:
    """A connection that has carried one exchange."""
    connection = pool.kept() or await pool.fresh(1.0)
    connection.send("GET", GET)
    while not (connection.complete or connection.fault):
        await connection.changed()
    connection.take()
    return connection


async def test_the_youngest_is_used_first(pool: Pool) -> None:
    """It is the likeliest to be open still; the others grow old and are closed."""
    first, second = await used(pool), await pool.fresh(1.0)
    pool.give_back(first)
    second.send("GET", GET)
    await until(lambda: second.complete, "the answer")
    second.take()
    pool.give_back(second)
    assert repr(pool).endswith("2 idle>")
    assert pool.kept() is second
    assert second.reused
    assert pool.kept() is first
    assert pool.kept() is None
    first.abort()
    second.abort()


async def test_what_has_idled_too_long_is_not_used(
    pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The upstream may be closing it at this moment."""
    connection = await used(pool)
    pool.give_back(connection)
    connection.idle_since -= pool.upstream.idle_s + 0.1
    assert pool.kept() is None
    assert connection.closed


async def test_idle_connections_are_closed_in_time(server: upstreams.Upstream) -> None:
    """Also where no request comes that would look at them."""
    address = Upstream("coach", "127.0.0.1", server.port, idle_s=0.05)
    pool = Pool(address, asyncio.get_running_loop())
    pool.give_back(await used(pool))
    await until(lambda: not server.open_lines, "the end of the idle connection")
    assert repr(pool).endswith("0 idle>")
    pool.give_back(await used(pool))  # and the sweep begins anew
    await until(lambda: not server.open_lines, "the end of the next one")
    pool.close()


async def test_what_the_upstream_has_closed_is_not_used(
    pool: Pool, server: upstreams.Upstream
) -> None:
    """The end is noticed when it comes, not when the next request fails on it."""
    connection = await used(pool)
    pool.give_back(connection)
    server.lines[0].close()
    await until(lambda: connection.closed, "the end of the connection")
    assert pool.kept() is None


async def test_what_speaks_unasked_is_not_used(pool: Pool, server: upstreams.Upstream) -> None:
    """Bytes that belong to no answer would be read as the next one."""
    connection = await used(pool)
    pool.give_back(connection)
    await server.lines[0].send(b"HTTP/1.1 408 Request Timeout\r\n\r\n")
    await until(lambda: connection.closed, "the end of the connection")
    assert pool.kept() is None


async def test_what_is_not_clean_is_not_kept(pool: Pool) -> None:
    """An answer that is not whole, a fault, or nothing asked at all."""
    broken = await used(pool)
    broken.send("GET", GET)
    broken.expire()
    assert broken.fault is Fault.TIMEOUT
    pool.give_back(broken)
    pool.give_back(await pool.fresh(1.0))
    assert pool.kept() is None


async def test_only_so_many_are_kept(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    """What comes back beyond that is closed."""
    monkeypatch.setattr("router.edge.upstream.pool.MAX_IDLE", 2)
    connections = [await pool.fresh(1.0) for _ in range(4)]
    for connection in connections:
        connection.send("GET", GET)
    await until(lambda: all(one.complete for one in connections), "the answers")
    for connection in connections:
        connection.take()
        pool.give_back(connection)
    assert [one.closed for one in connections] == [False, False, True, True]


async def test_no_connection_says_why() -> None:
    """The system's own words, for a log; never for a client."""
    port = upstreams.Upstream("nobody")
    pool = Pool(Upstream("nobody", "127.0.0.1", port.port), asyncio.get_running_loop())
    with pytest.raises(NoConnection, match=r"refused|111"):
        await pool.fresh(1.0)
    await port.stop()


async def test_pools_live_on_over_a_reload_that_keeps_the_address(
    server: upstreams.Upstream,
) -> None:
    """Percentages change often and addresses seldom; what changed or went is closed."""
    pools = Pools(asyncio.get_running_loop())
    same = Upstream("coach", "127.0.0.1", server.port)
    gone = Upstream("old", "127.0.0.1", server.port)
    pool, old = pools[same], pools[gone]
    for one in (pool, old):
        one.give_back(await used(one))
    snapshot = Snapshot("", "", {"coach": Upstream("coach", "127.0.0.1", server.port)}, None)
    pools.keep(snapshot)
    assert pools[same] is pool
    await until(lambda: server.open_lines == 1, "the end of the old upstream's connection")
    pools.close()
    await until(lambda: not server.open_lines, "the end of every connection")

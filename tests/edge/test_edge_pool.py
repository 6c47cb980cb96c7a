"""Kept connections: the youngest first, none for long, and only those that are clean."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from router.core.model import Snapshot, Upstream
from router.core.outcome import Fault
from router.edge.upstream.pool import Pool, Pools
from router.edge.upstream.wire import Connection
from tests.core.scenes import DEFAULT
from tests.edge import upstreams
from tests.edge.pools import begin, connection_of, got_of
from tests.edge.scripts import ok, unanswered
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


def pool_of(server: upstreams.Upstream, **bounds: int) -> Pool:
    """A pool with bounds of its own."""
    address = Upstream("coach", "127.0.0.1", server.port, **bounds)  # type: ignore[arg-type]
    return Pool(address, asyncio.get_running_loop())


async def used(pool: Pool) -> Connection:
    """A connection that has carried one exchange."""
    connection = await connection_of(pool)
    begin(connection, GET)
    await until(lambda: connection.complete or connection.fault, "the answer")
    connection.take()
    return connection


async def test_the_youngest_is_used_first(pool: Pool) -> None:
    """It is the likeliest to be open still; the others grow old and are closed."""
    first, second = await used(pool), await connection_of(pool)
    pool.give_back(first)
    begin(second, GET)
    await until(lambda: second.complete, "the answer")
    second.take()
    pool.give_back(second)
    assert "2 idle, 0 in use" in repr(pool)
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
    assert "0 idle" in repr(pool)
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
    begin(broken, GET)
    broken.expire()
    assert broken.fault is Fault.TIMEOUT
    pool.give_back(broken)
    pool.give_back(await connection_of(pool, fresh=True))
    assert pool.kept() is None


async def test_only_so_many_are_kept(server: upstreams.Upstream) -> None:
    """What comes back beyond that is closed."""
    pool = pool_of(server, pool=2)
    connections = [await connection_of(pool) for _ in range(4)]
    for connection in connections:
        begin(connection, GET)
    await until(lambda: all(one.complete for one in connections), "the answers")
    for connection in connections:
        connection.take()
        pool.give_back(connection)
    assert [one.closed for one in connections] == [False, False, True, True]
    pool.close()


async def test_only_so_many_are_open_at_once(server: upstreams.Upstream) -> None:
    """Whoever comes next waits for one that is given back, and gets the first."""
    pool = pool_of(server, connections=1, queue=2)
    first = await used(pool)
    waits = [asyncio.create_task(got_of(pool)) for _ in range(2)]
    await until(lambda: repr(pool).endswith("2 waiting>"), "two who wait")
    assert await got_of(pool) is Fault.BUSY  # the queue is full: told at once
    pool.give_back(first)
    assert await waits[0] is first
    pool.drop(first)  # one that cannot be used again makes room for a new one
    second = await waits[1]
    assert second is not first
    assert isinstance(second, Connection)
    pool.drop(second)


async def test_whoever_waits_too_long_is_told_so(server: upstreams.Upstream) -> None:
    """At the moment it named, though nothing happens."""
    pool = pool_of(server, connections=1, queue=2)
    first = await used(pool)
    assert await got_of(pool, within_s=0.05) is Fault.BUSY
    pool.drop(first)


async def test_a_refusal_makes_room_for_the_next() -> None:
    """Each that waits is told what came of its own connection; none waits for its time to pass."""
    nobody = upstreams.Upstream("nobody")
    pool = pool_of(nobody, connections=1, queue=2)
    waits = [asyncio.create_task(got_of(pool)) for _ in range(3)]
    assert await asyncio.gather(*waits) == [Fault.REFUSED] * 3
    await nobody.stop()


async def test_whoever_gives_up_waits_no_more(server: upstreams.Upstream) -> None:
    """The connection goes to the next one."""
    pool = pool_of(server, connections=1, queue=2)
    first = await used(pool)
    gone = pool.get(lambda _: None, asyncio.get_running_loop().time() + 5, fresh=False)
    assert gone is not None
    stays = asyncio.create_task(got_of(pool))
    await until(lambda: repr(pool).endswith("2 waiting>"), "two who wait")
    gone.give_up()
    pool.give_back(first)
    assert await stays is first
    pool.drop(first)


async def test_whoever_gives_up_leaves_a_place(server: upstreams.Upstream) -> None:
    """The queue is for those who wait, not for those who have waited."""
    pool = pool_of(server, connections=1, queue=1)
    first = await used(pool)
    gone = pool.get(lambda _: None, asyncio.get_running_loop().time() + 5, fresh=False)
    assert gone is not None
    gone.give_up()
    told: list[Connection | Fault] = []
    pool.get(told.append, asyncio.get_running_loop().time() + 5, fresh=False)
    assert not told  # `BUSY`, if the place were taken
    pool.give_back(first)
    assert told == [first]
    pool.drop(first)


async def test_whoever_gives_up_a_call_lets_the_next_one_call() -> None:
    """The one that was being connected leaves room as well."""
    silent = upstreams.Upstream("silent")
    await silent.start([unanswered()])
    pool = pool_of(silent, connections=1, queue=1)
    gone = pool.get(lambda _: None, asyncio.get_running_loop().time() + 5, fresh=False)
    assert gone is not None
    stays = asyncio.create_task(got_of(pool, within_s=1.0))  # half of it in the queue
    await until(lambda: repr(pool).endswith("1 waiting>"), "one who waits")
    gone.give_up()
    assert await stays is Fault.TIMEOUT  # it called, and did not wait for nothing (`BUSY`)
    await silent.stop()


async def test_a_reload_that_makes_room_lets_in_who_waits(server: upstreams.Upstream) -> None:
    """Whatever is in use may be so for hours."""
    pools = Pools(asyncio.get_running_loop())
    narrow = Upstream("coach", "127.0.0.1", server.port, connections=1)
    pool = pools[narrow]
    first = await used(pool)
    stays = asyncio.create_task(got_of(pool))
    await until(lambda: repr(pool).endswith("1 waiting>"), "one who waits")
    pools.keep(Snapshot("", "", {"coach": replace(narrow, connections=2)}, DEFAULT))
    second = await stays
    assert isinstance(second, Connection)
    pool.drop(first)
    pool.drop(second)


async def test_no_connection_is_a_refusal() -> None:
    """Whatever the system calls it."""
    port = upstreams.Upstream("nobody")
    pool = Pool(Upstream("nobody", "127.0.0.1", port.port), asyncio.get_running_loop())
    assert await got_of(pool) is Fault.REFUSED
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
    kept = {"coach": Upstream("coach", "127.0.0.1", server.port)}
    snapshot = Snapshot("", "", kept, DEFAULT)
    pools.keep(snapshot)
    assert pools[same] is pool
    await until(lambda: server.open_lines == 1, "the end of the old upstream's connection")
    pools.close()
    await until(lambda: not server.open_lines, "the end of every connection")

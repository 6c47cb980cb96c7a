"""The machine, its clock and disk, clients that mean no good, and our own processes."""

import asyncio
import contextlib
import fcntl
import os
import resource
import signal
import socket
from collections.abc import AsyncIterator

from tests.edge.clients import Caller
from tests.edge.requests import request
from tests.edge.scripts import hang, head, ok, played
from tests.edge.upstreams import Line
from tests.faults.house import House, another, until
from tests.faults.rows import FROM_COACH, NONE, Row

ROOMY = """\
limits: {keep_alive: 60s, connections: 20000, connections_per_client: 20000}
"""
IMPATIENT = ROOMY.replace("{", "{head_timeout: 500ms, body_timeout: 500ms, slow_reader: 500ms, ")
IDLE, SILENT = 10_000, 1_000
SPARE = 500
BATCH = 50
NOTICED_S = 2.0
GRACE_S = 4.0


async def honest(house: House, times: int = 20) -> None:
    """Somebody who asks as one should, again and again, and notices nothing."""
    caller = await Caller.dial(house.port)
    for _ in range(times):
        await caller.send(request())
        got = await caller.answer()
        assert (got.status, got.body) == (200, FROM_COACH)
        assert got.took_s < NOTICED_S
    caller.leave()


async def disk_full(house: House) -> None:
    """Lines are lost, and counted; no request is."""
    async with another(house, "full", STRANGLER_ACCESS_LOG="/dev/full") as one:
        await honest(one, 50)
        await until(lambda: one.stack.total("log_lines_dropped_total") == 50)


async def reader_stops(house: House) -> None:
    """The log is a pipe that nobody reads: it fills, and nobody waits for it."""
    pipe = house.stack.folder / "pipe"
    os.mkfifo(pipe)
    reading = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        fcntl.fcntl(reading, fcntl.F_SETPIPE_SZ, 4096)
        async with another(house, "stopped", STRANGLER_ACCESS_LOG=str(pipe)) as one:
            await honest(one, 200)  # of 300 bytes a line: many times what the pipe takes
    finally:
        os.close(reading)


async def slow_head(house: House) -> None:
    """A head that drips is 408 when its time is over, however often a byte of it comes."""
    async with another(house, "slow-head", IMPATIENT) as one:
        caller = await one.dial()
        answer = asyncio.create_task(caller.answer())
        dripping = asyncio.create_task(drip(caller, request()[:-2], answer))
        await honest(one)
        got = await answer
        await dripping
        assert (got.status, got.one("connection")) == (408, b"close")
        assert not [each for each in one.coach.received if each.one(b"x-slow")]


async def drip(caller: Caller, data: bytes, until_done: "asyncio.Task[object]") -> None:
    """Send byte after byte, until it is over."""
    for byte in data:
        if until_done.done():
            return
        await caller.send(bytes([byte]))
        await asyncio.sleep(0.02)


async def slow_body(house: House) -> None:
    """An upload that stops is 408, and the upstream's request is broken off."""
    async with another(house, "slow-body", IMPATIENT) as one:
        caller = await one.dial()
        await caller.send(request("POST", "/write", "Content-Length: 100"), b"half")
        answer = asyncio.create_task(caller.answer())
        await honest(one)
        assert (await answer).status == 408
        await until(lambda: one.stack.total("inflight") == 0)


async def slow_reader(house: House) -> None:
    """Who does not take its answer is cut, and what was meant for it is not kept."""
    async with another(house, "slow-reader", IMPATIENT) as one:
        one.play([played(endless, "endless")])
        caller = await one.dial(window=4096)
        await caller.send(request())
        await until(lambda: one.coach.received)
        one.play([ok()])
        await honest(one)
        await until(lambda: one.stack.total("requests_total", fate="client_gone") == 1)


async def endless(line: Line) -> None:
    """An answer that goes on for as long as it is taken."""
    await line.send(head(200))
    while line.is_open:
        await line.send(b"x" * 65536)


async def idle_connections(house: House) -> None:
    """Ten thousand, or as many as this process may have, each of which has asked once."""
    count = min(IDLE, resource.getrlimit(resource.RLIMIT_NOFILE)[1] - SPARE)
    await crowded(house, "idle", count, b"GET /elsewhere HTTP/1.1\r\nHost: fit.example\r\n\r\n")


async def silent_connections(house: House) -> None:
    """They have said nothing, and are sent away when the time for a head is over."""
    await crowded(house, "silent", SILENT, b"")


async def crowded(house: House, name: str, count: int, said: bytes) -> None:
    """Honest clients beside a crowd that stays connected."""
    limits = ROOMY if said else IMPATIENT
    async with another(house, name, limits) as one, crowd(one, count, said) as sockets:
        assert len(sockets) == count
        await honest(one)
        if not said:
            await until(lambda: all(is_closed(each) for each in sockets))
            await honest(one)
        else:
            assert not any(is_closed(each) for each in sockets)


@contextlib.asynccontextmanager
async def crowd(one: House, count: int, said: bytes) -> AsyncIterator[list[socket.socket]]:
    """So many connections, each of which has said that and heard the answer."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    sockets: list[socket.socket] = []
    try:
        await asyncio.to_thread(gather, one.port, count, said, sockets)
        yield sockets
    finally:
        for each in sockets:
            each.close()
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def gather(port: int, count: int, said: bytes, sockets: list[socket.socket]) -> None:
    """Connect them, fewer at a time than any backlog."""
    for _ in range(0, count, BATCH):
        batch = [socket.create_connection(("127.0.0.1", port), 10.0) for _ in range(BATCH)]
        sockets += batch
        for each in batch:
            each.sendall(said)
        for each in batch if said else ():
            assert each.recv(4096).startswith(b"HTTP/1.1 200 ")


def is_closed(one: socket.socket) -> bool:
    """Whether the other end has gone."""
    one.setblocking(False)
    try:
        return one.recv(1, socket.MSG_PEEK) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True


async def sigterm(house: House) -> None:
    """What ends in the grace time is finished; a stream is cut when that is over."""
    async with another(house, "sigterm", STRANGLER_GRACE=f"{GRACE_S}s") as one:
        go = asyncio.Event()

        async def later(line: Line) -> None:
            await go.wait()
            await ok().play(line)

        one.play([played(later, "later"), played(stream, "stream")])
        slow, streaming = await one.dial(), await one.dial()
        await slow.send(request())
        await until(lambda: len(one.coach.received) == 1)
        await streaming.send(request())
        assert await streaming.reader.readuntil(b"data: first")
        router = one.stack.processes["router"]
        router.send(signal.SIGTERM)
        await until(lambda: "draining" in one.stack.log("router"))
        go.set()
        got = await slow.answer()
        assert (got.status, got.body) == (200, FROM_COACH)
        rest = b""
        with contextlib.suppress(ConnectionError):
            rest = await streaming.reader.read()
        assert b"0\r\n\r\n" not in rest  # cut, not ended
        await until(lambda: router.has_ended)
        fates = {each["fate"] for each in one.stories()}
        assert fates == {"ok", "shed"} or fates == {"ok", "fail_after_commit"}, fates


async def stream(line: Line) -> None:
    """Events without an end."""
    await line.send(head(200, "Content-Type: text/event-stream", "Transfer-Encoding: chunked"))
    await line.send(b"b\r\ndata: first\r\n")
    await hang().play(line)


ROWS = (
    Row(
        "clock stepped back or forward an hour",
        NONE,
        "tokens by wall clock, everything else by the monotonic one",
        {},
        (
            "edge/test_edge_auth.py::test_a_remembered_token_expires",
            "edge/test_edge_tokens.py::test_a_remembered_token_still_expires",
            "faults/test_faults_table.py::test_the_wall_clock_is_for_tokens_logs_and_dates",
        ),
    ),
    Row(
        "no descriptors left",
        NONE,
        "the listener backs off and recovers",
        {},
        ("system/test_system_descriptors.py::test_when_descriptors_run_out_new_clients_wait",),
    ),
    Row(
        "disk full",
        NONE,
        "the access log is lost, requests are not",
        {"/dev/full": disk_full},
        ("edge/test_edge_logs.py::test_a_full_disk_costs_lines_and_no_more",),
    ),
    Row(
        "log reader stops",
        NONE,
        "no blocking",
        {"a pipe that is full": reader_stops},
        ("edge/test_edge_logs.py::test_a_reader_that_stopped_costs_lines_and_never_time",),
    ),
    Row(
        "slowloris by head, by body, by reading slowly",
        NONE,
        "honest clients do not notice",
        {"by head": slow_head, "by body": slow_body, "by reading slowly": slow_reader},
    ),
    Row(
        "10,000 idle connections",
        NONE,
        "honest clients do not notice",
        {"idle": idle_connections},
    ),
    Row(
        "1,000 connections that send nothing",
        NONE,
        "honest clients do not notice",
        {"silent": silent_connections},
    ),
    Row(
        "SIGTERM with requests and streams under way",
        NONE,
        "finished or cut at the grace time",
        {"both": sigterm},
        (
            "system/test_system_process.py::test_sigterm_lets_a_request_under_way_finish",
            "edge/test_edge_leaving.py::test_a_drain_cuts_what_does_not_end",
        ),
    ),
    Row(
        "a worker killed",
        NONE,
        "replaced, the rest unharmed",
        {},
        (
            "system/test_system_workers.py::"
            "test_a_killed_worker_is_replaced_and_the_rest_is_unharmed",
        ),
    ),
)

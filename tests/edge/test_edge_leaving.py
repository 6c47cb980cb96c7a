"""Clients that leave: everything is cancelled, it is nobody's failure, nothing is left behind."""

import asyncio

import pytest

from router.core.fates import Fate
from router.core.model import Upstream
from router.edge.upstream.attempt import Attempt, Wanted
from router.edge.upstream.pool import Pool
from tests.edge.clients import Caller
from tests.edge.conftest import Open
from tests.edge.requests import post, request
from tests.edge.scripts import chunk, hang, head, ok, played, stall_body, unanswered
from tests.edge.stages import Stage, until
from tests.edge.upstreams import Line, Step

PATIENT = {"timeout_s": 20.0, "deadline_s": 30.0}
WAYS = ["leave", "reset"]


async def gone(one: Stage, caller: Caller, how: str) -> None:
    """Have the client leave, and check what must follow, whatever was going on."""
    caller.leave() if how == "leave" else caller.reset()
    await one.quiet()
    record = one.ledger.records[-1]
    assert record.fate is Fate.CLIENT_GONE
    assert one.total("requests_total", fate="client_gone") == 1
    assert one.total("fallbacks_total") == one.total("fallbacks_refused_total") == 0
    await until(lambda: not one.front.connections, "the client's connection gone")


def no_failure(one: Stage) -> bool:
    """Whether no attempt was counted as a failure of its upstream."""
    labels = {each.outcome for record in one.ledger.records for each in record.attempts}
    return labels <= {"ok", "cancelled"}


HELD = head(200, "Transfer-Encoding: chunked") + chunk(b"held")


@pytest.mark.parametrize("how", WAYS)
@pytest.mark.parametrize("coach", [hang(), stall_body(), played(Line.until_left)], ids=str)
async def test_it_leaves_while_coach_is_awaited(stage: Open, coach: Step, how: str) -> None:
    """Before the head of the answer, or while it is held: coach's connection is closed."""
    one = await stage([coach], route=PATIENT)
    caller = await one.dial()
    one.expected += 1
    await caller.send(request())
    await until(lambda: one.coach.received, "the request at coach")
    await gone(one, caller, how)
    assert [each.outcome for each in one.ledger.records[-1].attempts] == ["cancelled"]
    await until(lambda: one.coach.open_lines == 0, "coach's connection gone")
    assert not one.monolith.received


async def test_it_leaves_while_a_connection_is_made(stage: Open) -> None:
    """The half-made connection is dropped as well."""
    one = await stage([unanswered()], route=PATIENT)
    caller = await one.dial()
    one.expected += 1
    await caller.send(request())
    await until(lambda: one.under_way, "the attempt")
    await gone(one, caller, "leave")
    assert [each.outcome for each in one.ledger.records[-1].attempts] == ["cancelled"]


@pytest.mark.parametrize("how", WAYS)
async def test_it_leaves_during_the_fallback(stage: Open, how: str) -> None:
    """Coach's failure stays what it was; legacy's attempt is cancelled and no failure."""
    one = await stage([hang()], [hang()], route={"deadline_s": 30.0})
    caller = await one.dial()
    one.expected += 1
    await caller.send(request())
    await until(lambda: one.monolith.received, "the request at legacy")
    caller.leave() if how == "leave" else caller.reset()
    await one.quiet()
    record = one.ledger.records[-1]
    assert record.fate is Fate.CLIENT_GONE
    assert [each.outcome for each in record.attempts] == ["timeout", "cancelled"]
    assert one.total("attempts_total", upstream="monolith", outcome="cancelled") == 1
    assert one.total("fallbacks_total") == 0  # neither rescued nor failed: nobody waited for it
    await until(lambda: one.monolith.open_lines == 0, "legacy's connection gone")


@pytest.mark.parametrize("how", WAYS)
async def test_it_leaves_in_the_body(stage: Open, how: str) -> None:
    """After the commit: the upstream is told by the end of its connection."""

    async def play(line: Line) -> None:
        await line.send(head(200, "Transfer-Encoding: chunked") + chunk(b"x" * 100_000))
        await line.until_left()

    one = await stage([played(play)])
    caller = await one.dial()
    one.expected += 1
    await caller.send(request())
    await caller.reader.readexactly(1000)
    await gone(one, caller, how)
    assert no_failure(one)
    await until(lambda: one.coach.open_lines == 0, "coach's connection gone")


async def test_it_leaves_while_it_does_not_read(stage: Open) -> None:
    """The answer was waiting for it; what waits is thrown away."""

    async def play(line: Line) -> None:
        await line.send(head(200, f"Content-Length: {2**30}"))
        while line.is_open:
            await line.send(b"x" * 2**16)

    one = await stage([played(play)], route=PATIENT)
    caller = await one.dial(window=4096)
    one.expected += 1
    await caller.send(request())
    await until(lambda: one.buffered > 2**16, "the answer waiting for the client")
    await gone(one, caller, "reset")
    assert no_failure(one)


@pytest.mark.parametrize("how", WAYS)
@pytest.mark.parametrize("framing", ["Content-Length: 1000", "Transfer-Encoding: chunked"])
async def test_it_leaves_in_its_upload(stage: Open, framing: str, how: str) -> None:
    """Nothing is invented for what is missing: the upstream's request is broken off."""
    one = await stage(route=PATIENT)
    caller = await one.dial()
    one.expected += 1
    await caller.send(request("POST", "/write", framing), b"5\r\nhello\r\n")
    await until(lambda: one.coach.received, "the head at coach")
    await gone(one, caller, how)
    assert [each.outcome for each in one.ledger.records[-1].attempts] == ["cancelled"]
    await until(lambda: one.coach.open_lines == 0, "coach's connection gone")
    assert not one.coach.received[0].whole


async def test_it_leaves_while_its_upload_has_to_wait(stage: Open) -> None:
    """The upstream does not read, so neither do we; the deadline is the end at the latest."""
    go = asyncio.Event()

    async def play(_: Line) -> None:
        await go.wait()

    one = await stage([played(play, reads_body=False)], [hang()], route={"deadline_s": 0.6})
    caller = await one.dial()
    one.expected += 1
    await caller.send(request("POST", "/write", f"Content-Length: {9 * 2**20}"))
    caller.writer.write(b"x" * 9 * 2**20)
    await until(lambda: one.coach.received, "the head at coach")
    caller.reset()
    await one.quiet()
    assert one.ledger.records[-1].fate in {Fate.CLIENT_GONE, Fate.FAIL_NOT_ELIGIBLE}
    go.set()


async def test_it_leaves_with_requests_still_waiting(stage: Open) -> None:
    """What it had pipelined behind the first one is never begun."""
    one = await stage([hang()], route=PATIENT)
    caller = await one.dial()
    one.expected += 1
    await caller.send(request() * 5)
    await until(lambda: one.coach.received, "the request at coach")
    await gone(one, caller, "leave")
    assert len(one.coach.received) == 1


async def test_it_leaves_after_its_answer(stage: Open) -> None:
    """That is how every connection ends, and nothing to account for."""
    one = await stage()
    caller = await one.dial()
    await one.ask(request(), on=caller)
    await one.quiet()
    caller.leave()
    await until(lambda: not one.front.connections, "the client's connection gone")


async def test_it_connects_and_says_nothing(stage: Open) -> None:
    """No request, no exchange."""
    one = await stage()
    caller = await one.dial()
    await caller.send(b"GET / HT")
    await until(lambda: one.front.connections, "the connection")
    caller.leave()
    await until(lambda: not one.front.connections, "the client's connection gone")
    assert not one.ledger.records


async def test_many_leave_at_once_at_any_moment(stage: Open) -> None:
    """Wherever each of 60 exchanges happens to be, it ends, once, and leaves nothing."""
    slow = played(answer_slowly, "slow")
    one = await stage([slow], [slow], route={"timeout_s": 0.03})

    async def come_and_go(number: int) -> None:
        caller = await one.dial()
        one.expected += 1
        sent = request() if number % 2 else request("PUT", "/write", body=b"x" * 5000)
        await caller.send(sent)
        await asyncio.sleep(0.001 * number)
        caller.leave() if number % 3 else caller.reset()

    async with asyncio.TaskGroup() as group:
        for number in range(60):
            group.create_task(come_and_go(number))
    await until(lambda: not one.front.connections, "every client's connection gone")
    one.expected = len(one.ledger.records)  # a request may leave before it is read
    fates = {record.fate for record in one.ledger.records}
    assert fates <= {Fate.CLIENT_GONE, Fate.OK, Fate.RESCUED}


async def answer_slowly(line: Line) -> None:
    """In small pieces over some 50 ms, so that it is often beyond the timeout and often not."""
    await asyncio.sleep(0.02)
    await line.send(head(200, "Transfer-Encoding: chunked"))
    for _ in range(3):
        await asyncio.sleep(0.01)
        await line.send(chunk(b"piece"))
    await line.send(b"0\r\n\r\n")


async def test_a_drain_cuts_what_does_not_end(stage: Open) -> None:
    """At the end of the grace time it was we who left, and that has a fate of its own."""
    one = await stage([hang()], route=PATIENT)
    caller = await one.dial()
    one.expected += 1
    await caller.send(request())
    await until(lambda: one.coach.received, "the request at coach")
    await one.front.drain(0.05)
    assert (await caller.answer()).status == 0
    await one.quiet()
    record = one.ledger.records[-1]
    assert (record.fate, record.attempts[0].outcome) == (Fate.SHED, "cancelled")


async def test_a_drain_lets_what_runs_finish(stage: Open) -> None:
    """The answer says `close`, an idle connection is closed at once."""
    go = asyncio.Event()

    async def play(line: Line) -> None:
        await go.wait()
        await ok().play(line)

    one = await stage([ok(), played(play)], route=PATIENT)
    idle, busy = await one.dial(), await one.dial()
    await one.ask(request(), on=idle)
    one.expected += 1
    await busy.send(request())
    await until(lambda: len(one.coach.received) == 2, "the request at coach")
    draining = asyncio.create_task(one.front.drain(5.0))
    assert await idle.is_cut()
    go.set()
    got = await busy.answer()
    assert (got.status, got.one("connection")) == (200, b"close")
    await draining
    await one.quiet()
    assert one.ledger.records[-1].fate is Fate.OK


async def test_an_attempt_let_go_while_it_runs_leaves_nothing(stage: Open) -> None:
    """Its connection is closed at once, and it tells nobody any more."""
    one = await stage([hang()])
    pool = Pool(Upstream("coach", "127.0.0.1", one.coach.port), one.loop)
    told: list[Attempt] = []
    wanted = Wanted(pool.upstream, "POST", post(b""), one.loop.time() + 20.0)
    attempt = Attempt(wanted, pool, None, settled=told.append, interim=lambda _: None)
    attempt.start()
    await until(lambda: one.coach.received, "the request at coach")
    attempt.close()
    assert pool.under_way == 0
    assert attempt.outcome is None
    await until(lambda: one.coach.open_lines == 0, "coach's connection gone")
    assert not told


async def test_an_attempt_let_go_while_it_connects_leaves_nothing(stage: Open) -> None:
    """Whether the connection was made in that moment or not."""
    one = await stage([hang()])
    pool = Pool(Upstream("coach", "127.0.0.1", one.coach.port), one.loop)
    wanted = Wanted(pool.upstream, "GET", post(b""), one.loop.time() + 20.0)
    for turns in range(12):
        attempt = Attempt(wanted, pool, None, settled=lambda _: None, interim=lambda _: None)
        attempt.start()
        for _ in range(turns):
            await asyncio.sleep(0)
        attempt.close()
    assert pool.under_way == 0
    await until(lambda: repr(pool).endswith("0 in use, 0 waiting>"), "nothing in use")
    await until(lambda: one.coach.open_lines == 0, "coach's connections gone")

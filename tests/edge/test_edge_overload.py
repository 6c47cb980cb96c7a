"""An upstream without room: who waits, who is told so, and who comes first."""

import asyncio
from dataclasses import replace

import pytest

from router.core.deciding import Decision
from router.core.fallback import Why
from router.core.fates import Fate
from router.core.model import Cohort, Reason
from router.core.outcome import Fault, Outcome, Phase
from router.edge.upstream.pool import Pool
from router.exchange import Exchange
from router.exchange.asking import Asked, ask
from router.exchange.telling import own_answer
from tests.edge.clients import Caller
from tests.edge.conftest import Open
from tests.edge.requests import request
from tests.edge.scripts import (
    die_in_mid_body,
    hang,
    ok,
    refuse,
    reset_before_byte,
    status,
)
from tests.edge.stages import Stage, until
from tests.edge.upstreams import Step

ELSEWHERE = request(path="/elsewhere", auth="")
AT_ONCE_S = 1.5
"""Less than a place in the queue is waited for, and more than a machine stands still."""
BIG = b"x" * 1_000_000


def legacy_of(one: Stage, **bounds: float) -> Pool:
    """The pool of connections to legacy, with other *bounds*."""
    pool = one.pools[one.snapshot.upstreams["monolith"]]
    pool.bound(replace(pool.upstream, **bounds))  # type: ignore[arg-type]
    return pool


async def take_places(one: Stage, number: int) -> list[Caller]:
    """Have *number* requests of native traffic hang at the monolith."""
    callers = []
    for _ in range(number):
        caller = await one.dial()
        one.expected += 1
        await caller.send(ELSEWHERE)
        callers.append(caller)
    await until(lambda: len(one.monolith.received) == number, "all at the monolith")
    return callers


UNSAVED = {
    "500": (status(500), 500, None, "coach"),
    "500, large": (status(500, body=BIG), 500, None, "coach"),
    "503 that asks for patience": (status(503, "Retry-After: 7"), 503, b"7", "coach"),
    "429 that asks for patience": (status(429, "Retry-After: 7"), 429, b"7", "coach"),
    "listed": (status(404), 404, None, "coach"),
    "nothing": (hang(), 503, b"5", "none"),
    "reset": (reset_before_byte(), 503, b"5", "none"),
    "nobody": (refuse(), 503, b"5", "none"),
    "half an answer": (die_in_mid_body(), 503, b"5", "none"),
}


@pytest.mark.parametrize(
    ("coach", "told", "patience", "served"), UNSAVED.values(), ids=UNSAVED.keys()
)
async def test_a_rescue_never_takes_the_last_place(
    stage: Open, coach: Step, told: int, patience: bytes | None, served: str
) -> None:
    """The candidate's own answer stands, or 503; the place is there for native traffic."""
    statuses = {"fallback_statuses": frozenset({404})}
    one = await stage([coach], [hang(), ok()], route=statuses)
    legacy_of(one, connections=2)
    [held] = await take_places(one, 1)
    seen = await one.ask(request())
    assert (seen.status, seen.one("retry-after")) == (told, patience)
    assert seen.whole
    await until(lambda: one.ledger.records, "the one that was shed")
    [record] = one.ledger.records
    assert (record.fate, record.served, record.why) == (Fate.SHED, served, "shed")
    assert [attempt.upstream for attempt in record.attempts] == ["coach"]
    assert record.seconds - record.attempts[0].seconds < AT_ONCE_S
    if served == "none":
        assert seen.problem["type"] == "urn:strangler:busy"
    assert len(one.monolith.received) == 1
    assert one.total("fallbacks_total") == 0
    assert one.total("fallbacks_refused_total", why="shed") == 1
    assert one.total("requests_total", fate="shed", served=served, cohort="candidate") == 1
    assert (await one.ask(ELSEWHERE)).status == 200
    held.leave()


async def test_a_rescue_takes_any_other_place(stage: Open) -> None:
    """As long as a tenth is left."""
    one = await stage([status(500)], [hang(), ok()])
    legacy_of(one, connections=3)
    [held] = await take_places(one, 1)
    assert (await one.ask(request())).status == 200
    held.leave()
    await until(lambda: len(one.ledger.records) == 2, "both ended")
    assert {record.fate for record in one.ledger.records} == {Fate.RESCUED, Fate.CLIENT_GONE}


async def test_of_a_single_place_nothing_is_kept(stage: Open) -> None:
    """Or no rescue would ever come through."""
    one = await stage([status(500)], [ok()])
    legacy_of(one, connections=1)
    assert (await one.ask(request())).status == 200
    assert (await one.ask(request())).status == 200


async def test_who_is_native_waits_and_who_is_diverted_does_not(stage: Open) -> None:
    """The queue is native traffic's: a rescue is told at once, the other has the next place."""
    one = await stage([status(500)], [hang(), ok()])
    pool = legacy_of(one, connections=1, queue=5)
    [held] = await take_places(one, 1)
    waiting = await one.dial()
    one.expected += 1
    await waiting.send(ELSEWHERE)
    await until(lambda: pool.count_queued() == 1, "one who waits")
    seen = await one.ask(request())
    assert (seen.status, seen.took_s < AT_ONCE_S) == (500, True)
    assert pool.count_queued() == 1
    held.leave()
    assert (await waiting.answer()).status == 200


async def test_beyond_the_queue_all_are_told_at_once(stage: Open) -> None:
    """503 with `Retry-After`, and nobody else notices; who waits has the next place."""
    one = await stage([ok()], [hang(), ok()])
    pool = legacy_of(one, connections=1, queue=1)
    [held] = await take_places(one, 1)
    waiting = await one.dial()
    one.expected += 1
    await waiting.send(ELSEWHERE)
    await until(lambda: pool.count_queued() == 1, "one who waits")
    for _ in range(20):
        got = await one.ask(ELSEWHERE)
        assert (got.status, got.one("retry-after")) == (503, b"1")
        assert got.problem["type"] == "urn:strangler:busy"
    assert one.total("requests_total", fate="shed", served="none", code="5xx") == 20
    assert (await one.ask(request())).status == 200  # coach's users notice nothing
    held.leave()
    assert (await waiting.answer()).status == 200
    assert pool.count_queued() == 0


async def test_a_wait_ends_while_there_is_time_to_be_served(stage: Open) -> None:
    """After `queue_timeout`, long before the deadline; the place in the queue is another's then."""
    one = await stage([ok()], [hang()])
    pool = legacy_of(one, connections=1, queue=1, queue_s=0.1)
    [held] = await take_places(one, 1)
    for _ in range(2):
        got = await one.ask(ELSEWHERE)
        assert (got.status, got.one("retry-after")) == (503, b"1")
        assert 0.09 < got.took_s < 5.0
        assert pool.count_queued() == 0
    held.leave()
    await one.quiet()
    assert {record.fate for record in one.ledger.records} == {Fate.SHED, Fate.CLIENT_GONE}


async def test_a_wait_never_takes_more_than_half_of_the_time(stage: Open) -> None:
    """The other half is for the upstream, or nobody of those who waited would be served."""
    one = await stage([ok()], [hang()], default={"deadline_s": 2.0})
    legacy_of(one, connections=1, queue=1)
    [held] = await take_places(one, 1)
    got = await one.ask(ELSEWHERE)
    assert got.status == 503
    assert 0.99 < got.took_s < 1.8
    held.leave()


async def test_who_leaves_the_queue_leaves_its_place(stage: Open) -> None:
    """A client that gives up is nobody's failure, and not waited for."""
    one = await stage([ok()], [hang(), ok()])
    pool = legacy_of(one, connections=1, queue=1)
    [held] = await take_places(one, 1)
    for _ in range(3):
        waiting = await one.dial()
        one.expected += 1
        await waiting.send(ELSEWHERE)
        await until(lambda: pool.count_queued() == 1, "one who waits")
        waiting.leave()
        await until(lambda: pool.count_queued() == 0, "its place")
    stays = asyncio.create_task(one.ask(ELSEWHERE))
    await until(lambda: pool.count_queued() == 1, "one who waits")
    held.leave()
    assert (await stays).status == 200


def as_an_open_breaker_has_it(exchange: Exchange) -> None:
    """Begin the exchange at legacy, though its user is the candidate's."""
    asked = ask(exchange.client, exchange.running, exchange.edges.protections, exchange.record)
    assert isinstance(asked, Asked)
    asked.decision = Decision(asked.route.legacy, Cohort.CANDIDATE, Reason.BREAKER)
    exchange.serve(asked)


async def test_what_an_open_breaker_sends_is_shed_first(stage: Open) -> None:
    """It takes what places there are but the last, waits for none, and is told at once."""
    one = await stage([ok()], [ok(), hang(), ok()])
    pool = legacy_of(one, connections=2, queue=5)
    one.begin = as_an_open_breaker_has_it
    assert (await one.ask(request())).status == 200
    await one.quiet()
    one.begin = Exchange.begin
    caller = await one.dial()
    one.expected += 1
    await caller.send(ELSEWHERE)
    await until(lambda: len(one.monolith.received) == 2, "native traffic at the monolith")
    one.begin = as_an_open_breaker_has_it
    got = await one.ask(request())
    assert (got.status, got.one("retry-after")) == (503, b"5")
    assert got.took_s < AT_ONCE_S
    assert pool.count_queued() == 0
    fates = [record.fate for record in one.ledger.records]
    assert fates == [Fate.BREAKER_DIRECT, Fate.SHED]
    assert one.total("attempts_total", upstream="monolith", outcome="overload") == 1
    assert not one.coach.received
    caller.leave()


BUSY, SILENT = Outcome(Phase.CONNECT, Fault.BUSY), Outcome(Phase.AWAIT, Fault.TIMEOUT)
LATER = [
    # what came of it, why nobody rescued it, whether legacy was asked for another's user
    (BUSY, None, False, "1"),
    (BUSY, Why.DEADLINE, False, "1"),
    (BUSY, None, True, "5"),  # what an open breaker sends there, or a rescue that came too late
    (BUSY, Why.SHED, False, "5"),
    (SILENT, Why.SHED, False, "5"),
]


@pytest.mark.parametrize(("outcome", "why", "diverted", "patience"), LATER)
def test_when_to_come_again(
    outcome: Outcome, why: Why | None, diverted: bool, patience: str
) -> None:
    """Soon where places come free all the time, later where coach has to be well first."""
    told = own_answer(outcome, why, diverted=diverted)
    assert (told.status, told.headers) == (503, (("Retry-After", patience),))


ALL, ALONE, WITHOUT, NONE = "all", "overload", "5xx", "none"
FALLBACKS = {
    ALL: {},
    ALONE: {"fallback": frozenset({"overload"})},
    WITHOUT: {"fallback": frozenset({"5xx"})},
    NONE: {"fallback": frozenset()},
}
PATIENCE = "Retry-After: 3"
OVERLOADS = [
    # fallback, coach's answer: what the attempt is called, and as what it is rescued
    (ALL, status(503, PATIENCE), "overload", "overload"),
    (ALL, status(429, PATIENCE), "overload", "overload"),
    (ALL, status(503), "5xx", "5xx"),
    (ALL, status(429), "ok", None),
    (ALONE, status(503, PATIENCE), "overload", "overload"),
    (ALONE, status(429, PATIENCE), "overload", "overload"),
    (ALONE, status(503), "5xx", None),
    (ALONE, status(500, PATIENCE), "5xx", None),
    (ALONE, status(429), "ok", None),
    (WITHOUT, status(503, PATIENCE), "overload", "5xx"),
    (WITHOUT, status(429, PATIENCE), "overload", None),
    (WITHOUT, status(503), "5xx", "5xx"),
    (NONE, status(503, PATIENCE), "overload", None),
    (NONE, status(429, PATIENCE), "overload", None),
]


@pytest.mark.parametrize(("listed", "coach", "outcome", "rescue"), OVERLOADS, ids=str)
async def test_overload_is_a_cause_of_its_own(
    stage: Open, listed: str, coach: Step, outcome: str, rescue: str | None
) -> None:
    """In the metrics, in the story, and in what `fallback` lists."""
    one = await stage([coach], route=FALLBACKS[listed])
    seen = await one.seen(await one.ask(request()))
    said = int(str(coach).split()[-1])
    assert seen.attempts[0] == ("coach", outcome)
    assert seen.record.rescue_of == rescue
    assert one.total("attempts_total", upstream="coach", outcome=outcome) == 1
    if rescue is not None:
        assert (seen.got.status, seen.record.fate) == (200, Fate.RESCUED)
        assert one.total("fallbacks_total", cause=rescue, result="rescued") == 1
    else:
        assert seen.got.status == said
        assert seen.record.fate is (Fate.UPSTREAM_ERROR if said >= 500 else Fate.OK)
        assert one.total("fallbacks_total") == 0
        assert not seen.monolith


async def test_a_candidate_without_room_is_rescued_at_once(stage: Open) -> None:
    """Its own places are all taken: `overload`, and legacy is asked without a wait."""
    full = {"connections": 1, "queue": 0}
    one = await stage([hang()], address=full, route={"timeout_s": 20.0})
    waiting = await one.dial()
    one.expected += 1
    await waiting.send(request())
    await until(lambda: one.coach.received, "the first at coach")
    got = await one.ask(request())
    assert (got.status, got.took_s < AT_ONCE_S) == (200, True)
    waiting.leave()
    await one.quiet()
    assert one.total("fallbacks_total", cause="overload", result="rescued") == 1

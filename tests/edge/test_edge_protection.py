"""A candidate that is given up for a while, and fallbacks that there is no budget for."""

import asyncio
import time
from dataclasses import replace
from random import Random
from typing import Any

import pytest

from router.core.breaker import State
from router.core.fallback import Why
from router.core.fates import Fate
from router.core.model import BreakerRules, BudgetRules, Cause
from router.core.protection import Way
from router.edge.protections import Protections
from router.edge.reports import explain_report
from tests.edge.clients import Got
from tests.edge.conftest import Open
from tests.edge.requests import bearer, request
from tests.edge.scripts import chunk, hang, head, ok, status
from tests.edge.stages import SOON_S, Stage, until
from tests.edge.upstreams import Line, Step

GUARDED: dict[str, Any] = {"breaker": BreakerRules(), "budget": None}
BRIEFLY: dict[str, Any] = {"breaker": BreakerRules(open_s=0.5, longest_open_s=0.5), "budget": None}
FAILS = status(500)


def of(user: object, method: str = "GET") -> bytes:
    """A request of *user*."""
    return request(method, auth=bearer(str(user)))


async def ask(one: Stage, user: object) -> Got:
    """The answer to a request of *user*, once it has been accounted for.

    Its connection does not stay: whoever asks until something happens would have too many.
    """
    caller = await one.dial()
    got = await one.ask(of(user), on=caller)
    await one.quiet()
    caller.leave()
    return got


async def give_up(one: Stage) -> None:
    """Four users whose requests fail, one after the other."""
    for number in range(4):
        await ask(one, f"failing-{number}")


def fates(one: Stage) -> list[str]:
    """How each exchange ended."""
    return [str(record.fate) for record in one.ledger.records]


def state(one: Stage, route: str = "wod") -> State | None:
    """The state that the breaker of *route* is in."""
    return dict(one.protections.standings())[route].state


async def test_after_four_failures_coach_is_not_asked(stage: Open) -> None:
    """The fifth user's answer is legacy's, at once; the cohort stays what it was meant to be."""
    one = await stage([FAILS], route=GUARDED)
    await give_up(one)
    assert (await ask(one, "fifth")).status == 200
    record = one.ledger.records[-1]
    assert fates(one) == ["rescued"] * 4 + ["breaker_direct"]
    assert (record.cohort, record.reason, record.served) == ("candidate", "breaker", "monolith")
    assert [attempt.upstream for attempt in record.attempts] == ["monolith"]
    assert len(one.coach.received) == 4
    assert one.total("breaker_state", route="wod", state="open") == 1
    assert one.total("breaker_state", route="wod", state="closed") == 0
    assert one.total("breaker_state", route="write", state="closed") == 1


async def test_one_users_failures_are_one(stage: Open) -> None:
    """However many: each is rescued, and the others stay on coach."""
    one = await stage([FAILS] * 8 + [ok()], route=GUARDED)
    for _ in range(8):
        await ask(one, "poison")
    await ask(one, "another")
    assert fates(one) == ["rescued"] * 8 + ["ok"]
    assert state(one) is State.CLOSED


@pytest.mark.parametrize(
    "step", [status(404), status(401), status(429)], ids=lambda step: step.name
)
async def test_an_answer_that_is_no_failure_does_not_count(stage: Open, step: Step) -> None:
    """Failures are what `fallback` counts."""
    one = await stage([step], route=GUARDED)
    await give_up(one)
    assert state(one) is State.CLOSED


async def test_what_fallback_does_not_list_does_not_count(stage: Open) -> None:
    """Not even silence, if only resets are to be rescued; nor is it a success."""
    causes = frozenset({Cause.RESET})
    one = await stage([hang()], route={**GUARDED, "fallback": causes, "timeout_s": 0.05})
    for number in range(5):
        await ask(one, number)
    assert set(fates(one)) == {"upstream_error"}
    assert state(one) is State.CLOSED


async def test_a_failure_that_may_not_be_rescued_counts(stage: Open) -> None:
    """A write that coach fails is coach's failure all the same."""
    one = await stage([FAILS], route=GUARDED)
    for number in range(5):
        await one.ask(request("POST", "/write", body=b"x", auth=bearer(str(number))))
        await one.quiet()
    assert fates(one) == ["fail_not_eligible"] * 4 + ["breaker_direct"]
    assert state(one, "wod") is State.CLOSED


async def test_an_answer_that_breaks_off_counts(stage: Open) -> None:
    """Though it had begun well, which is good for a fifth one."""

    async def play(line: Line) -> None:
        await line.send(head(200, "Transfer-Encoding: chunked") + chunk(b"x" * 100_000))
        line.close()

    one = await stage([Step("breaks off", play)], route=GUARDED)
    for number in range(5):
        caller = await one.dial()
        one.expected += 1
        await caller.send(of(number))
        await one.quiet()
    assert set(fates(one)) == {"fail_after_commit"}
    assert state(one) is State.OPEN


async def test_probes_close_it_once_coach_is_back(stage: Open) -> None:
    """Users of the lowest buckets first; each probe is an ordinary exchange."""
    one = await stage([FAILS] * 4 + [ok()], route=BRIEFLY)
    await give_up(one)
    deadline = time.monotonic() + SOON_S
    number = 0
    while state(one) is not State.CLOSED:
        number += 1
        await ask(one, number % 40)
        assert time.monotonic() < deadline
    assert set(fates(one)[4:]) == {"breaker_direct", "ok"}
    assert len(one.coach.received) == 4 + 5


async def test_a_probe_that_fails_is_rescued_and_opens_it_again(stage: Open) -> None:
    """Nobody is the worse for probing."""
    one = await stage([FAILS], route=BRIEFLY)
    await give_up(one)
    number = 0
    while len(one.coach.received) == 4:
        number += 1
        await ask(one, number)
    assert set(fates(one)[4:]) == {"breaker_direct", "rescued"}
    assert state(one) is State.OPEN


async def test_a_client_that_leaves_its_probe_leaves_room(stage: Open) -> None:
    """It is neither success nor failure, and the next one may probe."""
    one = await stage([FAILS] * 4 + [hang()] * 5 + [ok()], route={**BRIEFLY, "timeout_s": 20.0})
    await give_up(one)
    guard = one.protections.of("wod")
    assert guard is not None
    user = next(name for name in range(1_000) if (explained(one, name) or 1.0) < 0.01)
    for probes in range(5, 10):
        await until(lambda: state(one) is State.HALF_OPEN, "its time")
        caller = await one.dial()
        one.expected += 1
        await caller.send(of(user))
        await until(lambda: len(one.coach.received) == probes, "the probe")  # noqa: B023 - awaited
        caller.reset()
        await one.quiet()
        assert one.ledger.records[-1].fate is Fate.CLIENT_GONE
    assert (await ask(one, user)).status == 200
    assert fates(one)[-1] == "ok"


async def test_who_cannot_be_rescued_does_not_wait_beside_another(stage: Open) -> None:
    """Of those who come while legacy is full one probes; the others are told at once, as before."""
    one = await stage(
        [FAILS] * 4 + [hang()], [ok()] * 4 + [hang()], route={**BRIEFLY, "timeout_s": 0.5}
    )
    pool = one.pools[one.snapshot.upstreams["monolith"]]
    one.protections.has_room = lambda upstream: one.pools[upstream].has_room(diverted=True)
    await give_up(one)
    await until(lambda: state(one) is State.HALF_OPEN, "its time")
    pool.bound(replace(pool.upstream, connections=1))
    native = await one.dial()
    one.expected += 1
    await native.send(request(path="/elsewhere", auth=""))
    await until(lambda: len(one.monolith.received) == 5, "native traffic at the monolith")
    first, *others = [name for name in range(10_000) if (explained(one, name) or 1.0) < 0.01][:3]
    probing = asyncio.create_task(one.ask(of(first)))
    await until(lambda: len(one.coach.received) == 5, "the probe")
    for user in others:
        got = await one.ask(of(user))
        assert (got.status, got.took_s < 0.25) == (503, True)
    assert (await probing).status == 503
    await until(lambda: len(one.ledger.records) == 4 + 3, "a record an exchange")
    assert fates(one)[4:] == ["shed"] * 3
    assert len(one.coach.received) == 5
    native.leave()


def explained(one: Stage, user: object) -> float | None:
    """How deep in the cohort *user* is."""
    from router.core.deciding import decide, depth_of
    from router.core.matching import Matched

    route = one.snapshot.routes[0]
    return depth_of(route, decide(Matched(route, by_method=True), {"sub": str(user)}))


async def test_the_ladder_says_that_it_is_open(stage: Open) -> None:
    """`explain` of the running router, unlike that of the file, knows."""
    one = await stage([FAILS], route=GUARDED)
    query = {"user": "fifth", "path": "/fitness/wod"}
    _, shut = explain_report(one.current.running, query, one.protections)
    assert (shut["upstream"], shut["reason"]) == ("coach", "percent")
    await give_up(one)
    _, told = explain_report(one.current.running, query, one.protections)
    assert (told["upstream"], told["reason"], told["cohort"]) == (
        "monolith", "breaker", "candidate",
    )  # fmt: skip
    assert told["ladder"][-1]["name"] == "breaker"
    assert told["ladder"][-1]["why"].startswith("open for ")
    _, other = explain_report(one.current.running, {"user": "a", "path": "/"}, one.protections)
    assert other["reason"] == "plain"


# The budget.

POOR = BudgetRules(ratio=0.01, min_per_s=0.1)
"""One fallback in ten seconds, and one more for each hundred exchanges."""


async def test_without_budget_the_candidates_own_answer_stands(stage: Open) -> None:
    """Byte for byte; and since another user failed, legacy is asked at once from now on."""
    one = await stage(
        [status(500, "X-Its: own")], route={"breaker": BreakerRules(), "budget": POOR}
    )
    assert (await ask(one, "first")).status == 200
    got = await ask(one, "second")
    assert (got.status, got.body, got.one("X-Its")) == (500, b"said so", b"own")
    assert one.ledger.records[-1].why is Why.BUDGET
    await ask(one, "third")
    assert fates(one) == ["rescued", "fail_budget", "breaker_direct"]
    assert one.total("fallbacks_refused_total", route="wod", why="budget") == 1
    assert one.total("fallback_budget", route="wod") < 1
    assert one.total("breaker_state", route="wod", state="open") == 1


async def test_without_budget_silence_is_503(stage: Open) -> None:
    """With when to come again: the client is told the truth."""
    one = await stage([hang()], route={"budget": POOR})
    await ask(one, "first")
    got = await ask(one, "second")
    assert (got.status, got.one("Retry-After")) == (503, b"5")
    assert fates(one) == ["rescued", "fail_budget"]


async def test_one_user_who_spends_the_budget_goes_without(stage: Open) -> None:
    """And is the only one: the others stay on coach."""
    one = await stage([FAILS] * 5 + [ok()], route={"breaker": BreakerRules(), "budget": POOR})
    for _ in range(5):
        await ask(one, "poison")
    await ask(one, "another")
    assert fates(one) == ["rescued", *["fail_budget"] * 4, "ok"]
    assert state(one) is State.CLOSED


async def test_few_fallbacks_are_under_way_at_once(stage: Open) -> None:
    """The one that holds legacy's place is counted until it ends."""
    one = await stage(
        [FAILS], [hang(), ok()], route={"budget": BudgetRules(at_once=1), "deadline_s": 30.0}
    )
    caller = await one.dial()
    one.expected += 1
    await caller.send(of("first"))
    await until(lambda: one.monolith.received, "the fallback")
    assert one.total("fallbacks_under_way", route="wod") == 1
    assert (await one.ask(of("second"))).status == 500
    caller.reset()
    await one.quiet()
    assert one.total("fallbacks_under_way", route="wod") == 0
    assert (await ask(one, "third")).status == 200


# Over reloads, and in several workers.


async def test_it_lives_on_over_reloads_of_anything_else(stage: Open) -> None:
    """A percentage that is edited, or a rule of its own, is no news of coach."""
    one = await stage([FAILS], route=GUARDED)
    await give_up(one)
    one.swap_route({"percent": 50.0, "breaker": BreakerRules(tolerated=2.0)})
    assert state(one) is State.OPEN
    one.swap_route({"candidate": one.snapshot.upstreams["monolith"]})
    assert state(one) is State.CLOSED
    one.swap_route({"breaker": None})
    assert state(one) is None


async def test_workers_hear_of_each_other(stage: Open) -> None:
    """Four failures in all, over both; of another address nothing is heard."""
    one = await stage(route=GUARDED)
    both = [Protections(2, time.monotonic, Random(1)) for _ in range(2)]
    told: list[list[Any]] = []
    for worker, other in zip(both, reversed(both), strict=True):
        worker.keep(one.snapshot)
        worker.tell = lambda news, other=other: (told.extend(news), other.hear(news))  # type: ignore[misc]
    both[0].flush()
    assert not told  # silence while idle
    began = time.monotonic()
    for number in range(4):
        guard = both[number % 2].of("wod")
        assert guard is not None
        assert guard.failed(began, Way.CANDIDATE, "wod", f"user-{number}")
        assert not guard.failed(began, Way.CANDIDATE, "wod", f"user-{number}")
    assert [worker.standings()[0][1].state for worker in both] == [State.OPEN] * 2
    assert len(told) == 4
    assert "user-" not in repr(told)
    both[0].hear([["wod another address", began, 0, 1, 7, False]])


async def test_what_one_worker_has_spent_opens_the_other(stage: Open) -> None:
    """Or each would have to leave a user of its own without an answer first."""
    one = await stage(route={"breaker": BreakerRules(), "budget": BudgetRules(min_per_s=0.0)})
    both = [Protections(2, time.monotonic, Random(1)) for _ in range(2)]
    for worker, other in zip(both, reversed(both), strict=True):
        worker.keep(one.snapshot)
        worker.tell = other.hear
    guard, began = both[0].of("wod"), time.monotonic()
    assert guard is not None
    assert not guard.may_fall_back(began, counted=False)
    assert [worker.standings()[0][1].state for worker in both] == [State.CLOSED] * 2
    assert not guard.may_fall_back(began, counted=True)
    assert [worker.standings()[0][1].state for worker in both] == [State.OPEN] * 2


async def test_successes_are_told_together(stage: Open) -> None:
    """At once they would cost more than they say."""
    one = await stage(route=GUARDED)
    worker, told = Protections(2, time.monotonic, Random(1)), list[list[Any]]()
    worker.keep(one.snapshot)
    worker.tell = told.extend
    guard = worker.of("wod")
    assert guard is not None
    began = time.monotonic()
    for _ in range(3):
        guard.succeeded(began, began, Way.CANDIDATE)
    assert not told
    worker.flush()
    worker.flush()
    assert [news[1:] for news in told] == [[began, 3, 0, -1, False, False]]


async def test_a_worker_of_another_version_is_heard_as_far_as_it_can_be_read(
    stage: Open, caplog: pytest.LogCaptureFixture
) -> None:
    """While one after the other is replaced; what is unknown is told once, and never raises."""
    one = await stage(route=GUARDED)
    worker = Protections(2, time.monotonic, Random(1))
    worker.keep(one.snapshot)
    guard = worker.of("wod")
    assert guard is not None
    began = time.monotonic()
    worker.hear({"wod": 1})
    worker.hear([[guard.key], [guard.key, "soon", 0, 1, 7, False], [guard.key, began]])
    for unit in range(4):
        worker.hear([None, [guard.key, began, 0, 1, unit, False, False, "a later field"]])
    assert worker.standings()[0][1].state is State.OPEN
    warned = [line.getMessage() for line in caplog.records]
    caplog.clear()
    assert len(warned) == 1
    assert "cannot be read" in warned[0]

"""What abandoned attempts say after their timeout: counted as what it was, seen by no client."""

import asyncio
import gc
from typing import Any

import pytest

from router.core.comparing.lateness import Lateness
from router.core.fates import Fate
from router.edge import late as lateness
from tests.edge.conftest import Open
from tests.edge.requests import post, request
from tests.edge.scripts import die_in_mid_body, garbage, hang, ok, status
from tests.edge.stages import Stage, until
from tests.edge.test_edge_comparing import book, comparing_all, said
from tests.edge.upstreams import Line, Step

LATER_S = 0.5
"""How long coach takes here, and what it may take: a timeout well before, an end well after."""
ROUTE = {"timeout_s": 0.3, "late_s": 10.0}
AT_ONCE = {"timeout_s": 1.0, "late_s": 60.0}
"""Where several connections are made in that time."""
QUICK_S = 0.05
"""A timeout on kept connections: nothing but the answer takes time there."""


def later(step: Step, after_s: float = LATER_S) -> Step:
    """*step*, after its attempt was abandoned."""

    async def play(line: Line) -> None:
        await asyncio.sleep(after_s)
        await step.play(line)

    return Step(f"late {step.name}", play)


def late_ones(one: Stage) -> dict[str, float]:
    """How many late answers there were of each kind."""
    counts = {str(v): one.total("late_answers_total", route="wod", verdict=v) for v in Lateness}
    return {kind: count for kind, count in counts.items() if count}


async def told(one: Stage, count: int = 1) -> dict[str, float]:
    """The kinds, once there are *count* of them."""
    await until(lambda: sum(late_ones(one).values()) >= count, f"{count} late answers")
    return late_ones(one)


def streaming() -> Step:
    """A stream of events, which has no end."""

    async def play(line: Line) -> None:
        await line.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: 1\n\n")
        await line.until_left()

    return Step("stream", play)


ALONE = {
    "answers": (later(ok()), "slow"),
    "404": (later(status(404)), "slow"),
    "large": (later(ok(b"x" * 1_000_000)), "slow"),
    "a stream of events": (later(streaming()), "slow"),
    "500": (later(status(500)), "failed"),
    "503 that asks for patience": (later(status(503, "Retry-After: 1")), "failed"),
    "dies in mid-body": (later(die_in_mid_body()), "failed"),
    "garbage": (later(garbage()), "failed"),
    "hangs": (hang(), "never"),
}


@pytest.mark.parametrize(("coach", "kind"), ALONE.values(), ids=ALONE.keys())
async def test_without_a_comparison_it_is_counted_by_how_it_came(
    stage: Open, coach: Step, kind: str
) -> None:
    """The client has legacy's answer before; the attempt stays a timeout, the exchange a rescue."""
    one = await stage([coach], route=ROUTE | ({"late_s": 0.2} if kind == "never" else {}))
    got = await one.ask(request())
    seen = await one.seen(got)
    assert (got.body, seen.record.fate) == (b'{"from": "monolith"}', Fate.RESCUED)
    assert seen.attempts == [("coach", "timeout"), ("monolith", "ok")]
    assert await told(one) == {kind: 1}
    assert seen.attempts == [("coach", "timeout"), ("monolith", "ok")]


COMPARED = {
    "the same": (said(), {}, "right", 1),
    "another": (said(b'{"a": 2}'), {}, "unproven", 1),
    "too large": (said(b'{"a": "%b"}' % (b"x" * 9000)), {"max_body": 4096}, "slow", 0),
    "unreadable": (said(b"x", "Content-Encoding: br"), {}, "slow", 0),
    "500": (status(500), {}, "failed", 0),
}


@pytest.mark.parametrize(
    ("coach", "rules", "kind", "pairs"), COMPARED.values(), ids=COMPARED.keys()
)
async def test_it_is_compared_with_what_legacy_gave_the_client(
    stage: Open, coach: Step, rules: dict[str, Any], kind: str, pairs: int
) -> None:
    """Nobody is asked for it, whatever the sample; `strangler compare` is told."""
    one = await stage(
        [later(coach)], [said()], route=comparing_all(**{"sample": 0.0} | rules) | ROUTE
    )
    assert (await one.ask(request())).body == b'{"a": 1}'
    assert await told(one) == {kind: 1}
    assert (len(one.coach.received), len(one.monolith.received)) == (1, 1)
    assert (book(one)["pairs"], book(one)["late"], book(one)["verdicts"]) == (pairs, {kind: 1}, {})


async def test_a_late_answer_that_came_before_legacys_is_compared_too(stage: Open) -> None:
    """Whichever comes last, both are there then."""
    route = comparing_all() | ROUTE
    one = await stage([later(said(), 0.4)], [later(said(), 0.5)], route=route)
    await one.ask(request())
    assert await told(one) == {"right": 1}


async def test_a_bug_that_only_shows_late_is_proven(stage: Open) -> None:
    """Late answers are pairs like all others, judged against legacy's own noise."""
    route = comparing_all(control=100.0)
    one = await stage([said()], [said()], route=route)
    for count in range(1, 13):
        await one.ask(request())
        await until(lambda n=count: book(one)["controls"] == n, "a control")
    await one.coach.start([later(said(b'{"a": 2}'), 3 * QUICK_S)] * 20)
    one.swap_route(route | ROUTE | {"compare": route["compare"], "timeout_s": QUICK_S})
    for count in range(1, 13):
        await one.ask(request())
        await told(one, count)
    assert late_ones(one)["wrong"] >= 1
    assert [path["mismatch"] for path in book(one)["paths"]] == [True]


async def test_legacys_failure_leaves_nothing_to_compare(stage: Open) -> None:
    """That it came is known all the same."""
    one = await stage([later(said())], [status(500)], route=comparing_all() | ROUTE)
    assert (await one.ask(request())).status == 500
    assert await told(one) == {"slow": 1}
    assert one.ledger.records[-1].fate is Fate.FAIL_BOTH


async def test_a_client_that_leaves_cancels_it_at_once(stage: Open) -> None:
    """Though coach would have been waited for much longer."""
    one = await stage([hang()], [hang()], route=ROUTE | {"late_s": 60.0, "deadline_s": 60.0})
    one.expected += 1
    caller = await one.dial()
    await caller.send(request())
    await until(lambda: one.monolith.received, "legacy asked")
    assert one.coach.open_lines == 1
    caller.leave()
    await until(lambda: not one.coach.open_lines, "coach let go")
    await one.quiet()
    assert one.ledger.records[-1].fate is Fate.CLIENT_GONE
    assert late_ones(one) == {"dropped": 1}


async def test_closing_lets_all_of_it_go(stage: Open) -> None:
    """As a drain does; the exchange is over by then."""
    one = await stage([hang()], route=ROUTE | {"late_s": 60.0})
    await one.ask(request())
    await one.quiet()
    assert one.coach.open_lines == 1
    one.late.close()
    await until(lambda: not one.coach.open_lines, "coach let go")
    assert late_ones(one) == {"dropped": 1}


async def test_a_clean_connection_is_used_again(stage: Open) -> None:
    """What was late is over; nothing of it is left on the connection."""
    one = await stage([later(ok()), ok(b"the next one")], route=ROUTE)
    await one.ask(request())
    await told(one)
    one.swap_route({"timeout_s": 20.0})
    assert (await one.ask(request())).body == b"the next one"
    assert len(one.coach.lines) == 1


NOT_WAITED_FOR = {
    "a write": (post(), ROUTE),
    "a write that may be repeated": (request("PUT", "/write", body=b"x"), ROUTE),
    "GET with a body": (request("GET", body=b"x"), ROUTE),
    "the file does not say so": (request(), ROUTE | {"late_s": 0.0}),
}


@pytest.mark.parametrize(("sent", "route"), NOT_WAITED_FOR.values(), ids=NOT_WAITED_FOR.keys())
async def test_what_is_never_waited_for(stage: Open, sent: bytes, route: dict[str, Any]) -> None:
    """Its connection is closed at once, as ever."""
    one = await stage([hang()], route=route)
    await one.ask(sent, method=sent.split(b" ")[0].decode())
    await until(lambda: not one.coach.open_lines, "coach let go")
    assert late_ones(one) == {}


async def test_no_more_than_a_quarter_of_the_connections_are_held(stage: Open) -> None:
    """And the others are there for clients."""
    one = await stage([hang()] * 5, route=ROUTE | AT_ONCE, address={"connections": 8})
    answers = await asyncio.gather(*(one.ask(request()) for _ in range(5)))
    assert {got.status for got in answers} == {200}
    assert late_ones(one) == {"dropped": 3}
    await until(lambda: one.coach.open_lines == 2, "the others closed")


async def test_a_worker_waits_for_so_many(stage: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    """A hung coach holds no more than that of it."""
    monkeypatch.setattr(lateness, "MOST", 3)
    one = await stage([hang()] * 5, route=ROUTE | AT_ONCE)
    await asyncio.gather(*(one.ask(request()) for _ in range(5)))
    assert late_ones(one) == {"dropped": 2}


async def test_nothing_is_kept_of_what_is_over(stage: Open) -> None:
    """Neither exchange nor answer."""
    one = await stage([later(said())], [said()], route=comparing_all() | ROUTE)
    await one.ask(request())
    await told(one)
    await one.quiet()
    gc.collect()
    assert not [thing for thing in gc.get_objects() if isinstance(thing, lateness.LateAnswer)]


async def test_head_is_counted_and_not_compared(stage: Open) -> None:
    """It has no body to tell by."""
    one = await stage([later(said())], [said()], route=comparing_all() | ROUTE)
    await one.ask(request("HEAD"), method="HEAD")
    assert await told(one) == {"slow": 1}

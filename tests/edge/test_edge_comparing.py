"""Answers compared after the client has its own: what is asked and found, and what never is."""

import asyncio
import gzip
import time
from typing import Any

import pytest

from router.core.comparing.book import Verdict
from router.core.comparing.gathering import gathered
from router.core.model import BreakerRules, Compare
from router.core.protection import Way
from router.edge import comparing
from tests.edge.conftest import Open
from tests.edge.requests import post, request
from tests.edge.scripts import (
    chunked,
    close_before_byte,
    die_in_mid_body,
    garbage,
    hang,
    ok,
    refuse,
    reset_before_byte,
    status,
)
from tests.edge.stages import Stage, until
from tests.edge.upstreams import Line, Step

JSON = "Content-Type: application/json"
LARGE = b'{"a": "' + b"x" * 200_000 + b'"}'


def said(body: bytes = b'{"a": 1}', *fields: str, code: int = 200) -> Step:
    """A JSON answer."""
    return ok(body, JSON, *fields, status=code)


def comparing_all(percent: float = 100.0, **rules: Any) -> dict[str, Any]:
    """The route's fields, every exchange of which is compared."""
    rules = {"sample": 100.0, "control": 0.0, **rules}
    return {"compare": Compare(**rules), "percent": percent}


def verdicts(one: Stage) -> dict[str, float]:
    """How many exchanges each verdict had."""
    counts = {str(v): one.total("compare_total", route="wod", verdict=v) for v in Verdict}
    return {verdict: count for verdict, count in counts.items() if count}


async def judged(one: Stage, count: int = 1) -> dict[str, float]:
    """The verdicts, once there are *count* of them."""
    await until(lambda: sum(verdicts(one).values()) >= count, f"{count} verdicts")
    return verdicts(one)


def book(one: Stage) -> dict[str, Any]:
    """What the worker would tell of the route."""
    told: dict[str, Any] = gathered([one.comparing.report()])["wod"]
    return told


@pytest.mark.parametrize("percent", [100.0, 0.0], ids=["served by coach", "served by monolith"])
async def test_the_other_upstream_is_asked_the_same(stage: Open, percent: float) -> None:
    """The very bytes, whichever side the user is on; the client has the answer of its own side."""
    one = await stage([said()], [said()], route=comparing_all(percent))
    got = await one.ask(request())
    assert got.body == b'{"a": 1}'
    assert await judged(one) == {"same": 1}
    [to_coach], [to_monolith] = one.coach.received, one.monolith.received
    assert to_coach.head == to_monolith.head
    assert one.ledger.records[-1].served == ("coach" if percent else "monolith")
    assert [one.outcome for one in one.ledger.records[-1].attempts] == ["ok"]


async def test_what_differs_is_told_with_an_example(stage: Open) -> None:
    """By path and with the request's id; values only as type and length."""
    one = await stage([said(b'{"a": 1}')], [said(b'{"a": "x", "b": 2}')], route=comparing_all())
    got = await one.ask(request())
    assert await judged(one) == {"unproven": 1}
    told = book(one)
    assert [(path["path"], path["differed"]) for path in told["paths"]] == [("$.a", 1), ("$.b", 1)]
    example = told["paths"][0]["example"]
    record = one.ledger.records[-1]
    assert (example["legacy"], example["candidate"]) == ("string of 1", "number")
    assert example["request_id"] == record.request_id
    assert got.whole


async def test_a_bug_is_proven_by_asking_legacy_twice(stage: Open) -> None:
    """Legacy agrees with itself, and coach never does: a dozen exchanges are enough."""
    route = comparing_all(control=100.0)
    one = await stage([said(b'{"a": 1, "t": 1}')], [said(b'{"a": 2, "t": 1}')], route=route)
    for count in range(1, 13):
        await one.ask(request())
        await judged(one, count)
    told = book(one)
    assert (told["pairs"], told["controls"], told["paths"][0]["mismatch"]) == (12, 12, True)
    assert verdicts(one)["mismatch"] > 0
    assert len(one.monolith.received) == 24


async def test_noise_of_legacy_is_not_held_against_coach(stage: Open) -> None:
    """A time stamp differs between any two answers."""

    def stamped(line_up: int) -> list[Step]:
        return [said(b'{"at": %d}' % n) for n in range(line_up, line_up + 60)]

    one = await stage(stamped(0), stamped(100), route=comparing_all(control=100.0))
    for count in range(1, 21):
        await one.ask(request())
        await judged(one, count)
    assert verdicts(one) == {"unproven": 20}
    assert [path["mismatch"] for path in book(one)["paths"]] == [False]


ANSWERS = {
    "in chunks": chunked(b'{"a"', b": 1}", fields=(JSON,)),
    "large": said(LARGE),
    "gzip": said(gzip.compress(b'{"a": 1}'), "Content-Encoding: gzip"),
    "no JSON": ok(b"hello"),
    "not found": said(b'{"status": 404}', code=404),
    "empty": said(b""),
}  # fmt: skip


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS.keys())
@pytest.mark.parametrize("percent", [100.0, 0.0], ids=["served by coach", "served by monolith"])
async def test_answers_of_every_form_are_read_whole(
    stage: Open, answer: Step, percent: float
) -> None:
    """Though they went on to the client as they came."""
    one = await stage([answer], [answer], route=comparing_all(percent))
    got = await one.ask(request())
    assert got.whole
    assert await judged(one) == {"same": 1}


@pytest.mark.parametrize("percent", [100.0, 0.0], ids=["served by coach", "served by monolith"])
async def test_the_end_of_a_large_answer_is_compared_too(stage: Open, percent: float) -> None:
    """What differs in the last byte differs."""
    other = LARGE[:-3] + b'y"}'
    one = await stage([said(LARGE)], [said(other)], route=comparing_all(percent))
    got = await one.ask(request())
    assert got.body == (LARGE if percent else other)
    assert await judged(one) == {"unproven": 1}


UNEVEN = {
    "unanswered: refused": (refuse(), {}, "unanswered"),
    "unanswered: reset": (reset_before_byte(), {}, "unanswered"),
    "unanswered: garbage": (garbage(), {}, "unanswered"),
    "unanswered: broken off": (die_in_mid_body(), {}, "unanswered"),
    "500": (status(500), {}, "unproven"),
    "404": (status(404), {}, "unproven"),
    "unknown coding": (said(b"x", "Content-Encoding: br"), {}, "unreadable"),
    "larger than the file says": (said(LARGE), {"max_body": 4096}, "too_large"),
}


@pytest.mark.parametrize(("coach", "rules", "verdict"), UNEVEN.values(), ids=UNEVEN.keys())
async def test_whatever_the_other_upstream_does_has_a_verdict(
    stage: Open, coach: Step, rules: dict[str, Any], verdict: str
) -> None:
    """And the client, whom legacy serves, sees nothing of it."""
    one = await stage([coach], [said()], route=comparing_all(0.0, **rules))
    got = await one.ask(request())
    assert (got.status, got.body) == (200, b'{"a": 1}')
    assert await judged(one) == {verdict: 1}


async def test_an_answer_larger_than_the_file_says_is_not_kept(stage: Open) -> None:
    """Of the client's own answer neither."""
    one = await stage([said(LARGE)], [said()], route=comparing_all(max_body=4096))
    assert (await one.ask(request())).body == LARGE
    assert await judged(one) == {"too_large": 1}


async def test_a_kept_connection_that_was_just_closed_is_no_answer(stage: Open) -> None:
    """A fresh one is tried, as for any exchange."""
    coach = [said(), close_before_byte(), said()]
    one = await stage(coach, [said()], route=comparing_all(0.0))
    for count in (1, 2):
        await one.ask(request())
        await judged(one, count)
    assert verdicts(one) == {"same": 2}
    assert len(one.coach.received) == 3


NOT_COMPARED = {
    "HEAD": (request("HEAD"), {}, said()),
    "a write": (post(), {}, said()),
    "PUT, which may be repeated": (request("PUT", "/write", body=b"x"), {}, said()),
    "GET with a body": (request("GET", body=b"x"), {}, said()),
    "a condition": (request("GET", "/fitness/wod", 'If-None-Match: "a"'), {}, said()),
    "a range": (request("GET", "/fitness/wod", "Range: bytes=0-1"), {}, said()),
    "another route": (request(path="/elsewhere"), {}, said()),
    "none are sampled": (request(), {"compare": Compare(sample=0.0)}, said()),
    "the file does not say so": (request(), {"compare": None}, said()),
    "an event stream": (request(), {}, ok(b"data: 1\n\n", "Content-Type: text/event-stream")),
    "rescued": (request(), {}, status(500)),
    "legacy's 500": (request(), {"percent": 0.0}, said()),
}  # fmt: skip


@pytest.mark.parametrize(("sent", "also", "coach"), NOT_COMPARED.values(), ids=NOT_COMPARED.keys())
async def test_what_is_never_compared(
    stage: Open, sent: bytes, also: dict[str, Any], coach: Step
) -> None:
    """One request, one upstream (two where it was rescued), and another exchange proves it."""
    monolith = [status(500), said()] if "percent" in also else [said()]
    one = await stage([coach, said()], monolith, route=comparing_all() | also)
    await one.ask(sent, method=sent.split(b" ")[0].decode())
    await one.quiet()
    attempts = sum(len(record.attempts) for record in one.ledger.records)
    one.swap_route(comparing_all())
    await one.ask(request())
    assert await judged(one) == {"same": 1}
    assert len(one.coach.received) + len(one.monolith.received) == attempts + 2


async def test_no_client_waits_for_a_comparison(stage: Open) -> None:
    """The other upstream hangs; further ones wait, then are dropped, and all clients are served."""
    one = await stage([hang()], [said()], route=comparing_all(0.0) | {"deadline_s": 60.0})
    caller = await one.dial()
    for _ in range(comparing.AT_ONCE + comparing.QUEUE + 3):
        got = await one.ask(request(), on=caller)
        assert (got.status, got.took_s < 5.0) == (200, True)
    assert verdicts(one) == {"dropped": 3}
    await until(lambda: len(one.coach.received) == comparing.AT_ONCE, "both under way")
    await one.comparing.close()
    assert one.comparing.report()["wod"]["verdicts"] == {"dropped": 3}


async def test_the_deadline_holds_for_comparisons(stage: Open) -> None:
    """An upstream that hangs is let go, and the next one in the queue is asked."""
    route = comparing_all(0.0) | {"deadline_s": 0.5}
    one = await stage([hang(), hang(), said()], [said()], route=route)
    for _ in range(3):
        await one.ask(request())
    assert await judged(one, 3) == {"unanswered": 2, "same": 1}


async def test_an_upstream_with_a_queue_is_spared(stage: Open) -> None:
    """Clients go first."""
    one = await stage([said()], [said()], route=comparing_all(0.0), address={"connections": 0})
    await one.ask(request())
    assert await judged(one) == {"dropped": 1}
    assert one.coach.received == []


def give_up(one: Stage) -> None:
    """Have the breaker of the route open: four users' requests failed."""
    one.comparing.protections = one.protections
    guard, began = one.protections.of("wod"), time.monotonic()
    assert guard is not None
    for number in range(4):
        guard.failed(began, Way.CANDIDATE, "wod", f"failing-{number}")
    assert not guard.protection.is_closed


async def test_a_candidate_that_is_given_up_is_not_asked(stage: Open) -> None:
    """Nor for legacy's own users; once it is trusted again it is."""
    guarded = comparing_all(0.0) | {"breaker": BreakerRules()}
    one = await stage([said()], [said()], route=guarded)
    give_up(one)
    await one.ask(request())
    await one.quiet()
    one.swap_route({"breaker": None})
    await one.ask(request())
    assert await judged(one) == {"same": 1}
    [asked] = one.coach.received
    assert one.ledger.records[1].request_id.encode() in asked.head


async def test_what_waits_while_the_candidate_is_given_up_is_dropped(stage: Open) -> None:
    """Two are being asked; the third has not been, and is not."""
    released = asyncio.Event()

    async def held(line: Line) -> None:
        await released.wait()
        await said().play(line)

    guarded = comparing_all(0.0) | {"breaker": BreakerRules()}
    one = await stage([Step("held", held)], [said()], route=guarded)
    for _ in range(comparing.AT_ONCE + 1):
        await one.ask(request())
    await until(lambda: len(one.coach.received) == comparing.AT_ONCE, "both under way")
    give_up(one)
    released.set()
    assert await judged(one, 3) == {"same": comparing.AT_ONCE, "dropped": 1}
    assert len(one.coach.received) == comparing.AT_ONCE


async def test_a_pair_on_two_dates_says_nothing(stage: Open) -> None:
    """The workout of the day is another one on the next."""

    async def past_midnight(line: Line) -> None:
        one.ahead_s += 86_400.0
        await said(b'{"a": "tomorrow"}').play(line)

    one = await stage([Step("past midnight", past_midnight)], [said()], route=comparing_all(0.0))
    await one.ask(request())
    assert await judged(one) == {"date": 1}
    assert book(one)["pairs"] == 0


async def test_an_answer_that_broke_off_is_not_compared(stage: Open) -> None:
    """What the client got is half an answer; that is told as what it is."""
    monolith = [die_in_mid_body(), said()]
    one = await stage([said()], monolith, route=comparing_all(0.0))
    assert not (await one.ask(request())).whole
    await one.ask(request())
    assert await judged(one) == {"same": 1}
    assert len(one.coach.received) == 1


async def test_other_rules_begin_another_book(stage: Open) -> None:
    """What was found by the old ones is no evidence; what is kept stays as it is."""
    one = await stage([said()], [said(b'{"a": 2}')], route=comparing_all())
    await one.ask(request())
    await judged(one)
    one.comparing.keep(one.current.running.snapshot)
    assert book(one)["pairs"] == 1
    one.swap_route(comparing_all(ignore=("a",)))
    assert book(one)["pairs"] == 0
    await one.ask(request())
    assert (await judged(one, 2))["same"] == 1


async def test_a_fault_of_ours_is_told_and_stops_nothing(
    stage: Open, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The log has the traceback; the next pair is compared."""
    one = await stage([said()], [said()], route=comparing_all())
    with monkeypatch.context() as patch:
        patch.setattr(comparing, "judge", lambda *_: 1 / 0)
        await one.ask(request())
        await until(lambda: "could not be compared" in caplog.text, "the line in the log")
    caplog.clear()
    await one.ask(request())
    assert await judged(one) == {"same": 1}


async def test_closing_lets_everything_go(stage: Open) -> None:
    """In the middle of an answer too."""
    one = await stage([hang()], [said()], route=comparing_all(0.0) | {"deadline_s": 60.0})
    await one.ask(request())
    await until(lambda: one.coach.received, "the comparison under way")
    await asyncio.wait_for(one.comparing.close(), 5.0)
    assert one.under_way == 0

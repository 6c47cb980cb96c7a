"""`debug_headers: true`: who served, how long each attempt took, what went wrong; to the letter."""

from dataclasses import replace
from typing import Any

import pytest

from router.core.debugging import error_of
from router.core.model import BreakerRules, BudgetRules, Limits
from router.core.outcome import Fault, Outcome, Phase
from tests.edge.clients import Got
from tests.edge.conftest import Open, Scene
from tests.edge.requests import bearer, post, request
from tests.edge.scripts import (
    close_before_byte,
    garbage,
    hang,
    ok,
    refuse,
    status,
    unanswered,
)
from tests.edge.structured import ERRORS, Item, Member, proxy_status, server_timing
from tests.edge.upstreams import Step

ALL = ("x-served-by", "x-strangler-decision", "proxy-status")


def said(got: Got) -> list[Member]:
    """The members of the answer's Proxy-Status; several fields are one list (RFC 9110 5.3)."""
    return proxy_status(b", ".join(got.all("proxy-status")).decode("ascii"))


def timed(got: Got) -> list[tuple[str, str]]:
    """Each attempt in the answer's Server-Timing, and what came of it."""
    metrics = server_timing(b", ".join(got.all("server-timing")).decode("ascii"))
    assert all("dur" in told for _, told in metrics)
    return [(name, told["desc"]) for name, told in metrics]


async def test_an_answer_says_who_gave_it(scene: Scene) -> None:
    """And no more than that where all went well."""
    seen = await scene(debug_headers=True)
    assert seen.got.one("x-served-by") == b"coach"
    assert seen.got.one("x-strangler-decision") == b"candidate;percent"
    assert seen.got.one("x-request-id") == seen.record.request_id.encode()
    assert said(seen.got) == [Member("strangler", {"next-hop": "coach", "received-status": 200})]
    assert timed(seen.got) == [("coach", "ok")]


async def test_only_when_asked_for(scene: Scene) -> None:
    """Clients learn the names of upstreams by them."""
    for coach, also in ((hang(), {}), (refuse(), {"monolith": [refuse()]})):
        seen = await scene(coach=[coach], **also)
        assert [seen.got.one(name) for name in (*ALL, "server-timing")] == [None] * 4


async def test_what_failed_before_the_rescue_is_told(scene: Scene) -> None:
    """In the details: `error` would be about the answer, in which nothing is wrong."""
    seen = await scene(coach=[hang()], debug_headers=True)
    told: dict[str, Item] = {"next-hop": "monolith", "received-status": 200}
    assert said(seen.got) == [Member("strangler", told | {"details": "coach timeout"})]
    assert timed(seen.got) == [("coach", "timeout"), ("monolith", "ok")]


async def test_a_stale_connection_is_told(scene: Scene) -> None:
    """It was an attempt, though a fresh one at the same upstream followed it."""
    seen = await scene(coach=[close_before_byte(), ok()], reused=True, debug_headers=True)
    assert said(seen.got)[0].parameters["details"] == "coach reset"
    assert timed(seen.got) == [("coach", "reset"), ("coach", "ok")]


async def test_a_failure_that_stands_says_why(scene: Scene) -> None:
    """A write is not repeated."""
    seen = await scene(post(), coach=[status(500)], method="POST", debug_headers=True)
    told: dict[str, Item] = {"next-hop": "coach", "received-status": 500}
    assert said(seen.got) == [Member("strangler", told | {"details": "not rescued, method"})]


async def test_what_was_said_on_the_way_stays_ahead_of_ours(scene: Scene) -> None:
    """The list goes from the origin to the client, one member for each that it passed."""
    theirs = (
        'Proxy-Status: "cache.inside"; next-hop=app; received-status=200, gate',
        'Proxy-Status: wall; details="a \\"quoted\\" word"',
        'Server-Timing: db;dur=53, cache;desc="a hit"',
    )
    seen = await scene(coach=[ok(b"x", *theirs)], debug_headers=True)
    assert [one.name for one in said(seen.got)] == ["cache.inside", "gate", "wall", "strangler"]
    metrics = server_timing(b", ".join(seen.got.all("server-timing")).decode())
    assert [name for name, _ in metrics] == ["db", "cache", "coach"]


NOWHERE = {"host": "nowhere.invalid"}
NO_ROOM = {"connections": 0, "queue": 0}
OURS = {
    "refused": ([refuse()], {}, 502, "connection_refused"),
    "no such name": ([ok()], {"address": NOWHERE}, 502, "dns_error"),
    "no name at all": ([ok()], {"address": {"host": "a" * 70}}, 502, "dns_error"),
    "connect hangs": ([unanswered()], {}, 504, "connection_timeout"),
    "no room": ([ok()], {"address": NO_ROOM}, 503, "connection_limit_reached"),
    "closes": ([close_before_byte()], {}, 502, "connection_terminated"),
    "hangs": ([hang()], {}, 504, "http_response_timeout"),
    "garbage": ([garbage()], {}, 502, "http_protocol_error"),
}  # fmt: skip


@pytest.mark.parametrize(("coach", "also", "code", "error"), OURS.values(), ids=OURS.keys())
async def test_our_own_answer_says_what_went_wrong(
    stage: Open, coach: list[Step], also: dict[str, Any], code: int, error: str
) -> None:
    """By the registered type, and of which upstream."""
    route = {"fallback": frozenset()}
    one = await stage(coach, [ok()], route=route, debug_headers=True, **also)
    got = await one.ask(request())
    assert got.status == code
    [ours] = said(got)
    assert (ours.name, ours.parameters["error"]) == ("strangler", error)
    assert ours.parameters["next-hop"] == "coach"
    assert got.one("x-served-by") == b"none"
    assert len(timed(got)) == 1


SPARED = {
    # what coach does, the route, whether an open breaker sends the user to legacy:
    # the decision, the error, of whom, the details
    "a rescue without room": ([hang()], {}, False, b"candidate;percent", "http_response_timeout",
                              "coach", "not rescued, shed"),
    "a rescue without budget": ([hang()], {"budget": BudgetRules(min_per_s=0.0)}, False,
                                b"candidate;percent", "http_response_timeout", "coach",
                                "not rescued, budget"),
    "an open breaker's without room": ([status(500)], {"breaker": BreakerRules()}, True,
                                       b"candidate;breaker", "connection_limit_reached",
                                       "monolith", None),
    "legacy's own without room": ([ok()], {"percent": 0.0}, False, b"legacy;percent",
                                  "connection_limit_reached", "monolith", None),
}  # fmt: skip


@pytest.mark.parametrize(
    ("coach", "route", "given_up", "decision", "error", "hop", "details"),
    SPARED.values(),
    ids=SPARED.keys(),
)
async def test_who_is_told_to_come_again_is_told_why(
    stage: Open,
    coach: list[Step],
    route: dict[str, Any],
    given_up: bool,
    decision: bytes,
    error: str,
    hop: str,
    details: str | None,
) -> None:
    """Our 503 says as much as any other answer: what was decided, and who was asked in vain."""
    one = await stage(coach, [ok()], route=route, debug_headers=True)
    for number in range(4 * given_up):
        await one.ask(request(auth=bearer(f"failing-{number}")))
        await one.quiet()
    pool = one.pools[one.snapshot.upstreams["monolith"]]
    if "budget" not in route:
        pool.bound(replace(pool.upstream, connections=0, queue=0))
    got = await one.ask(request())
    assert got.status == 503
    assert got.one("retry-after") is not None
    assert (got.one("x-served-by"), got.one("x-strangler-decision")) == (b"none", decision)
    assert got.one("x-request-id") is not None
    [ours] = said(got)
    told: dict[str, Item] = {"error": error, "next-hop": hop}
    assert ours.parameters == told | ({} if details is None else {"details": details})
    assert [name for name, _ in timed(got)] == [hop]


async def test_who_is_one_too_many_is_told_as_well(stage: Open) -> None:
    """A client beyond the bounds on connections: nothing was decided, and nobody asked."""
    one = await stage(debug_headers=True, limits=Limits(connections=1))
    await one.ask(request(), on=await one.dial())
    one.expected += 1
    got = await (await one.dial()).answer()
    assert got.status == 503
    assert (got.one("x-served-by"), got.one("x-strangler-decision")) == (b"none", b"none;none")
    assert said(got)[0].parameters["error"] == "proxy_internal_response"


async def test_where_both_fail_it_is_of_legacy(scene: Scene) -> None:
    """Who was asked last; the candidate's failure is in the details."""
    seen = await scene(coach=[hang()], monolith=[refuse()], debug_headers=True)
    told: dict[str, Item] = {"error": "connection_refused", "next-hop": "monolith"}
    assert said(seen.got) == [Member("strangler", told | {"details": "coach timeout"})]
    assert timed(seen.got) == [("coach", "timeout"), ("monolith", "connect")]


REFUSED = {
    "no token": (request(auth=""), 401, "http_request_error"),
    "no role": (request(path="/admin/x"), 403, "http_request_denied"),
    "bad path": (request(path="/fitness/%zz"), 400, "http_request_error"),
    "no request": (b"garbage\r\n\r\n", 400, "http_request_error"),
    "a loop": (request("GET", "/fitness/wod", "Via: 1.1 strangler"), 508, "proxy_loop_detected"),
}


@pytest.mark.parametrize(("sent", "code", "error"), REFUSED.values(), ids=REFUSED.keys())
async def test_a_refusal_is_told_as_ours(stage: Open, sent: bytes, code: int, error: str) -> None:
    """No upstream was asked, and none is named."""
    one = await stage(debug_headers=True)
    got = await one.ask(sent)
    assert got.status == code
    assert said(got) == [Member("strangler", {"error": error})]
    assert got.one("server-timing") is None


def test_every_end_of_an_attempt_has_a_registered_type() -> None:
    """Whatever phase and fault come together."""
    for phase in Phase:
        for fault in Fault:
            assert error_of(Outcome(phase, fault)) in ERRORS


@pytest.mark.parametrize(
    "bad",
    ["", "a,", "a;b", "a; error=none_such", "a;details=x", "a;received-status=2.5", "1", "a b",
     'a;next-hop="ä"', "a;error=dns_error;error=dns_error", "a;;details=\"x\"", "a ;details=\"x\""],
)  # fmt: skip
def test_the_reader_is_strict(bad: str) -> None:
    """It could not tell a good field otherwise."""
    with pytest.raises((AssertionError, KeyError)):
        proxy_status(bad)

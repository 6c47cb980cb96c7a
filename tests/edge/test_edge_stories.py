"""The access log tells the whole story of an exchange: one line for each way it can end."""

import json
import re
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from router.core.fates import Fate
from router.core.model import BreakerRules, BudgetRules, Cohort, Reason
from router.core.record import Attempted, Record
from router.edge.logs import line_of
from tests.edge.conftest import Open
from tests.edge.requests import bearer, post, request
from tests.edge.scripts import die_in_mid_body, hang, refuse, status
from tests.edge.stages import Stage, until
from tests.stories import story

EVERY = {
    "time", "log", "request_id", "trace_id", "client", "method", "path", "route", "cohort",
    "reason", "served", "fate", "status", "bytes", "ms", "attempts",
}  # fmt: skip
"""What each line has; beside it `auth`, `cause`, `why` and `query`, where there is something."""

Play = Callable[[Stage], Awaitable[None]]


def asking(sent: bytes = request(), method: str = "GET") -> Play:
    """A client that asks and reads the answer."""

    async def play(one: Stage) -> None:
        await one.ask(sent, method=method)

    return play


def given_up(play: Play) -> Play:
    """The same, once four users' requests have failed."""

    async def play_last(one: Stage) -> None:
        for number in range(4):
            await one.ask(request(auth=bearer(f"failing-{number}")))
            await one.quiet()
        await play(one)

    return play_last


async def leaving(one: Stage) -> None:
    """A client that leaves while legacy is asked."""
    one.expected += 1
    caller = await one.dial()
    await caller.send(request())
    await until(lambda: one.monolith.received, "the fallback")
    caller.leave()


async def cut(one: Stage) -> None:
    """A client whose request is cut by the end of the grace time."""
    one.expected += 1
    caller = await one.dial()
    await caller.send(request())
    await until(lambda: one.coach.received, "the attempt")
    one.front.close()


POOR = {"budget": BudgetRules(min_per_s=0.0)}
COACH = {"route": "wod", "cohort": "candidate", "reason": "percent"}
NOBODY = {"route": "none", "cohort": "none", "reason": "none", "served": "none", "attempts": []}

TOLD: dict[str, tuple[dict[str, Any], Play, dict[str, Any]]] = {
    "ok": ({}, asking(), COACH | {
        "fate": "ok", "served": "coach", "status": 200, "attempts": ["coach ok"],
    }),
    "rescued": ({"coach": [hang()]}, asking(), COACH | {
        "fate": "rescued", "served": "monolith", "status": 200, "cause": "timeout",
        "attempts": ["coach timeout", "monolith ok"],
    }),
    "rescued from a status": (
        {"coach": [status(404)], "route": {"fallback_statuses": frozenset({404})}}, asking(),
        COACH | {
            "fate": "rescued", "served": "monolith", "status": 200, "cause": "404",
            "attempts": ["coach ok", "monolith ok"],
        },
    ),
    "upstream_error": (
        {"monolith": [status(500)], "route": {"percent": 0.0}}, asking(), COACH | {
            "fate": "upstream_error", "cohort": "legacy", "served": "monolith", "status": 500,
            "attempts": ["monolith 5xx"],
        },
    ),
    "fail_not_eligible": ({"coach": [status(500)]}, asking(post(), "POST"), COACH | {
        "fate": "fail_not_eligible", "route": "write", "served": "coach", "status": 500,
        "method": "POST", "path": "/write", "cause": "5xx", "why": "method",
        "attempts": ["coach 5xx"],
    }),
    "breaker_direct": (
        {"coach": [status(500)], "route": {"breaker": BreakerRules()}}, given_up(asking()),
        COACH | {
            "fate": "breaker_direct", "reason": "breaker", "served": "monolith", "status": 200,
            "attempts": ["monolith ok"],
        },
    ),
    "fail_budget": (
        {"coach": [status(500)], "route": POOR}, asking(), COACH | {
            "fate": "fail_budget", "served": "coach", "status": 500, "cause": "5xx",
            "why": "budget", "attempts": ["coach 5xx"],
        },
    ),
    "fail_budget, and no answer": (
        {"coach": [hang()], "route": POOR}, asking(), COACH | {
            "fate": "fail_budget", "served": "none", "status": 503, "cause": "timeout",
            "why": "budget", "attempts": ["coach timeout"],
        },
    ),
    "fail_both": ({"coach": [refuse()], "monolith": [refuse()]}, asking(), COACH | {
        "fate": "fail_both", "served": "none", "status": 502, "cause": "connect",
        "attempts": ["coach connect", "monolith connect"],
    }),
    "fail_after_commit": (
        {"coach": [die_in_mid_body(100_000, after=b"x" * 70_000)]}, asking(), COACH | {
            "fate": "fail_after_commit", "served": "coach", "status": 200,
            "attempts": ["coach body"],
        },
    ),
    "client_gone": ({"coach": [refuse()], "monolith": [hang()]}, leaving, COACH | {
        "fate": "client_gone", "served": "none", "status": 0, "bytes": 0, "cause": "connect",
        "attempts": ["coach connect", "monolith cancelled"],
    }),
    "auth_refused": ({}, asking(request(auth="")), NOBODY | {
        "fate": "auth_refused", "route": "wod", "status": 401, "auth": "missing",
    }),
    "bad_request": ({}, asking(b"garbage\r\n\r\n"), NOBODY | {
        "fate": "bad_request", "status": 400, "path": "",
    }),
    "shed": ({"coach": [hang()], "route": {"timeout_s": 60.0}}, cut, COACH | {
        "fate": "shed", "served": "none", "status": 0, "attempts": ["coach cancelled"],
    }),
    "shed for want of room": (
        {"address": {"connections": 0, "queue": 0}, "route": {"fallback": frozenset()}}, asking(),
        COACH | {"fate": "shed", "served": "none", "status": 503, "attempts": ["coach overload"]},
    ),
}  # fmt: skip
"""By fate: the stage, what the client does, and what the line must say of it."""


def read(record: Record) -> dict[str, Any]:
    """The line, with its attempts in words."""
    told: dict[str, Any] = json.loads(line_of(1.0, record, query=False))
    for one in told["attempts"]:
        assert set(one) == {"upstream", "outcome", "ms"}
        assert one["ms"] >= 0
    told["attempts"] = [f"{one['upstream']} {one['outcome']}" for one in told["attempts"]]
    return told


@pytest.mark.parametrize(("scene", "play", "wanted"), TOLD.values(), ids=TOLD.keys())
async def test_the_line_tells_it_all(
    stage: Open, scene: dict[str, Any], play: Play, wanted: dict[str, Any]
) -> None:
    """What each field says; causes and reasons only where there are some."""
    one = await stage(**scene)
    await play(one)
    await one.quiet()
    told = read(one.ledger.records[-1])
    assert {key: told.get(key) for key in wanted} == wanted
    assert set(told) - EVERY == set(wanted) - EVERY
    assert re.fullmatch(r"[0-9a-f]{32}", told["request_id"])
    assert re.fullmatch(r"[0-9a-f]{32}", told["trace_id"])
    assert (told["log"], told["client"]) == ("access", "127.0.0.1")
    assert told["ms"] >= 0
    assert (told["bytes"] > 0) is (told["status"] > 0)


def test_no_fate_is_left_out() -> None:
    """The one that no exchange here comes to is told from a record: it is a fault of ours."""
    played = {wanted["fate"] for _, _, wanted in TOLD.values()}
    assert set(Fate) == played | {Fate.INTERNAL_ERROR}


def test_a_fault_of_ours() -> None:
    """The cohort stays the candidate's, whoever served."""
    record = story(cohort=Cohort.CANDIDATE, reason=Reason.PERCENT)
    record.attempts = [Attempted("monolith", "ok", 0.01)]
    record.end(Fate.INTERNAL_ERROR)
    line = read(record)
    assert (line["fate"], line["cohort"], line["reason"]) == (
        "internal_error", "candidate", "percent",
    )  # fmt: skip
    assert set(line) == EVERY

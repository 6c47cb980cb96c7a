"""Programs that are killed, stopped or down, and clients that leave."""

import asyncio
import signal
import subprocess
import sys
from collections.abc import Callable

from dev.plan import ROOT
from tests.edge.clients import Got
from tests.edge.requests import request
from tests.edge.scripts import (
    answer_of,
    hang,
    ok,
    reset_before_byte,
    then_hang,
)
from tests.edge.scripts import head as head_of
from tests.edge.upstreams import Step
from tests.faults.house import DEADLINE_S, House, until
from tests.faults.rows import FROM_COACH, NONE, Play, Row, Way

AT_ONCE = 100
EACH = 6
GOOD = {b"quick", answer_of("monolith")}


class Quick:
    """The candidate as a process."""

    def __init__(self, port: int) -> None:
        self._port = port
        self.start()

    def start(self) -> None:
        """Begin, and wait until it listens."""
        self._popen = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.quick", str(self._port)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
        )
        assert self._popen.stdout is not None
        assert self._popen.stdout.readline() == b"ready\n"

    def send(self, number: signal.Signals) -> None:
        """Send it a signal."""
        self._popen.send_signal(number)

    def end(self) -> None:
        """See to it that it is gone."""
        self._popen.kill()
        self._popen.communicate()


def killed(quick: Quick) -> None:
    """As by the kernel, when memory runs out."""
    quick.send(signal.SIGKILL)


def stopped(quick: Quick) -> None:
    """It is there, and does nothing."""
    quick.send(signal.SIGSTOP)


def restarted(quick: Quick) -> None:
    """As by a deployment that does not wait."""
    quick.send(signal.SIGTERM)
    quick.end()
    quick.start()


def in_the_middle(disturb: Callable[[Quick], None]) -> Way:
    """A hundred clients ask again and again; then it happens."""

    async def try_it(house: House) -> None:
        quick = await asyncio.to_thread(Quick, house.process_port)
        seen: list[Got] = []

        async def user() -> None:
            caller = await house.dial()
            for _ in range(EACH):
                await caller.send(request(path="/process"))
                seen.append(await caller.answer())

        before = len(house.stories())
        try:
            users = [asyncio.create_task(user()) for _ in range(AT_ONCE)]
            await until(lambda: len(seen) > AT_ONCE)
            await asyncio.to_thread(disturb, quick)
            await asyncio.gather(*users)
        finally:
            await asyncio.to_thread(quick.end)
        assert {(one.status, one.whole) for one in seen} == {(200, True)}
        assert {one.body for one in seen} <= GOOD
        await until(lambda: len(house.stories()) == before + AT_ONCE * EACH)
        assert {one["fate"] for one in house.stories()[before:]} <= {"ok", "rescued"}

    return try_it


def both(coach: Step, monolith: Step, told: int, causes: tuple[str, str], path: str) -> Play:
    """Neither answers."""
    lane = "refused" if path == "/refused" else "coach"
    attempts = ((lane, causes[0]), ("monolith", causes[1]))
    return Play(
        (coach,),
        attempts,
        "fail_both",
        told,
        None,
        (monolith,),
        path=path,
        within_s=DEADLINE_S + 3.0,
    )


def leaving(coach: Step, monolith: Step, *, when: str) -> Way:
    """The client goes when the candidate, or legacy, has its request, or it has a part of it."""

    async def try_it(house: House) -> None:
        house.play([coach], [monolith])
        before = len(house.stories())
        caller = await house.dial()
        await caller.send(request())
        if when == "in the body":
            assert await caller.reader.readuntil(b"first") != b""
        else:
            asked = house.monolith if when == "during fallback" else house.coach
            await until(lambda: asked.received)
        caller.leave()
        story = await house.story(before)
        assert story["fate"] == "client_gone"
        assert story["attempts"][-1]["outcome"] in {"cancelled", "ok"}
        failed = {one["outcome"] for one in story["attempts"]} - {"cancelled", "ok"}
        assert failed == ({"reset"} if when == "during fallback" else set())
        await until(lambda: house.stack.total("inflight") == 0)

    return try_it


STREAM = head_of(200, "Content-Type: text/event-stream") + b"data: first"

ROWS = (
    Row(
        "SIGKILL, SIGSTOP, restart in the middle of 100 requests",
        "reset, timeout, connect",
        "200 all",
        {
            "SIGKILL": in_the_middle(killed),
            "SIGSTOP": in_the_middle(stopped),
            "restart": in_the_middle(restarted),
        },
        (
            "system/test_system_faults.py::test_a_dead_then_a_hung_coach_costs_no_answer_and_is_told",
        ),
    ),
    Row(
        "coach and monolith both down",
        NONE,
        "502/504 problem+json inside the deadline; fate `fail_both`",
        {
            "both die": both(
                reset_before_byte(), reset_before_byte(), 502, ("reset", "reset"), "/fitness/wod"
            ),
            "both hang": both(hang(), hang(), 504, ("timeout", "timeout"), "/fitness/wod"),
            "refused, then silent": both(ok(), hang(), 504, ("connect", "timeout"), "/refused"),
        },
        ("edge/test_edge_faults.py::test_both_down_is_a_problem_inside_the_deadline",),
    ),
    Row(
        "only the monolith down, user assigned to coach",
        NONE,
        "200 from coach",
        {
            "monolith dies": Play(
                (ok(),), (("coach", "ok"),), "ok", body=FROM_COACH, monolith=(reset_before_byte(),)
            ),
        },
        ("edge/test_edge_faults.py::test_only_the_monolith_down_is_no_matter_to_coachs_users",),
    ),
    Row(
        "client leaves: before the head, in the body, during fallback",
        NONE,
        "attempt cancelled, fate `client_gone`, no failure counted",
        {
            "before the head": leaving(hang(), ok(), when="before the head"),
            "in the body": leaving(then_hang(STREAM, "stream"), ok(), when="in the body"),
            "during fallback": leaving(reset_before_byte(), hang(), when="during fallback"),
        },
    ),
)

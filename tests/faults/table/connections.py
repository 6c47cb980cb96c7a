"""The candidate is not there, hangs up, or says nothing."""

import asyncio

import pytest

from dev.chaos.goodput.relay import relayed
from tests.edge.requests import request
from tests.edge.scripts import (
    close_before_byte,
    closes_at_once,
    drip_head,
    hang,
    ok,
    reset_before_byte,
    resets_at_once,
)
from tests.edge.upstreams import Step, Upstream
from tests.faults.house import DEADLINE_S, TIMEOUT_S, House, until
from tests.faults.network import why_not
from tests.faults.rows import FROM_COACH, RIGHT, Play, Row, Way, rescued


def unreached(lane: str) -> Play:
    """A candidate that no connection comes about with."""
    attempts = (("coach", "connect"), ("monolith", "ok"))
    named = tuple((lane if who == "coach" else who, what) for who, what in attempts)
    return Play((ok(),), named, "rescued", path=f"/{lane}")


def twice(step: Step) -> Play:
    """A kept connection dies, and the fresh one after it."""
    attempts = (("coach", "reset"), ("coach", "reset"), ("monolith", "ok"))
    return Play((step,), attempts, "rescued", kept=True)


def fresh(step: Step) -> Play:
    """A kept connection dies, and the fresh one after it does not."""
    attempts = (("coach", "reset"), ("coach", "ok"))
    return Play((step, ok()), attempts, "ok", body=FROM_COACH, kept=True)


def at_accept(step: Step) -> Way:
    """A server that hangs up on whoever comes may be told as reset, or as no connection at all."""

    async def try_it(house: House) -> None:
        house.play([step])
        got, story = await house.ask(await house.dial(), request())
        assert (got.status, got.body, story["fate"]) == (200, RIGHT, "rescued")
        assert story["attempts"][0]["outcome"] in {"reset", "connect"}

    return try_it


async def silent(house: House) -> None:
    """It waits for as long as it may, and no longer."""
    house.play([hang()])
    got, story = await house.ask(await house.dial(), request(path="/hasty"))
    assert (got.status, got.body) == (200, RIGHT)
    assert got.took_s < DEADLINE_S
    assert story["attempts"][0]["outcome"] == "timeout"
    assert story["attempts"][0]["ms"] >= TIMEOUT_S * 1000


def over_the_network(outcome: str, *rule: str, drop_first: bool = True) -> Way:
    """The way to the candidate is disturbed: before it is asked, or once there is a connection."""

    async def try_it(house: House) -> None:
        if house.distance is None:
            pytest.skip(why_not() or "this machine makes no network namespace")
        distant = Upstream("coach")
        distant.socket.close()
        distant.socket = house.distance.socket.dup()
        await distant.start([ok()])
        house.play([ok()])
        caller = await house.dial()
        sound = request(path="/distant")
        try:
            if not drop_first:  # a connection is kept that has no other end any more
                assert (await house.ask(caller, sound))[0].body == FROM_COACH
            with house.distance.rule("-p", "tcp", *rule):
                got, story = await house.ask(caller, sound)
            assert (got.status, got.body, story["fate"]) == (200, RIGHT, "rescued")
            assert story["attempts"][0] | {"ms": 0} == {
                "upstream": "distant",
                "outcome": outcome,
                "ms": 0,
            }
            assert got.took_s < DEADLINE_S
        finally:
            await distant.stop()

    return try_it


async def delayed(house: House) -> None:
    """Packets come, all of them, and too late."""
    house.play([ok()])
    relay = relayed("127.0.0.1", house.coach.port, 2 * TIMEOUT_S)
    async with await asyncio.start_server(relay, "127.0.0.1", house.process_port):
        got, story = await house.ask(await house.dial(), request(path="/process"))
        assert (got.status, got.body, story["fate"]) == (200, RIGHT, "rescued")
        assert story["attempts"][0]["outcome"] == "timeout"
        assert story["attempts"][0]["ms"] >= TIMEOUT_S * 1000
        await until(lambda: house.coach.received)  # it came, after all


ROWS = (
    Row(
        "name does not resolve; refused; unreachable; connect hangs",
        "connect",
        "200 from legacy",
        {
            "name does not resolve": unreached("nameless"),
            "refused": unreached("refused"),
            "unreachable": unreached("unreachable"),
            "connect hangs": unreached("silent"),
        },
        ("edge/test_edge_faults.py::test_no_connection_is_rescued",),
    ),
    Row(
        "accepts, then closes or resets before a byte, on a new and on a reused connection",
        "reset",
        "200 (reused: one fresh connection first)",
        {
            "closes, new": rescued("reset", close_before_byte()),
            "resets, new": rescued("reset", reset_before_byte()),
            "closes, reused, then sound": fresh(close_before_byte()),
            "resets, reused, then sound": fresh(reset_before_byte()),
            "closes, reused, again": twice(close_before_byte()),
            "resets, reused, again": twice(reset_before_byte()),
            "closes at accept": at_accept(closes_at_once()),
            "resets at accept": at_accept(resets_at_once()),
        },
    ),
    Row("accepts, says nothing", "timeout", "200 after `timeout`", {"silence": silent}),
    Row(
        "head dripped a byte a second",
        "timeout (the head as a whole is timed)",
        "200",
        {"dripped": rescued("timeout", drip_head())},
    ),
    Row(
        "packets lost, rejected, black-holed or delayed; connection half-open (no FIN)",
        "timeout, or connect where there was none yet",
        "200",
        {
            "lost before a connection": over_the_network("connect", "-j", "DROP"),
            "rejected by reset": over_the_network(
                "connect", "-j", "REJECT", "--reject-with", "tcp-reset"
            ),
            "rejected by ICMP": over_the_network("connect", "-j", "REJECT"),
            "black-holed once it is connected": over_the_network(
                "timeout", "!", "--syn", "-m", "length", "--length", "100:", "-j", "DROP"
            ),
            "half-open": over_the_network("timeout", "-j", "DROP", drop_first=False),
            "delayed": delayed,
        },
    ),
)

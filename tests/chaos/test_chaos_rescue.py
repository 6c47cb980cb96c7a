"""The rescue in its short form, and that it sees what is not as it should be."""

from dataclasses import replace
from pathlib import Path

import pytest

from dev.chaos.rescue.clients import Got
from dev.chaos.rescue.judging import (
    NOT_RESCUED,
    NOT_WHOLE,
    OTHER,
    TWICE,
    Answered,
    Ledgers,
    judged,
    looked_at,
)
from dev.chaos.rescue.leftovers import Held, complaints, too_much
from dev.chaos.rescue.model import Reused, Whose, predicted
from dev.chaos.rescue.planning import plan_of
from dev.chaos.rescue.report import report
from dev.chaos.rescue.running import ran
from dev.chaos.rescue.table import cells
from dev.chaos.rescue.upstreams import Arrival, Ledger
from dev.chaos.rescue.words import Cell, Framing, Plan

SEED = 20_260_727
COUNT = 400
USER_OF_CANDIDATE, USER_OF_LEGACY = 0, 28


@pytest.mark.system
@pytest.mark.alone
async def test_four_hundred_exchanges_go_as_predicted(tmp_path: Path) -> None:
    """`make chaos ONLY=rescue` plays 10,000, with four workers."""
    run = await ran(SEED, range(COUNT), tmp_path, workers=2)
    assert run.is_good, report(run)
    assert run.played.disturbed["reloads"] > 0
    assert run.played.disturbed["rolls"] > 0


def test_an_exchange_is_a_function_of_seed_and_number() -> None:
    """So that one alone can be played again."""
    assert plan_of(1, 17) == plan_of(1, 17)
    assert [plan_of(1, n) for n in range(50)] != [plan_of(2, n) for n in range(50)]


def test_as_many_exchanges_as_the_table_has_fields_cover_it() -> None:
    """Each field once, whatever the seed."""
    every = cells()
    assert len(set(every)) == len(every)
    assert {plan_of(3, number).cell for number in range(len(every))} == set(every)


def plan(fault: str, where: str = "", method: str = "GET", **more: object) -> Plan:
    """An exchange of a candidate's user."""
    cell = replace(Cell(fault, where, method), **more)  # type: ignore[arg-type]
    return Plan(7, cell, USER_OF_CANDIDATE, size=50, cut=0, chunked_upload=False, keeps=False)


HEAD = b"HTTP/1.1 200 OK\r\nX-From: %b 7\r\n\r\n"


def ledgers(candidate: int, legacy: int) -> Ledgers:
    """What has reached both."""
    both = Ledgers(Ledger(), Ledger())
    for ledger, times in ((both.candidate, candidate), (both.legacy, legacy)):
        for _ in range(times):
            ledger.enter("7", Arrival(1, 1))
    return both


SOUND = Answered(200, Whose.CANDIDATE, True, False)
RESCUED = Answered(200, Whose.LEGACY, True, False)
CUT = Answered(0, Whose.CANDIDATE, False, False)
TOLD_502 = Answered(502, Whose.ROUTER, True, False)
WRONG = [
    (plan("garbage"), TOLD_502, (1, 0), NOT_RESCUED),
    (plan("garbage", method="POST"), RESCUED, (1, 1), TWICE),
    (plan("garbage", method="PUT", upload=200_000), RESCUED, (1, 1), OTHER),
    (plan("200"), RESCUED, (1, 1), OTHER),
    (plan("200"), SOUND, (2, 0), OTHER),
    (plan("200", method="POST"), SOUND, (2, 0), TWICE),
    (plan("closes", "in mid-body"), CUT, (1, 0), NOT_RESCUED),
    (plan("404"), Answered(404, Whose.LEGACY, True, False), (1, 1), OTHER),
]
RIGHT = [
    (plan("garbage"), RESCUED, (1, 1)),
    (plan("garbage", method="POST"), TOLD_502, (1, 0)),
    (plan("closes", "in mid-body"), RESCUED, (1, 1)),
    (plan("closes", "in mid-body", "POST"), CUT, (1, 0)),
    (plan("closes", "in mid-body", framing=Framing.EVENTS), CUT, (1, 0)),
    (plan("refused", lane="refused", method="POST"), RESCUED, (0, 1)),
    (plan("closes at accept", lane="closes at accept", method="POST"), RESCUED, (0, 1)),
    (plan("closes at accept", lane="closes at accept", method="POST"), TOLD_502, (0, 0)),
]


@pytest.mark.parametrize(("asked", "answered", "reached", "kind"), WRONG, ids=str)
def test_what_comes_out_otherwise_is_seen(
    asked: Plan, answered: Answered, reached: tuple[int, int], kind: str
) -> None:
    """And called by the worst that is to be said of it."""
    difference = judged(asked, answered, ledgers(*reached))
    assert difference is not None
    assert difference.kind == kind


@pytest.mark.parametrize(("asked", "answered", "reached"), RIGHT, ids=str)
def test_what_comes_out_as_predicted_is_fine(
    asked: Plan, answered: Answered, reached: tuple[int, int]
) -> None:
    """Where nobody can know whether a write was read, either way."""
    assert judged(asked, answered, ledgers(*reached)) is None


def test_a_truncated_answer_that_looks_whole_is_seen() -> None:
    """A part of the right bytes, with an end."""
    asked = plan("stalls", "in mid-body")
    got = Got(200, HEAD % b"candidate", bytearray(b"candidate 7 cand"), whole=True)
    difference = judged(asked, looked_at(asked, got), ledgers(1, 0))
    assert difference is not None
    assert difference.kind == NOT_WHOLE


@pytest.mark.parametrize("body", [b"candidate 8 candidate 8 ", b"legacy 7 "])
def test_bytes_of_another_are_seen(body: bytes) -> None:
    """However whole they are."""
    asked = plan("200")
    got = Got(200, HEAD % b"candidate", bytearray(body), whole=True)
    assert judged(asked, looked_at(asked, got), ledgers(1, 0)) is not None


def test_silence_is_no_cut() -> None:
    """A client that has waited for nothing has not been told that it is over."""
    asked = plan("closes", "in mid-body", "POST")
    got = Got(error="TimeoutError: ")
    assert judged(asked, looked_at(asked, got), ledgers(1, 0)) is not None


def test_a_kept_connection_that_dies_is_replaced_once() -> None:
    """Nothing was answered: one fresh connection, then legacy; a new one is not replaced."""
    dies = plan("resets", "before a byte")
    [kept] = predicted(dies, reused=Reused(candidate=True))
    [new] = predicted(dies, reused=Reused())
    assert (kept.fate, kept.candidate, kept.legacy) == ("rescued", 2, 1)
    assert (new.fate, new.candidate, new.legacy) == ("rescued", 1, 1)
    [write] = predicted(replace(dies, cell=replace(dies.cell, method="POST")), reused=Reused(True))
    assert (write.fate, write.candidate, write.legacy) == ("fail_not_eligible", 1, 0)


def test_what_legacys_users_get_is_legacys() -> None:
    """The candidate's faults are nothing to them."""
    [result] = predicted(replace(plan("garbage"), user=USER_OF_LEGACY), reused=Reused())
    assert (result.fate, result.whose, result.candidate) == ("ok", Whose.LEGACY, 0)


def test_leftovers_are_told() -> None:
    """Each in words of its own."""
    before = Held(4, 20, 40.0, 0, 8, 0)
    assert too_much(before, before) == []
    assert len(too_much(before, Held(3, 21, 60.0, 1, 9, 9))) == 5
    assert complaints("fine\nTask was destroyed but it is pending!\n")

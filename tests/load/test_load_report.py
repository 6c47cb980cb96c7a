"""The two columns, and which broken promise fails the run."""

import pytest

from dev.load.column import Column, table
from dev.load.page import page
from dev.load.usage import ticks
from load.sides import Side
from load.tally import WOD, Tally
from load.wishes import Wishes


def column(percent: float, took_ms: float = 50.0, bad: int = 0, wrong: int = 0) -> Column:
    """A run of ten good WODs, five seconds long."""
    tally = Tally(took_ms={WOD: [took_ms] * 10}, lasted_s=5.0)
    tally.sides.update({Side.RIGHT: 10, Side.WRONG: wrong})
    for _ in range(bad):
        tally.bad(WOD, "status 503")
    return Column(percent, tally, {"monolith": 1.0, "coach": 0.5, "router": 0.5, "users": 9.0})


@pytest.mark.parametrize(
    ("one", "fails"),
    [
        (column(100), False),
        (column(100, bad=1), True),
        (column(100, took_ms=300), True),
        (column(0, took_ms=9000, bad=90), False),
        (column(0, wrong=1), True),
        (column(50, bad=1), True),
    ],
)
def test_what_the_old_code_cannot_do_is_the_finding(one, fails):
    """Only at 0 %, and never a wrong side."""
    assert one.fails is fails


def test_the_table_has_both_columns():
    """Goodput of good answers, the load generator's CPU charged to nobody."""
    lines = table([column(0, bad=30), column(100)]).splitlines()
    cells = {
        line.split("|")[1].strip(): [c.strip() for c in line.split("|")[2:4]] for line in lines
    }
    assert cells[""] == ["0 %", "100 %"]
    assert cells["failed"] == ["30 (75.0%)", "0 (0.0%)"]
    assert cells["WODs had a second"] == ["2.00", "2.00"]
    assert cells["CPU of the three programs a WOD had, ms"] == ["200", "200"]
    assert cells["promises"] == ["2 of 4 broken", "all kept"]
    assert len({len(line) for line in lines}) == 1


def test_a_run_without_answers_can_be_told():
    """Dashes, not a division by zero."""
    assert "| -" in table([Column(0, Tally(), {})])


def test_the_page_says_command_machine_and_verdicts():
    """Whoever reads it can do the same again."""
    text = page([column(0, bad=30), column(100)], Wishes(), "make load SECONDS=5")
    assert "Written by `make load SECONDS=5` on " in text
    assert "cores" in text
    assert "- **broken**: errors of the WOD < 1%: 30 of 40" in text
    assert "- kept: p95 of the WOD < 250 ms: 50 ms" in text


def test_cpu_is_read_behind_a_name_with_brackets():
    """utime, stime and those of the dead children: fields 14 to 17."""
    assert ticks("7 (a) b (c) R 1 1 1 0 -1 0 0 0 0 0 10 20 30 40 20 0 1 0") == 100

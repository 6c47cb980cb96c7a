"""Goodput on the real programs, in a form of half a minute: faults begin and end, all is counted.

What the figures are is for `make chaos`: they take minutes, and a machine that does nothing else.
"""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from dev.chaos.goodput.faults import FAULTS
from dev.chaos.goodput.judging import complete
from dev.chaos.goodput.ledger import Entry
from dev.chaos.goodput.network import NoNetwork, network
from dev.chaos.goodput.running import Phases, played
from dev.chaos.goodput.scene import scene
from dev.chaos.goodput.seen import Run

pytestmark = [pytest.mark.system, pytest.mark.alone]

QUICK = "    breaker: {open: 300ms, longest_open: 300ms}\n"
"""There is no time to wait for probes."""
ONLY = ("killed", "slow", "dropped")


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """One fault of each kind that can be had here, for seconds."""
    folder = tmp_path_factory.mktemp("goodput")
    people = Phases(users=8, native=2, think_s=(0.2, 0.4), only=ONLY)
    phases = replace(people, alone_s=0.5, warm_s=1.0, fault_s=3.0, rest_s=1.5, settle_s=0.5)
    with scene(folder, QUICK) as one:
        return played(one, phases)


def test_every_request_has_its_fate(seen: Run) -> None:
    """The clients' ledger and the router's log agree."""
    assert len(seen.ledger) > 100
    assert complete(seen).is_kept, complete(seen).found


def test_every_fault_keeps_coach_from_serving_and_ends(seen: Run) -> None:
    """While coach is away it serves nobody, and afterwards it serves again."""
    had = [fault.name for fault in FAULTS if not fault.needs_network or not seen.left_out]
    wanted = [name for name in had if name in ONLY]
    assert [spell.window.fault.name for spell in seen.spells] == wanted
    for spell in seen.away:
        by_coach = [e for e in spell.wods if e.served == "coach" and e.end < spell.window.end]
        # What had been answered when the fault began may still be on its way.
        assert len(by_coach) <= 2, spell.window.fault.name
    last = [e for e in seen.ledger if e.at > seen.windows[-1].back and e.is_wod]
    assert any(e.served == "coach" for e in last)


def test_the_monolith_alone_is_asked_without_the_router(seen: Run) -> None:
    """Its requests are in its own log, and in nobody else's."""
    for one in seen.alone:
        assert one.ledger
        assert not [e for e in one.ledger if e.id in seen.told]
        assert [e for e in one.ledger if e.id in seen.monolith]


def test_without_root_there_is_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    """And the faults of the network are left out."""
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    with pytest.raises(NoNetwork, match="root"), network():
        pass


def test_a_ledger_is_read_in_the_order_of_sending(tmp_path: Path) -> None:
    """Lines are written as answers come."""
    lines = [Entry(str(n), "candidate", "wod", float(9 - n), 1.0, 200) for n in range(3)]
    file = tmp_path / "ledger.jsonl"
    file.write_text("".join(map(Entry.line, lines)), "utf-8")
    assert [entry.id for entry in Entry.read(file)] == ["2", "1", "0"]
    assert json.loads(lines[0].line())["what"] == "wod"

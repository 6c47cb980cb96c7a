"""Goodput's verdicts: a run that keeps a promise is told so, and one that breaks it, too."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from dev.chaos.goodput.faults import FAULTS
from dev.chaos.goodput.judging import verdicts
from dev.chaos.goodput.ledger import Entry, Told, Worked, told, worked
from dev.chaos.goodput.plot import svg
from dev.chaos.goodput.report import report, write
from dev.chaos.goodput.seen import Alone, Run, Window, together

FROZEN = next(fault for fault in FAULTS if fault.name == "frozen")
BEGIN, END, BACK, UNTIL = 1000.0, 1040.0, 1041.0, 1080.0
OPENED = BEGIN + 3


def entries() -> list[Entry]:
    """A run that went well: each second two WODs, one of them refused while coach is away."""
    seen = []
    for second in range(960, int(UNTIL)):
        at, is_away = float(second), BEGIN <= second < BACK
        identity = f"e-{second}"
        cheap = Entry(f"{identity}-c", "candidate", "exercises", at, 20.0, 200, "monolith", "none")
        if not is_away:
            by_coach = ("coach", "candidate;percent")
            seen += [cheap, *(wod(f"{identity}-{n}", at, 20.0, 200, *by_coach) for n in "ab")]
            continue
        reason = "breaker" if second >= OPENED else "percent"
        slow = 2000.0 if second >= OPENED else 4000.0
        seen += [
            cheap,
            wod(f"{identity}-a", at, slow, 200, "monolith", f"candidate;{reason}"),
            wod(f"{identity}-b", at, 5.0, 503, "", f"candidate;{reason}"),
        ]
    return seen


def wod(
    identity: str, at: float, ms: float, status: int, served: str, decision: str, group: str = ""
) -> Entry:
    """A WOD of coach's user."""
    return Entry(identity, group or "candidate", "wod", at, ms, status, served, decision)


def alone() -> Alone:
    """The monolith gives one WOD a second."""
    ledger = [
        entry
        for second in range(100, 160)
        for entry in (
            wod(f"a-{second}", float(second), 900.0, 200, "", ""),
            Entry(f"b-{second}", "candidate", "exercises", float(second), 20.0, 200),
        )
    ]
    return Alone(ledger, 100.0, 160.0)


def run(change: Callable[[Entry], Entry | None] = lambda entry: entry) -> Run:
    """That run, each entry changed, or left out of the ledger if it becomes nothing."""
    ledger = [new for old in entries() if (new := change(old)) is not None]
    asked = [e for e in ledger if e.is_wod and e.served == "monolith"]
    began = {e.id: e.at + (2.0 if e.decision.endswith("percent") else 0.01) for e in asked}
    return Run(
        ledger=ledger,
        windows=[Window(FROZEN, BEGIN, END, BACK, UNTIL)],
        alone=[alone(), alone()],
        monolith={e.id: Worked(began[e.id], e.end, 200) for e in asked},
        told={e.id: Told("ok", e.decision.partition(";")[2]) for e in ledger},
        timeout_s=2.0,
        settle_s=10.0,
    )


def broken(one: Run) -> list[str]:
    """The promises that are not kept."""
    return [verdict.promise for verdict in verdicts(one) if not verdict.is_kept]


def test_a_run_that_went_well_keeps_all() -> None:
    """Half of the WODs are refused, and that is as it should be."""
    assert broken(run()) == []


def lost(entry: Entry) -> Entry:
    """Every fifth workout of the monolith is refused by the router."""
    return replace(entry, status=503, ms=5.0, served="") if is_fifth(entry) else entry


def vain(entry: Entry) -> Entry:
    """Every fifth workout of the monolith comes too late for its client."""
    return replace(entry, status=504) if is_fifth(entry) else entry


def is_fifth(entry: Entry) -> bool:
    """Whether it is one of those."""
    return entry.served == "monolith" and entry.is_wod and entry.at % 5 == 0


def late(entry: Entry) -> Entry:
    """Refusals take long, also of those who do not wait for coach."""
    is_later = entry.status == 503 and entry.decision.endswith("breaker")
    return replace(entry, ms=4000.0) if is_later else entry


def gone(entry: Entry) -> Entry:
    """Refusals are no 503."""
    return replace(entry, status=504) if entry.status == 503 else entry


def dear(entry: Entry) -> Entry:
    """What is cheap is slow while coach is away."""
    is_dear = not entry.is_wod and BEGIN <= entry.at < END
    return replace(entry, ms=30.0) if is_dear else entry


def deaf(entry: Entry) -> Entry:
    """Nothing ever passes coach by."""
    decision = entry.decision.replace("breaker", "percent")
    waited_ms = 2000.0 if decision != entry.decision and entry.is_good else 0.0
    return replace(entry, decision=decision, ms=entry.ms + waited_ms)


def stuck(entry: Entry) -> Entry:
    """Coach is not asked again when it is back."""
    is_later = entry.served == "coach" and entry.at >= BACK
    return replace(entry, served="monolith", decision="candidate;breaker") if is_later else entry


@pytest.mark.parametrize(
    ("change", "promises"),
    [
        (lost, ["goodput", "the monolith then computes"]),
        (vain, ["goodput", "in vain", "told 503"]),
        (late, ["within 50 ms"]),
        (gone, ["told 503"]),
        (dear, ["native traffic"]),
        (deaf, ["once the breaker is open"]),
        (stuck, ["recovered"]),
    ],
)
def test_what_breaks_a_promise_is_said(
    change: Callable[[Entry], Entry], promises: list[str]
) -> None:
    """And nothing else is said."""
    found = broken(run(change))
    assert len(found) == len(promises)
    assert all(promise in told for promise, told in zip(promises, found, strict=True))


def test_who_waits_longer_than_the_timeout_is_said() -> None:
    """By the monolith's log: its work on the exchange began too late."""
    one = run()
    slow = {identity: replace(w, began=w.began + 0.2) for identity, w in one.monolith.items()}
    assert any("longer than 2.1 s" in promise for promise in broken(replace(one, monolith=slow)))


def test_a_request_without_a_fate_is_said() -> None:
    """The router's log has to have each."""
    one = run()
    fewer = dict(list(one.told.items())[1:])
    assert broken(replace(one, told=fewer)) == ["each request has its fate in the router's log"]


def test_work_in_vain_is_counted() -> None:
    """The monolith has computed what its client was not given."""
    one = run()
    [spell] = one.spells
    assert spell.in_vain == 0
    ledger = [replace(e, status=504) if e.served == "monolith" else e for e in one.ledger]
    [spell] = replace(one, ledger=ledger).spells
    assert spell.in_vain > 20


def test_how_long_several_are_at_work() -> None:
    """Within the time, and only while they are as many."""
    works = [Worked(0.0, 4.0, 200), Worked(1.0, 3.0, 200), Worked(2.0, 9.0, 200)]
    assert [together(works, many, 0.0, 10.0) for many in (1, 2, 3, 4)] == [9.0, 3.0, 1.0, 0.0]
    assert together(works, 2, 1.5, 2.5) == 1.0
    assert together(works, 1, 20.0, 30.0) == 0.0


def test_a_machine_that_stood_still_is_told() -> None:
    """And around which fault."""
    stalled = replace(run(), stalls=[(BEGIN + 1, 30.0)])
    assert "The machine stood still for 30 s around *frozen*" in report(stalled)
    assert "stood still" not in report(replace(run(), stalls=[(BEGIN - 100, 30.0)]))


def test_logs_are_read(tmp_path: Path) -> None:
    """What is no JSON is passed over, and so are other paths."""
    log = tmp_path / "any.log"
    log.write_text(
        "no JSON\n"
        '{"time": "2026-03-04T03:00:02.500+00:00", "message": "request", "path": "/fitness/wod", '
        '"ms": 1500.0, "status": 200, "request_id": "a"}\n'
        '{"message": "request", "path": "/health", "request_id": "b"}\n'
        '{"request_id": "a", "fate": "rescued", "reason": "percent"}\n'
    )
    [(identity, work)] = worked(log).items()
    assert (identity, work.status, work.ended - work.began) == ("a", 200, 1.5)
    assert told(log) == {"a": Told("rescued", "percent")}


def test_report_and_plot_can_be_read(tmp_path: Path) -> None:
    """Each fault is a line of the table and a shade of the plot."""
    one = run()
    assert "| frozen" in report(one)
    write(tmp_path / "chaos.md", one, "make chaos", "told")
    assert "kept: coach away" in (tmp_path / "chaos.md").read_text("utf-8")
    root = ElementTree.fromstring((tmp_path / "chaos-goodput.svg").read_text("utf-8"))
    texts = [element.text for element in root.iter("{http://www.w3.org/2000/svg}text")]
    assert {"frozen", "coach", "told 503"} <= set(texts)
    assert svg(one).count('class="f"') == 3

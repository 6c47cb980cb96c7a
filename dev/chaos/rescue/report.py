"""The report of a run: fault by fault what came of it, and how to play again what went wrong."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from dev.bench.table import aligned
from dev.chaos.rescue.judging import Difference
from dev.load.page import machine
from dev.sections import put

if TYPE_CHECKING:
    from dev.chaos.rescue.running import Run

RESULTS = (
    "ok",
    "rescued",
    "fail_not_eligible",
    "fail_after_commit",
    "fail_both",
    "upstream_error",
    "client_gone",
)
MOST_SHOWN = 20
SECTION = "chaos ONLY=rescue"


def report(run: "Run") -> str:
    """All of it, in Markdown that also reads well as text."""
    return "\n\n".join([table(run), verdict(run), *details(run)])


def table(run: "Run") -> str:
    """A line for each fault: how many exchanges, and how many came to which end."""
    wrong = {one.plan.number for one in run.differences}
    ends: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for plan in run.plans:
        ends[plan.cell.fault]["otherwise" if plan.number in wrong else run.fate(plan)] += 1
    rows: list[tuple[str, ...]] = [("fault", "", "exchanges", *RESULTS, "otherwise")]
    for fault, counted in sorted(ends.items()):
        columns = [str(counted[name] or "") for name in (*RESULTS, "otherwise")]
        rows.append((fault, "", str(counted.total()), *columns))
    total: Counter[str] = sum(ends.values(), Counter())
    columns = [str(total[name] or "") for name in (*RESULTS, "otherwise")]
    rows.append(("all", "", str(total.total()), *columns))
    return aligned(rows)


def verdict(run: "Run") -> str:
    """What holds, and what does not."""
    kinds = Counter(one.kind for one in run.differences)
    count = len(run.plans)
    lines = [
        f"- {count - len(run.differences)} of {count} exchanges as predicted (SEED={run.seed}, "
        f"{run.seconds:.0f} s, {run.played.primers} sound ones before them)",
        f"- meanwhile: {run.played.disturbed['reloads']} reloads, "
        f"{run.played.disturbed['rolls']} times all workers replaced",
        f"- users and upstreams had to wait for {run.played.lag_s * 1000:.0f} ms at most",
        f"- before: {run.before}",
        f"- after: {run.after}",
        *(f"- **{count} times {kind}**" for kind, count in kinds.items()),
        *(f"- **{one}**" for one in run.wrong[:MOST_SHOWN]),
    ]
    if len(run.wrong) > MOST_SHOWN:
        lines.append(f"- and {len(run.wrong) - MOST_SHOWN} more")
    return "\n".join(lines)


def details(run: "Run") -> Iterator[str]:
    """Each difference with what plays it again."""
    for one in run.differences[:MOST_SHOWN]:
        yield detail(run.seed, one)
    if len(run.differences) > MOST_SHOWN:
        yield f"... and {len(run.differences) - MOST_SHOWN} more"


def detail(seed: int, one: Difference) -> str:
    """One of them."""
    cell = one.plan.cell
    told = [
        f"make chaos ONLY=rescue SEED={seed} EXCHANGE={one.plan.number}",
        f"    {one.kind}: {cell}",
        *(f"    expected {result}" for result in one.expected),
        f"    observed {one.seen}",
    ]
    return "\n".join([*told, *([f"    {one.note}"] if one.note else [])])


def write(page: Path, run: "Run") -> None:
    """Put the section in place."""
    said = f"make chaos ONLY=rescue SEED={run.seed} COUNT={len(run.plans)} WRITE={page}"
    now = f"{datetime.now(UTC):%Y-%m-%d %H:%M}"
    parts = ["## Rescue", f"Written by `{said}` on {now} UTC. {machine()}", TOLD, report(run)]
    put(page, SECTION, "\n\n".join([*parts, READING]), title="Chaos")


TOLD = (
    "A hundred users, a scripted candidate that fails in every way of the table, and a scripted "
    "legacy that is quick. The file is reloaded each second and all workers are replaced three "
    "times. For each exchange a model that shares no line with the router predicts, from its plan "
    "alone, the fate, the status, whose bytes the client has, whether they are whole, and how "
    "often the request reaches each upstream. Observed is what the client and the upstreams have "
    "in their own ledgers; the router's metrics and its access log must say the same."
)
READING = """### How to read the rescue

- *fault* is what the candidate does; each is tried at every place of the answer where it can strike (before a byte, in the status line, in a field, at the end of the head, in the body, at its last byte), with GET, HEAD, POST (not idempotent) and PUT (declared idempotent), without and with a small or a large upload, on new and on used connections, with every framing.
- *ok* beside a fault: it struck users of legacy (a tenth of them), passes as it is (404), or a used connection that died was replaced by a fresh one of the same candidate.
- *fail_not_eligible* and *fail_after_commit* are what cannot be saved: a POST that was sent, an upload too large to be kept, an answer of which the client already had a part. The client is told 502 or 504, gets the candidate's own error, or is cut off in a way that no client takes for the end.
- *otherwise* is empty, or the run fails and says how to play that one exchange again."""  # noqa: E501 - prose of a page, one line a paragraph

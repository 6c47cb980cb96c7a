"""Whether what was promised was kept: `Coach dead or hung` of the targets, row by row."""

from dev.chaos.goodput.seen import Run
from dev.soak.judging import Verdict
from load.tally import percentile

MUST, GOAL = 0.90, 0.95
TOLD_MS = 50.0
NATIVE_RATIO = 1.2
LATER_S = 0.1
RECOVERY_S = 30.0
VAIN = 0.05
"""The share of the workouts that the monolith may compute for nobody."""
PROBES = 0.1
"""The share of exchanges that may still try coach once a breaker is open."""


def verdicts(run: Run) -> list[Verdict]:
    """Judge a run."""
    return [
        goodput(run),
        at_work(run),
        told(run),
        native(run),
        *waits(run),
        recovery(run),
        complete(run),
    ]


def share(run: Run) -> float:
    """Goodput while coach is away, by what the monolith alone can do."""
    good = sum(spell.goodput * spell.seconds for spell in run.away)
    seconds = sum(spell.seconds for spell in run.away)
    return good / seconds / run.capacity if seconds and run.capacity else 0.0


def goodput(run: Run) -> Verdict:
    """Enough is served."""
    found = share(run)
    text = f"{found:.0%} (goal {GOAL:.0%})"
    return Verdict(
        f"coach away: goodput >= {MUST:.0%} of what the monolith alone can do", text, found >= MUST
    )


def at_work(run: Run) -> Verdict:
    """The same by the monolith's own log, which other work on the machine does not change."""
    seconds = sum(spell.seconds for spell in run.away)
    busy = sum(spell.busy * spell.seconds for spell in run.away) / seconds if seconds else 0.0
    in_vain = sum(spell.in_vain for spell in run.away)
    computed = in_vain + sum(spell.goodput * spell.seconds for spell in run.away)
    vain = in_vain / computed if computed else 1.0
    return Verdict(
        f"the monolith then computes >= {MUST:.0%} of the time all it can, <= {VAIN:.0%} in vain",
        f"{busy:.0%}, {vain:.0%} in vain",
        busy >= MUST and vain <= VAIN,
    )


def told(run: Run) -> Verdict:
    """The excess is told, and quickly; who probed for coach is judged below."""
    refused = [entry for spell in run.away for entry in spell.refused]
    ms = [entry.ms for spell in run.away for entry in spell.excess]
    others = sum(entry.status != 503 for entry in refused)
    p95 = percentile(ms, 95) or 0.0
    within = sum(one <= TOLD_MS for one in ms)
    text = (
        f"{within} of {len(ms)}, p95 {p95:.0f} ms; {len(refused) - len(ms)} more had waited for "
        f"coach; {others} of all were told otherwise"
    )
    is_kept = p95 <= TOLD_MS and not others
    return Verdict(f"the excess is told 503 within {TOLD_MS:g} ms (p95)", text, is_kept)


def native(run: Run) -> Verdict:
    """Who needs only the monolith notices nothing."""
    p95 = percentile([ms for spell in run.away for ms in spell.cheap], 95) or 0.0
    ratio = p95 / run.native_ms if run.native_ms else float("inf")
    text = f"{p95:.0f} ms, {run.native_ms:.0f} ms alone: {ratio:.2f} x"
    return Verdict(
        f"the monolith's native traffic: p95 <= {NATIVE_RATIO:g} x", text, 0 < ratio <= NATIVE_RATIO
    )


def waits(run: Run) -> list[Verdict]:
    """Nobody waits for a coach that hangs, once that is known."""
    hung = [spell for spell in run.away if spell.window.fault.hangs]
    if not hung:
        return []
    most_s = run.timeout_s + LATER_S
    longest_s = max(spell.longest_s for spell in hung)
    opened = [spell.opened_s for spell in hung]
    waiting, later = (sum(spell.waiting[place] for spell in hung) for place in (0, 1))
    when = ", ".join("never" if s is None else f"{s:.1f} s" for s in opened)
    is_known = None not in opened and waiting <= PROBES * later
    return [
        Verdict(
            f"nobody waits for coach longer than {most_s:g} s",
            f"{longest_s:.2f} s at most",
            longest_s <= most_s,
        ),
        Verdict(
            "once the breaker is open, nobody but probes waits for a coach that hangs",
            f"open after {when}; then {waiting} of {later} waited",
            is_known,
        ),
    ]


def recovery(run: Run) -> Verdict:
    """Coach's users are coach's again."""
    took = [spell.recovered_s for spell in run.spells]
    text = ", ".join("not seen" if s is None else f"{s:.1f} s" for s in took)
    is_kept = all(s is not None and s < RECOVERY_S for s in took)
    return Verdict(f"recovered < {RECOVERY_S:g} s after coach is back", text, is_kept)


def complete(run: Run) -> Verdict:
    """Every request of the clients has its one fate in the router's log."""
    missing = [entry for entry in run.ledger if entry.id not in run.told]
    text = f"{len(run.ledger) - len(missing)} of {len(run.ledger)}"
    return Verdict("each request has its fate in the router's log", text, not missing)

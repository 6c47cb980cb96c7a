"""The attempts of an exchange: what each is to do, and what follows the end of one.

Breaker and budget hear of the candidate here, once an exchange.
"""

from router.core.deciding import is_diverted
from router.core.fallback import BODY, After, Again, Situation, after, may_hold
from router.core.model import Upstream
from router.core.outcome import Outcome, label_of
from router.core.protection import LEGACY, PROBE
from router.core.record import Attempted, Record
from router.edge.client.upload import Upload
from router.edge.upstream.attempt import Attempt, Wanted
from router.exchange.asking import Asked
from router.exchange.edges import Edges
from router.exchange.protecting import broke_off, judged


def wanted_of(
    asked: Asked, upstream: Upstream, method: str, head: bytes, started: float, fresh: bool
) -> Wanted:
    """What is wanted of *upstream*: the candidate in its timeout, legacy by the deadline."""
    route = asked.route
    on_candidate = upstream is route.candidate
    limit_s = min(route.timeout_s, route.deadline_s) if on_candidate else route.deadline_s
    return Wanted(
        upstream,
        method,
        head,
        started + limit_s,
        on_candidate and may_hold(route, method),
        fresh,
        asked.upgrade,
        is_diverted(asked.decision, route, upstream),
    )


def enter(attempt: Attempt, record: Record, edges: Edges) -> float:
    """Enter an attempt in the story, now that it is over; the time that it is."""
    now = edges.clock()
    name, outcome = attempt.wanted.upstream.name, label_of(attempt.outcome)
    record.attempts.append(Attempted(name, outcome, now - attempt.began))
    return now


def succeeded(asked: Asked, record: Record, now: float) -> None:
    """An attempt got an answer that is no error: so much for the candidate, if it was that."""
    if asked.guard is not None and asked.way is not LEGACY:
        asked.guard.succeeded(now, record.started, asked.way)
        asked.way = LEGACY


def verdict_on(
    attempt: Attempt,
    outcome: Outcome,
    asked: Asked,
    upload: Upload | None,
    record: Record,
    edges: Edges,
) -> After:
    """What follows an attempt that did not go well, as far as breaker and budget allow."""
    verdict = after(asked.route, outcome, situation(attempt, asked, upload, record, edges))
    guard = asked.guard
    way = asked.way
    if guard is None or way is LEGACY or isinstance(verdict, Again):
        return verdict
    asked.way = LEGACY
    return judged(verdict, outcome, guard, way, asked.route, asked.decision, record)


def situation(
    attempt: Attempt, asked: Asked, upload: Upload | None, record: Record, edges: Edges
) -> Situation:
    """What the judgement needs beside the outcome."""
    wanted, route = attempt.wanted, asked.route
    return Situation(
        method=wanted.method,
        on_candidate=wanted.upstream is route.candidate,
        body_whole=upload is None or upload.whole,
        left_s=record.started + route.deadline_s - edges.clock(),
        was_stale=wanted.fresh,
        has_room=edges.pools[route.legacy].has_room(diverted=True),
    )


def broke(asked: Asked, record: Record) -> None:
    """An answer had begun well, and was not whole."""
    record.attempts[-1].outcome = BODY
    if asked.guard is not None and record.rescue_of is None:
        broke_off(asked.guard, asked.route, asked.decision, record)


def ended(asked: Asked, record: Record) -> None:
    """Have breaker and budget know that they need not wait for this exchange."""
    fell_back = record.rescue_of is not None
    if asked.guard is not None and (fell_back or asked.way is PROBE):
        asked.guard.ended(record.started, asked.way, fell_back)

"""The life of an exchange, from its first byte to its one fate.

Nothing here waits: each step is called when what it needs is there, and says what comes next. So
a request that is answered at once costs a few calls, and one that takes long holds no task.
"""

import asyncio
import logging
from typing import Final

from router.core.answers import Head, interim_head, switching_head
from router.core.challenges import challenge
from router.core.deciding import is_diverted
from router.core.fallback import (
    After,
    Again,
    Answer,
    FallBack,
    Situation,
    after,
    goes_on,
    may_hold,
)
from router.core.fates import Ending, Fate, fate_of, fate_of_refusal
from router.core.model import Cause, Route, Upstream
from router.core.outcome import Fault, Outcome, Phase, label_of
from router.core.problems import Notice, Problem
from router.core.protection import LEGACY, PROBE
from router.core.record import Attempted, Record
from router.edge.client.client import Client
from router.edge.client.upload import Upload
from router.edge.comparing import Pair
from router.edge.late import LateAnswer
from router.edge.relay import Relay, commit, give, note
from router.edge.signatures import Wanting
from router.edge.tunnel import Tunnel
from router.edge.upstream.attempt import Attempt, Wanted
from router.exchange.asking import Asked, ask, upload_of
from router.exchange.edges import Edges
from router.exchange.guarding import step
from router.exchange.protecting import broke_off, judged
from router.exchange.telling import date_of, fields_behind, head_upstream, own_answer, with_debug

log = logging.getLogger("router")

# Looked up at each request, and on 3.11 an enum's members cost a call.
ANSWERED: Final = Phase.ANSWER
BUSY: Final = Fault.BUSY
TIMEOUT: Final = Fault.TIMEOUT


class Exchange:
    """One client request and everything done for it."""

    __slots__ = (
        "asked",
        "attempt",
        "client",
        "edges",
        "head",
        "late",
        "pair",
        "record",
        "running",
        "span_id",
        "upload",
        "wait",
    )

    def __init__(self, edges: Edges, client: Client) -> None:
        self.edges = edges
        self.client = client
        self.running = edges.current.running
        ids = edges.ids.draw()
        self.span_id = ids[64:]
        self.record = Record(ids[:32], client.address, client.method, edges.clock(), ids[32:64])
        self.asked: Asked | None = None
        self.head = b""
        self.upload: Upload | None = None
        self.attempt: Attempt | None = None
        self.wait: asyncio.Task[None] | None = None
        self.pair: Pair | None = None
        self.late: LateAnswer | None = None

    def begin(self) -> None:
        """Serve the request, as far as that goes without waiting."""
        try:
            self.identify()
        except Exception:  # noqa: BLE001 - see `step`, which costs more
            self.fail()

    def settled(self, attempt: Attempt) -> None:
        """The attempt has ended: go on from there."""
        try:
            self.judge(attempt)
        except Exception:  # noqa: BLE001 - see `step`, which costs more
            self.fail()

    def identify(self) -> None:
        """Identify and decide; a token whose key is unknown has its key waited for, once."""
        asked = ask(self.client, self.running, self.edges.protections, self.record)
        if isinstance(asked, Wanting) and self.wait is None:
            self.wait = asked.then(self.begin)
        elif isinstance(asked, Wanting):
            self.record.refusal = asked.otherwise
            self.refuse(challenge(asked.otherwise))
        elif isinstance(asked, Problem):
            self.refuse(asked)
        elif isinstance(asked, Notice):
            self.note(asked)
        else:
            self.serve(asked)

    def serve(self, asked: Asked) -> None:
        """Ask the upstream that was decided on; the body follows as it comes."""
        self.asked = asked
        self.remember(asked)
        self.head = head_upstream(
            self.client, asked, self.running.snapshot, self.record, self.span_id
        )
        self.upload = upload_of(self.client, asked, self.upload_failed)
        self.ask_upstream(asked.decision.upstream)
        if self.upload is not None and self.record.fate is None:
            self.client.receive()

    def remember(self, asked: Asked) -> None:
        """Remember who asks, for `strangler plan` to tell whom another file would move."""
        recently, unit = self.edges.recently, asked.decision.unit
        if recently is not None and unit is not None:
            recently.note(asked.route.name, unit, asked.identity.claims, self.record.started)

    def ask_upstream(self, upstream: Upstream, *, fresh: bool = False) -> None:
        """Begin an attempt: the candidate gets its timeout, legacy what is left of the deadline."""
        asked = self.asked
        assert asked is not None  # there is no attempt before the decision
        route = asked.route
        on_candidate = upstream is route.candidate
        limit_s = min(route.timeout_s, route.deadline_s) if on_candidate else route.deadline_s
        method = self.client.method
        wanted = Wanted(
            upstream,
            method,
            self.head,
            self.record.started + limit_s,
            on_candidate and may_hold(route, method),
            fresh,
            asked.upgrade,
            is_diverted(asked.decision, route, upstream),
        )
        pool = self.edges.pools[upstream]
        self.attempt = Attempt(wanted, pool, self.upload, self.settled, self.interim)
        self.attempt.start()

    def judge(self, attempt: Attempt) -> None:
        """Judge how the attempt ended: answer, ask the same again, or fall back to legacy."""
        asked, outcome = self.asked, attempt.outcome
        assert asked is not None
        assert outcome is not None  # it has just ended
        now = self.enter(attempt)
        if goes_on(outcome):
            if asked.guard is not None and asked.way is not LEGACY:
                asked.guard.succeeded(now, self.record.started, asked.way)
                asked.way = LEGACY
            self.answer(asked, attempt)
            return
        match self.verdict(asked, attempt, outcome):
            case Again():
                self.let_go()
                self.ask_upstream(attempt.wanted.upstream, fresh=True)
            case FallBack(cause):
                self.record.rescue_of = cause
                self.abandon(asked.route, attempt)
                self.ask_upstream(asked.route.legacy)
            case Answer(cause, why):
                self.record.cause, self.record.why = cause, why
                self.answer(asked, attempt)

    def verdict(self, asked: Asked, attempt: Attempt, outcome: Outcome) -> After:
        """What follows an attempt that did not go well, as far as breaker and budget allow."""
        verdict, guard, way = (
            after(asked.route, outcome, self.situation(attempt)),
            asked.guard,
            asked.way,
        )
        if guard is None or way is LEGACY or isinstance(verdict, Again):
            return verdict
        asked.way = LEGACY
        return judged(verdict, outcome, guard, way, asked.route, asked.decision, self.record)

    def situation(self, attempt: Attempt) -> Situation:
        """What the judgement needs beside the outcome."""
        asked, wanted = self.asked, attempt.wanted
        assert asked is not None
        return Situation(
            method=wanted.method,
            on_candidate=wanted.upstream is asked.route.candidate,
            body_whole=self.upload is None or self.upload.whole,
            left_s=self.record.started + asked.route.deadline_s - self.edges.clock(),
            was_stale=wanted.fresh,
            has_room=self.edges.pools[asked.route.legacy].has_room(diverted=True),
        )

    def answer(self, asked: Asked, attempt: Attempt) -> None:
        """Commit: the upstream's answer as it came, or our own where it gave none."""
        record, outcome, connection = self.record, attempt.outcome, attempt.connection
        assert outcome is not None
        if connection is None or connection.head is None or outcome.phase is not ANSWERED:
            diverted = attempt.wanted.diverted
            self.give(own_answer(outcome, record.why, diverted=diverted), outcome)
            shed = outcome.fault is BUSY
            self.end(Ending(None, record.rescue_of is not None, record.why, shed=shed))
            return
        upstream, head = attempt.wanted.upstream, connection.head
        record.served, record.status = upstream.name, head.status
        if connection.switched:
            tunnel = Tunnel(
                self.client, connection, idle_s=asked.route.tunnel_idle_s, ended=self.relayed
            )
            tunnel.start(switching_head(head))
            return
        if asked.route.compare is not None:
            self.watch(asked, attempt)
        date = "" if head.dated else self.date()
        behind = fields_behind(head, self.running.snapshot, record, date)
        chunked = commit(self.client, connection, behind)
        if connection.complete:
            self.answered(whole=True)
            return
        relay = Relay(
            self.client,
            connection,
            chunked=chunked,
            pause_s=upstream.pause_s,
            clock=self.edges.clock,
            ended=self.relayed,
        )
        relay.start()

    @step
    def relayed(self, whole: bool) -> None:
        """The rest of the answer has gone out, or broken off."""
        self.answered(whole=whole)

    def answered(self, *, whole: bool) -> None:
        """Account for an answer that went out *whole* or broke off."""
        record, asked = self.record, self.asked
        if not whole:
            record.attempts[-1].outcome = Cause.BODY
            if asked is not None and asked.guard is not None and record.rescue_of is None:
                broke_off(asked.guard, asked.route, asked.decision, record)
        self.end(Ending(record.status, record.rescue_of is not None, record.why, not whole))

    def watch(self, asked: Asked, attempt: Attempt) -> None:
        """Have the answer compared, if it is one of those that are, once the client has it."""
        comparing = self.edges.comparing
        if self.late is not None:
            self.late.watch(attempt)
        elif comparing is not None and self.upload is None:
            self.pair = comparing.watch(asked.route, asked.decision, self.record, attempt)

    def interim(self, head: Head) -> None:
        """Relay a 1xx, but of an attempt that may yet be followed by another: it is a promise."""
        attempt = self.attempt
        if head.status == 100 and self.upload is not None:
            self.upload.invite()
        elif attempt is not None and not (attempt.wanted.hold or self.client.is_http_1_0):
            self.client.inform(interim_head(head))

    def end(self, ending: Ending) -> None:
        """Settle the fate of an exchange that was sent to an upstream."""
        assert self.asked is not None
        self.finish(fate_of(self.asked.decision.reason, ending))

    def refuse(self, problem: Problem) -> None:
        """Answer a request that no upstream is asked about, or not any further."""
        self.give(problem)
        self.finish(fate_of_refusal(problem.status))

    def note(self, notice: Notice) -> None:
        """Answer a request that was meant for nobody behind us."""
        self.record.status = notice.status
        note(self.client, notice, self.record.request_id, self.date())
        self.finish(Fate.OK)

    @step
    def refuse_unread(self, problem: Problem) -> None:
        """Answer bytes that are no request; like every exchange it has one fate."""
        self.give(problem)
        crowded = problem.status == 503
        self.finish(Fate.SHED if crowded else fate_of_refusal(problem.status))

    @step
    def upload_failed(self, problem: Problem) -> None:
        """The client's body cannot be taken further: it is the client that is at fault."""
        if self.record.fate is None:
            self.refuse(problem)

    @step
    def left(self) -> None:
        """End without an answer: the client has gone, or we have to go."""
        if self.record.fate is None:
            self.finish(Fate.CLIENT_GONE if self.client.is_gone else Fate.SHED)

    def fail(self) -> None:
        """Our own error: said in the log with its traceback, to the client only as 500."""
        log.exception("internal error", extra={"fields": {"request_id": self.record.request_id}})
        if self.record.fate is None:
            self.give(
                Problem(500, "internal", "The router failed; the cause is in its log.", close=True)
            )
            self.finish(Fate.INTERNAL_ERROR)

    def give(self, problem: Problem, outcome: Outcome | None = None) -> None:
        """Send *problem*, or break off where an answer has begun already."""
        if self.client.sent:
            self.client.abort()
            return
        self.record.status = problem.status
        if self.running.snapshot.debug_headers:
            problem = with_debug(problem, self.record, outcome)
        give(self.client, problem, self.record.request_id, self.date())

    def finish(self, fate: Fate) -> None:
        """Let everything go and account for it; the client may send its next request."""
        self.record.end(fate)
        if self.wait is not None:
            self.wait.cancel()
        if self.pair is not None and self.edges.comparing is not None:
            self.edges.comparing.ended(self.pair)  # before its connection is another's
        if self.late is not None:
            self.late.ended(gone=self.record.fate is Fate.CLIENT_GONE)  # likewise
        self.let_go()
        self.leave()
        self.record.sent = self.client.sent
        self.edges.account(self.record)
        self.client.finished()

    def leave(self) -> None:
        """Have breaker and budget know that they need not wait for this one."""
        asked, fell_back = self.asked, self.record.rescue_of is not None
        if asked is not None and asked.guard is not None and (fell_back or asked.way is PROBE):
            asked.guard.ended(self.record.started, asked.way, fell_back)

    def abandon(self, route: Route, attempt: Attempt) -> None:
        """End an attempt that legacy is asked instead of; what comes after its timeout is told."""
        late, outcome = self.edges.late, attempt.outcome
        timed_out = outcome is not None and outcome.fault is TIMEOUT
        if late is not None and timed_out and self.upload is None:
            self.late = late.wait_for(route, attempt, self.record)
        self.let_go()

    def let_go(self) -> None:
        """End the attempt, entered in the story however it ended."""
        attempt, self.attempt = self.attempt, None
        if attempt is not None:
            if attempt.outcome is None:
                self.enter(attempt)
            attempt.close()

    def enter(self, attempt: Attempt) -> float:
        """Enter the attempt in the story; the time that it is."""
        now = self.edges.clock()
        name, outcome = attempt.wanted.upstream.name, label_of(attempt.outcome)
        self.record.attempts.append(Attempted(name, outcome, now - attempt.began))
        return now

    def date(self) -> str:
        """Now, as a header says it (RFC 9110 5.6.7)."""
        return date_of(int(self.edges.wall()))

"""The life of an exchange, from its first byte to its one fate.

Nothing here waits: each step is called when what it needs is there, and says what comes next. So
a request that is answered at once costs a few calls, and one that takes long holds no task.
"""

import asyncio
import logging
from typing import Final

from router.core.answers import Head
from router.core.challenges import challenge
from router.core.fallback import Again, Answer, FallBack, goes_on
from router.core.fates import Ending, Fate, fate_of, fate_of_refusal
from router.core.model import Upstream
from router.core.outcome import Fault, Outcome, Phase
from router.core.problems import Notice, Problem
from router.core.record import Record
from router.edge.client.client import Client
from router.edge.client.upload import Upload
from router.edge.signatures import Wanting
from router.edge.upstream.attempt import Attempt
from router.exchange.answering import acknowledge, inform, open_tunnel, pass_on, pass_on_rest, say
from router.exchange.asking import Asked, ask, remember, upload_of
from router.exchange.attempting import broke, ended, enter, succeeded, verdict_on, wanted_of
from router.exchange.edges import Edges
from router.exchange.guarding import step
from router.exchange.observing import Observed
from router.exchange.telling import head_upstream, own_answer

log = logging.getLogger("router")

# Looked up at each request, and on 3.11 an enum's members cost a call.
ANSWERED: Final = Phase.ANSWER
BUSY: Final = Fault.BUSY


class Exchange:
    """One client request and everything done for it."""

    __slots__ = (
        "asked",
        "attempt",
        "client",
        "edges",
        "head",
        "observed",
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
        self.observed: Observed | None = None

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
        remember(asked, self.edges.recently, self.record)
        snapshot = self.running.snapshot
        self.head = head_upstream(self.client, asked, snapshot, self.record, self.span_id)
        self.upload = upload_of(self.client, asked, self.upload_failed)
        self.ask_upstream(asked.decision.upstream)
        if self.upload is not None and self.record.fate is None:
            self.client.receive()

    def ask_upstream(self, upstream: Upstream, *, fresh: bool = False) -> None:
        """Begin an attempt at *upstream*, on a *fresh* connection if a kept one was of no use."""
        asked = self.asked
        assert asked is not None  # there is no attempt before the decision
        method, started = self.client.method, self.record.started
        wanted = wanted_of(asked, upstream, method, self.head, started, fresh)
        pool = self.edges.pools[upstream]
        self.attempt = Attempt(wanted, pool, self.upload, self.settled, self.interim)
        self.attempt.start()

    def judge(self, attempt: Attempt) -> None:
        """Judge how the attempt ended: answer, ask the same again, or fall back to legacy."""
        asked, outcome = self.asked, attempt.outcome
        assert asked is not None
        assert outcome is not None  # it has just ended
        now = enter(attempt, self.record, self.edges)
        if goes_on(outcome):
            succeeded(asked, self.record, now)
            self.answer(asked, attempt)
            return
        match verdict_on(attempt, outcome, asked, self.upload, self.record, self.edges):
            case Again():
                self.let_go()
                self.ask_upstream(attempt.wanted.upstream, fresh=True)
            case FallBack(cause):
                self.record.rescue_of = cause
                if self.upload is None:
                    self.observed = Observed(self.edges, self.record)
                    self.observed.abandoned(asked.route, attempt)
                self.let_go()
                self.ask_upstream(asked.route.legacy)
            case Answer(cause, why):
                self.record.cause, self.record.why = cause, why
                self.answer(asked, attempt)

    def answer(self, asked: Asked, attempt: Attempt) -> None:
        """Commit: the upstream's answer as it came, or our own where it gave none."""
        record, outcome, connection = self.record, attempt.outcome, attempt.connection
        assert outcome is not None
        if connection is None or connection.head is None or outcome.phase is not ANSWERED:
            self.stand_in(attempt, outcome)
            return
        upstream = attempt.wanted.upstream
        record.served, record.status = upstream.name, connection.head.status
        if connection.switched:
            open_tunnel(self.client, connection, asked.route, self.relayed)
            return
        if asked.route.compare is not None and self.upload is None:
            self.observed = self.observed or Observed(self.edges, record)
            self.observed.answers(asked, attempt)
        chunked = pass_on(self.client, connection, self.running.snapshot, record, self.edges)
        if connection.complete:
            self.answered(whole=True)
        else:
            pass_on_rest(self.client, connection, chunked, upstream, self.edges, self.relayed)

    def stand_in(self, attempt: Attempt, outcome: Outcome) -> None:
        """Answer ourselves: the upstream gave no answer, or was not asked."""
        record, diverted = self.record, attempt.wanted.diverted
        self.give(own_answer(outcome, record.why, diverted=diverted), outcome)
        shed = outcome.fault is BUSY
        self.end(Ending(None, record.rescue_of is not None, record.why, shed=shed))

    @step
    def relayed(self, whole: bool) -> None:
        """The rest of the answer has gone out, or broken off."""
        self.answered(whole=whole)

    def answered(self, *, whole: bool) -> None:
        """Account for an answer that went out *whole* or broke off."""
        record = self.record
        if not whole and self.asked is not None:
            broke(self.asked, record)
        self.end(Ending(record.status, record.rescue_of is not None, record.why, not whole))

    def interim(self, head: Head) -> None:
        """Relay a 1xx, but of an attempt that may yet be followed by another: it is a promise."""
        attempt = self.attempt
        if head.status == 100 and self.upload is not None:
            self.upload.invite()
        elif attempt is not None and not (attempt.wanted.hold or self.client.is_http_1_0):
            inform(self.client, head)

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
        acknowledge(self.client, notice, self.record, self.edges)
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
        say(self.client, problem, outcome, self.record, self.running.snapshot, self.edges)

    def finish(self, fate: Fate) -> None:
        """Let everything go and account for it; the client may send its next request."""
        self.record.end(fate)
        if self.wait is not None:
            self.wait.cancel()
        if self.observed is not None:  # before its connection is another's
            self.observed.ended(gone=self.record.fate is Fate.CLIENT_GONE)
        self.let_go()
        if self.asked is not None:
            ended(self.asked, self.record)
        self.record.sent = self.client.sent
        self.edges.account(self.record)
        self.client.finished()

    def let_go(self) -> None:
        """End the attempt, entered in the story however it ended."""
        attempt, self.attempt = self.attempt, None
        if attempt is not None:
            if attempt.outcome is None:
                enter(attempt, self.record, self.edges)
            attempt.close()

"""The life of an exchange, from its first byte to its one fate."""

import asyncio
import logging

from router.core.challenges import challenge
from router.core.fallback import Again, Answer, FallBack, Situation, after, failed_status, may_hold
from router.core.fates import Ending, Fate, fate_of, fate_of_refusal
from router.core.headers import Origin, upstream_head
from router.core.model import Cause, Route, Upstream
from router.core.outcome import Outcome, Phase, label_of
from router.core.problems import Problem
from router.core.record import Attempted, Record
from router.core.tracing import trace_of
from router.edge.front import Client
from router.edge.relay import give, relay
from router.edge.requestbody import RequestBody, UploadRefused
from router.edge.signatures import Wanting
from router.edge.upstream.attempt import Attempt, Wanted
from router.exchange.asking import Asked, ask
from router.exchange.edges import Edges

log = logging.getLogger("router")


class Exchange:
    """One client request and everything done for it."""

    def __init__(self, edges: Edges, client: Client) -> None:
        self.edges = edges
        self.client = client
        self.running = edges.current.running
        self.record = Record(
            request_id=f"{edges.chance.getrandbits(128):032x}",
            client=client.address,
            method=client.method,
            started=edges.clock(),
        )

    async def run(self) -> None:
        """Serve the request to its end, whatever that is, and account for it exactly once."""
        try:
            asked = await self.asked()
            if isinstance(asked, Problem):
                self.refuse(asked)
            else:
                await self.serve(asked)
        except UploadRefused as refused:
            self.refuse(refused.problem)
        except asyncio.CancelledError:
            self.leave()
            raise
        except ConnectionError:
            self.leave()
        except Exception:  # noqa: BLE001 - the one place where our own faults end
            self.fail()
        finally:
            self.record.sent = self.client.sent
            self.edges.account(self.record)

    async def asked(self) -> Asked | Problem:
        """What the client asks for; a token whose key is unknown has its key waited for, once."""
        asked = ask(self.client, self.running, self.record)
        if isinstance(asked, Wanting):
            await asked.settled()
            asked = ask(self.client, self.running, self.record)
        if isinstance(asked, Wanting):
            self.record.refusal = asked.otherwise
            return challenge(asked.otherwise)
        return asked

    async def serve(self, asked: Asked) -> None:
        """Attempt until there is an answer to give, then give it."""
        route, head, body = asked.route, self.forwarded(asked), self.upload(asked)
        upstream, fresh = asked.decision.upstream, False
        while True:
            wanted = self.wanted(route, upstream, head, fresh=fresh)
            attempt = Attempt(wanted, self.edges.pools[upstream])
            try:
                outcome = await self.attempt(attempt, body)
                match after(route, outcome, self.situation(route, wanted, body)):
                    case Again():
                        fresh = True
                    case FallBack(cause):
                        self.record.rescue_of = cause
                        upstream, fresh = route.legacy, False
                    case Answer(cause, why):
                        self.record.cause, self.record.why = cause, why
                        return await self.answer(asked, attempt, outcome)
            finally:
                await attempt.close()

    def wanted(self, route: Route, upstream: Upstream, head: bytes, *, fresh: bool) -> Wanted:
        """The next attempt: the candidate gets its timeout, legacy what is left of the deadline."""
        on_candidate = upstream is route.candidate
        limit_s = min(route.timeout_s, route.deadline_s) if on_candidate else route.deadline_s
        return Wanted(
            upstream=upstream,
            method=self.client.method,
            head=head,
            within_s=self.left(limit_s),
            hold=on_candidate and may_hold(route, self.client.method),
            fresh=fresh,
        )

    def situation(self, route: Route, wanted: Wanted, body: RequestBody | None) -> Situation:
        """What the judgement needs beside the outcome."""
        return Situation(
            method=wanted.method,
            on_candidate=wanted.upstream is route.candidate,
            body_whole=body is None or body.whole,
            left_s=self.left(route.deadline_s),
            was_stale=wanted.fresh,
        )

    async def attempt(self, attempt: Attempt, body: RequestBody | None) -> Outcome:
        """Run *attempt*, and enter it in the story however it ends."""
        began = self.edges.clock()
        try:
            return await attempt.run(body)
        finally:
            took = self.edges.clock() - began
            name, outcome = attempt.wanted.upstream.name, label_of(attempt.outcome)
            self.record.attempts.append(Attempted(name, outcome, took))

    async def answer(self, asked: Asked, attempt: Attempt, outcome: Outcome) -> None:
        """Commit: the upstream's answer as it came, or our own 502 or 504 where it gave none."""
        record, broken = self.record, False
        if attempt.connection is None or outcome.phase is not Phase.ANSWER:
            self.give(own_answer(outcome))
        else:
            record.served, record.status = attempt.wanted.upstream.name, outcome.status or 0
            fields = self.debug_fields(asked, record.served)
            broken = not await relay(self.client, attempt.connection, fields)
        if broken:
            record.attempts[-1].outcome = Cause.BODY
        ending = Ending(
            answered=outcome.status if outcome.phase is Phase.ANSWER else None,
            fell_back=record.rescue_of is not None,
            why=record.why,
            broken=broken,
        )
        record.end(fate_of(asked.decision.reason, ending))

    def refuse(self, problem: Problem) -> None:
        """Answer a request that no upstream is asked about, or not any further."""
        self.record.end(fate_of_refusal(problem.status))
        self.give(problem)

    def refuse_unread(self, problem: Problem) -> None:
        """Answer bytes that are no request; like every exchange it has one fate."""
        self.refuse(problem)
        self.record.sent = self.client.sent
        self.edges.account(self.record)

    def leave(self) -> None:
        """End without an answer: the client has gone, or we have to go."""
        self.record.end(Fate.CLIENT_GONE if self.client.is_gone else Fate.SHED)
        self.client.abort()

    def fail(self) -> None:
        """Our own error: said in the log with its traceback, to the client only as 500."""
        log.exception("internal error", extra={"fields": {"request_id": self.record.request_id}})
        self.record.end(Fate.INTERNAL_ERROR)
        self.give(
            Problem(500, "internal", "The router failed; the cause is in its log.", close=True)
        )

    def give(self, problem: Problem) -> None:
        """Send *problem*, or break off where an answer has begun already."""
        if self.client.sent:
            self.client.abort()
            return
        self.record.status = problem.status
        give(self.client, problem, self.record.request_id)

    def left(self, of_s: float) -> float:
        """Seconds left of *of_s*, counted from the request's head."""
        return self.record.started + of_s - self.edges.clock()

    def forwarded(self, asked: Asked) -> bytes:
        """The head that every attempt sends: the same bytes to candidate and legacy."""
        chance, head = self.edges.chance, asked.head
        trace = trace_of(head.traceparent, chance.getrandbits(128) | 1, chance.getrandbits(64) | 1)
        self.record.trace_id = trace.trace_id
        return upstream_head(
            self.client.method,
            asked.target,
            head,
            Origin(self.record.client),
            [
                (b"X-Request-ID", self.record.request_id.encode()),
                (b"traceparent", trace.header),
                *asked.identity,
            ],
        )

    def upload(self, asked: Asked) -> RequestBody | None:
        """The body that follows, if one does."""
        head = asked.head
        if not head.chunked and not head.content_length:
            return None
        return self.client.body(
            chunked=head.chunked,
            limit=asked.route.max_body,
            expects_continue=head.expects_continue,
        )

    def debug_fields(self, asked: Asked, served: str) -> bytes:
        """The debug fields of an answer, where the configuration asks for them."""
        if not self.running.snapshot.debug_headers:
            return b""
        decision = asked.decision
        return debug_lines(self.record, served, f"{decision.cohort};{decision.reason}")


def own_answer(outcome: Outcome) -> Problem:
    """What the client is told where nobody answered."""
    if failed_status(outcome) == 504:
        return Problem(504, "upstream-timeout", "No answer came in time; try again later.")
    return Problem(502, "upstream-failed", "No usable answer came; try again later.")


def debug_lines(record: Record, served: str, decision: str) -> bytes:
    """Who served and how long each attempt took, as header lines."""
    timing = ", ".join(
        f'{one.upstream};desc="{one.outcome}";dur={one.seconds * 1000:.1f}'
        for one in record.attempts
    )
    lines = (
        f"X-Served-By: {served}",
        f"X-Request-ID: {record.request_id}",
        f"X-Strangler-Decision: {decision}",
        f"Server-Timing: {timing}",
        f"Proxy-Status: strangler; next-hop={served}",
    )
    return "".join(f"{line}\r\n" for line in lines).encode()

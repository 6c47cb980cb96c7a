"""What the router itself says: fields for upstreams, fields for who debugs, and its own answers."""

from dataclasses import replace
from email.utils import formatdate
from functools import lru_cache
from typing import Final

from router.core.answers import Head
from router.core.debugging import debug_fields, error_of, error_of_refusal
from router.core.fallback import SPARED, Why, failed_status
from router.core.fields import lines_of
from router.core.forwarding import Came, Origin, came_of, forwarding_headers
from router.core.headers import VIA_NAME
from router.core.model import Snapshot
from router.core.onward import upstream_head
from router.core.outcome import Outcome
from router.core.problems import Problem
from router.core.record import Record
from router.core.shedding import retry_after
from router.core.tracing import trace_of
from router.edge.client.client import Client
from router.exchange.asking import Asked

NO_BUDGET: Final = Why.BUDGET
VIA: Final = b"Via: 1.1 %b\r\n" % VIA_NAME
VIA_1_0: Final = b"Via: 1.0 %b\r\n" % VIA_NAME


def head_upstream(
    client: Client, asked: Asked, snapshot: Snapshot, record: Record, span_id: str
) -> bytes:
    """The head that every attempt sends: the same bytes to candidate and legacy."""
    message = client.message
    return upstream_head(
        message.raw,
        message.method,
        asked.target,
        asked.head,
        fields_of_ours(client, asked, snapshot, record, span_id),
        upgrade=asked.upgrade,
        token=message.token,
    )


def fields_of_ours(
    client: Client, asked: Asked, snapshot: Snapshot, record: Record, span_id: str
) -> tuple[bytes, bytes, bytes, bytes]:
    """The lines that the router adds: where a request came from, by what way, its ids, who asks."""
    trace = trace_of(asked.head.traceparent, record.trace_id, span_id)
    record.trace_id = trace.trace_id
    came = None
    if snapshot.trusted_proxies:
        came = came_of(client.message.pairs, client.address, snapshot.trusted_proxies)
    if came is not None:
        record.client = came.client
    host = (asked.target.authority or "").encode() or asked.head.host or b""
    ids = trace.lines(record.request_id)
    forwarding = forwarding_lines(client.address, host, came)
    via = VIA_1_0 if client.is_http_1_0 else VIA
    return forwarding, via, ids, asked.identity.lines


@lru_cache(maxsize=1024)
def forwarding_lines(address: str, host: bytes, came: Came | None) -> bytes:
    """The forwarding headers as lines, remembered: a client sends many requests."""
    return lines_of(forwarding_headers(Origin(address), host, came))


def own_answer(outcome: Outcome, why: Why | None = None, *, diverted: bool = False) -> Problem:
    """What the client is told where nobody answered, or nobody could be asked."""
    match failed_status(outcome, why):
        case 503:
            later = (("Retry-After", retry_after(diverted=diverted or why in SPARED)),)
            if why is NO_BUDGET:
                return Problem(503, "no-fallback", "Too much fails; try again later.", later)
            return Problem(503, "busy", "Too much is under way; try again later.", later)
        case 504:
            return Problem(504, "upstream-timeout", "No answer came in time; try again later.")
    return Problem(502, "upstream-failed", "No usable answer came; try again later.")


@lru_cache(maxsize=2)
def date_of(second: int) -> str:
    """A second of the wall clock as a header says it (RFC 9110 5.6.7)."""
    return formatdate(second, usegmt=True)


def fields_behind(head: Head, snapshot: Snapshot, record: Record, date: str) -> bytes:
    """What goes behind an answer's own fields: a date it lacks, and debug fields if asked."""
    dated = b"" if head.dated else f"Date: {date}\r\n".encode()
    if not snapshot.debug_headers:
        return dated
    ids = ("X-Request-ID", record.request_id)
    lines = (ids, *debug_fields(record, None, head.status))
    return dated + "".join(f"{name}: {value}\r\n" for name, value in lines).encode()


def with_debug(problem: Problem, record: Record, outcome: Outcome | None) -> Problem:
    """*problem* with the debug fields: it is told where no upstream's answer was fit to pass on."""
    if outcome is None:
        told = debug_fields(record, error_of_refusal(problem.status), None)
    else:
        told = debug_fields(record, error_of(outcome), outcome.status)
    return replace(problem, headers=(*problem.headers, *told))

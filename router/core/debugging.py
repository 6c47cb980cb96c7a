"""Fields for whoever debugs an answer: who served it, what each attempt took, what went wrong.

`Proxy-Status` is RFC 9209: one member of the list is ours, and goes behind those that an upstream's
own intermediaries have sent. `Server-Timing` is the W3C's. Names of upstreams are tokens of both
grammars, since `router.config` takes no others, and whatever is quoted here is our own words.
"""

from collections.abc import Iterator
from typing import Final

from router.core.outcome import Fault, Outcome, Phase
from router.core.record import Attempted, Record

Fields = tuple[tuple[str, str], ...]

UNCONNECTED: Final = {
    Fault.BUSY: "connection_limit_reached",
    Fault.REFUSED: "connection_refused",
    Fault.TIMEOUT: "connection_timeout",
    Fault.UNRESOLVED: "dns_error",
    Fault.UNTRUSTED: "tls_certificate_error",
    Fault.UNSECURED: "tls_protocol_error",
}
"""What is said where no connection came about (RFC 9209 2.3); else `destination_unavailable`."""


def error_of(outcome: Outcome) -> str:
    """The proxy error type (RFC 9209 2.3) of an attempt that gave no whole answer."""
    match outcome:
        case Outcome(phase=Phase.CONNECT):
            return UNCONNECTED.get(outcome.fault or Fault.UNREACHED, "destination_unavailable")
        case Outcome(fault=Fault.TIMEOUT):
            return "http_response_timeout"
        case Outcome(fault=Fault.GARBAGE):
            return "http_protocol_error"
        case Outcome(phase=Phase.BODY):
            return "http_response_incomplete"
    return "connection_terminated"


def error_of_refusal(status: int) -> str:
    """The proxy error type of an answer of ours that no upstream was asked for."""
    match status:
        case 403:
            return "http_request_denied"
        case 500:
            return "proxy_internal_error"
        case 508:
            return "proxy_loop_detected"
    return "http_request_error" if status < 500 else "proxy_internal_response"


def debug_fields(record: Record, error: str | None, received: int | None) -> Fields:
    """All of them; *error* is of an answer of our own, *received* the upstream's status if any."""
    timing = ", ".join(map(timing_of, record.attempts))
    return (
        ("X-Served-By", record.served),
        ("X-Strangler-Decision", f"{record.cohort};{record.reason}"),
        *((("Server-Timing", timing),) if timing else ()),
        ("Proxy-Status", "; ".join(("strangler", *parameters(record, error, received)))),
    )


def timing_of(attempt: Attempted) -> str:
    """One attempt as a metric of Server-Timing: milliseconds, and what came of it."""
    return f'{attempt.upstream};desc="{attempt.outcome}";dur={attempt.seconds * 1000:.1f}'


def parameters(record: Record, error: str | None, received: int | None) -> Iterator[str]:
    """The parameters of our member: about the last attempt, and in `details` those before it.

    What failed before a rescue is no `error`: that would say the answer were ours.
    """
    if error is not None:
        yield f"error={error}"
    if record.attempts:
        yield f"next-hop={record.attempts[-1].upstream}"
    if received is not None:
        yield f"received-status={received}"
    details = [f"{one.upstream} {one.outcome}" for one in record.attempts[:-1]]
    if record.why is not None:
        details.append(f"not rescued, {record.why}")
    if details:
        yield f'details="{", ".join(details)}"'

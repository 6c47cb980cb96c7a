"""Trace context: which trace an exchange belongs to (W3C Trace Context, level 1)."""

import re

TRACEPARENT = re.compile(
    rb"(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-([0-9a-f]{2})"
)


class Trace:
    """A trace and the router's own span in it."""

    __slots__ = ("flags", "span_id", "trace_id")

    def __init__(self, trace_id: str, span_id: str, flags: str = "01") -> None:
        self.trace_id = trace_id
        self.span_id = span_id
        self.flags = flags

    def lines(self, request_id: str) -> bytes:
        """The ids that go upstream, as header lines."""
        return (
            f"X-Request-ID: {request_id}\r\n"
            f"traceparent: 00-{self.trace_id}-{self.span_id}-{self.flags}\r\n"
        ).encode()


def trace_of(header: bytes | None, trace_id: str, span_id: str) -> Trace:
    """The client's trace continued, or a new one where it sent none that is valid.

    *trace_id* (32 hexadecimal digits) and *span_id* (16) are random and not zero.
    """
    found = TRACEPARENT.fullmatch(header) if header is not None else None
    if found is None:
        return Trace(trace_id, span_id)
    return Trace(found[1].decode(), span_id, found[2].decode())

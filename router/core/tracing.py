"""Trace context: which trace an exchange belongs to (W3C Trace Context, level 1)."""

import re
from dataclasses import dataclass

TRACEPARENT = re.compile(
    rb"(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-([0-9a-f]{2})"
)


@dataclass(frozen=True, slots=True)
class Trace:
    """A trace and the router's own span in it."""

    trace_id: str
    span_id: str
    flags: str = "01"

    @property
    def header(self) -> bytes:
        """The `traceparent` that goes upstream."""
        return f"00-{self.trace_id}-{self.span_id}-{self.flags}".encode()


def trace_of(header: bytes | None, fresh_trace: int, fresh_span: int) -> Trace:
    """The client's trace continued, or a new one where it sent none that is valid.

    *fresh_trace* (128 bits) and *fresh_span* (64 bits) are random and not zero.
    """
    span_id = f"{fresh_span:016x}"
    found = TRACEPARENT.fullmatch(header) if header is not None else None
    if found is None:
        return Trace(f"{fresh_trace:032x}", span_id)
    return Trace(found[1].decode(), span_id, found[2].decode())

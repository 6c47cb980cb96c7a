"""Every change that the router may make to a message; what is not listed here may not change.

Written from RFC 9110 and 9112 and from what is promised, not from the router's code, of which
nothing is imported. *Ours* are patterns of lines that stand behind those that go on.
"""

import re
from collections.abc import Iterable

from tests.differential.reading import Message, name_of

Lines = list[bytes]

HOP_BY_HOP = frozenset(
    {
        *(b"connection", b"keep-alive", b"proxy-connection", b"te", b"transfer-encoding"),
        *(b"upgrade", b"http2-settings", b"proxy-authenticate", b"proxy-authorization"),
    }
)
"""Fields for one hop (RFC 9110 7.6.1, 7.8, 11.7; RFC 7540 3.2.1)."""

SAID_BY_US = frozenset(
    {
        *(b"x-user-id", b"x-user-role", b"x-request-id", b"traceparent", b"x-real-ip"),
        *(b"x-forwarded-for", b"x-forwarded-proto", b"x-forwarded-host", b"x-forwarded-port"),
        b"forwarded",
    }
)
"""What an untrusted client says of itself, with `_` for `-` as well: replaced."""

NOT_IN_TRAILERS = (
    HOP_BY_HOP
    | SAID_BY_US
    | {
        *(b"content-length", b"content-encoding", b"content-type", b"content-range", b"trailer"),
        *(b"host", b"max-forwards", b"expect", b"cache-control", b"pragma", b"range", b"via"),
        *(b"authorization", b"cookie", b"set-cookie", b"www-authenticate", b"warning"),
        *(b"age", b"date", b"expires", b"location", b"retry-after", b"vary"),
    }
)
"""Framing, routing, who asks, modifiers of requests, control of answers (RFC 9110 6.5.1)."""

UNSIZED = frozenset({"chunked", "end"})


def dashed(name: bytes) -> bytes:
    """*name* as an application reads it that makes no difference between `_` and `-`."""
    return name.replace(b"_", b"-")


def named_in_connection(message: Message) -> frozenset[bytes]:
    """What `Connection` says is for this hop, whatever it is (RFC 9110 7.6.1)."""
    return message.members(b"connection")


# --- requests -------------------------------------------------------------------------------------


def request_line(sent: Message) -> tuple[bytes, bytes | None]:
    """The request line that arrives, and the authority of an absolute-form target.

    The version is ours; such a target arrives in origin-form (RFC 9112 3.2.1, 3.2.2).
    """
    method, target, _ = sent.start.split(b" ")
    found = re.fullmatch(rb"(?i:https?)://([^/?]*)(.*)", target)
    if found is None:
        return b"%b %b HTTP/1.1" % (method, target), None
    authority, rest = found[1], found[2]
    if method == b"OPTIONS" and not rest:
        return b"OPTIONS * HTTP/1.1", authority
    return b"%b %b%b HTTP/1.1" % (method, b"/" * (rest[:1] != b"/"), rest), authority


def request_lines(sent: Message) -> Lines:
    """The lines that go on: as they came, in their order."""
    authority, named = request_line(sent)[1], named_in_connection(sent)
    kept = [
        max_forwards(sent, line)
        for line in sent.lines
        if name_of(line) not in HOP_BY_HOP | named | {b"expect"}
        and dashed(name_of(line)) not in SAID_BY_US
    ]
    if authority is not None:  # it wins (RFC 9112 3.2.2)
        return [b"Host: " + authority, *(line for line in kept if name_of(line) != b"host")]
    return kept if sent.values(b"host") else [b"Host: ", *kept]  # RFC 9112 3.2


def max_forwards(sent: Message, line: bytes) -> bytes:
    """One hop less for OPTIONS (RFC 9110 7.6.2), and no blanks behind the number."""
    found = re.fullmatch(rb"(?i:(max-forwards:[ \t]*))([0-9]+)[ \t]*", line)
    if found is None or sent.method != b"OPTIONS":
        return line
    return found[1] + b"%d" % (int(found[2]) - 1)


def lines_added_to_request(sent: Message, who: Lines) -> Lines:
    """Patterns of what we say: of the client, of the way, of the trace, of *who* asks, of our hop.

    Each is there once.
    """
    authority = request_line(sent)[1]
    host = re.escape(authority if authority is not None else b"".join(sent.values(b"host")))
    ours = [
        rb"X-Forwarded-For: 127\.0\.0\.1",
        rb"X-Forwarded-Proto: http",
        rb"X-Forwarded-Host: " + host,
        rb'Forwarded: for=127\.0\.0\.1;proto=http;host="%b"' % host,
        rb"Via: 1\.%b strangler" % sent.start[-1:],
        rb"X-Request-ID: " + request_id(sent),
        rb"traceparent: 00-%b-[0-9a-f]{16}-[0-9a-f]{2}" % trace_id(sent),
        *who,
    ]
    if sent.framing == "chunked":
        ours.append(rb"Transfer-Encoding: chunked")
    if sent.values(b"expect") and has_body(sent):
        ours.append(rb"Expect: 100-continue")
    if b"trailers" in sent.members(b"te"):
        ours += [rb"Connection: TE", rb"TE: trailers"]
    return ours


def has_body(sent: Message) -> bool:
    """Whether a request has a body, be it empty in one chunk."""
    return sent.framing == "chunked" or bool(sent.body)


def request_id(sent: Message) -> bytes:
    """The client's, where it fits into a log, or a new one."""
    said = sent.values(b"x-request-id")
    fits = said and re.fullmatch(rb"[A-Za-z0-9._:/+=@-]{1,128}", said[-1])
    return re.escape(said[-1]) if fits else rb"[0-9a-f]{32}"


def trace_id(sent: Message) -> bytes:
    """The client's trace, where it says one, or a new one (W3C Trace Context)."""
    said = sent.values(b"traceparent")
    return said[-1].split(b"-")[1] if said else rb"[0-9a-f]{32}"


# --- answers --------------------------------------------------------------------------------------


def status_line(said: Message) -> bytes:
    """The status line that the client gets: the version is ours, the reason as it came."""
    _, status, *reason = said.start.split(b" ", 2)
    return b"HTTP/1.1 %b %b" % (status, b"".join(reason))


def answer_lines(said: Message) -> Lines:
    """The lines that go on: as they came, in their order."""
    dropped = HOP_BY_HOP | named_in_connection(said)
    return [line for line in said.lines if name_of(line) not in dropped]


def lines_added_to_answer(said: Message, asked: Message) -> Lines:
    """Patterns of what we say: when, and of the client's own hop."""
    ours = []
    if not said.values(b"date"):  # RFC 9110 6.6.1
        ours.append(rb"Date: [A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT")
    if not stays(asked, said):
        ours.append(rb"Connection: close")
    elif is_http_1_0(asked):
        ours.append(rb"Connection: keep-alive")
    if answer_framing(said, asked) == "chunked":
        ours.append(rb"Transfer-Encoding: chunked")
    return ours


def answer_framing(said: Message, asked: Message) -> str:
    """How the client is told the body's end: HTTP/1.0 knows no chunks (RFC 9112 6.1, 6.3)."""
    if said.framing not in UNSIZED:
        return said.framing
    return "end" if is_http_1_0(asked) else "chunked"


def stays(asked: Message, said: Message) -> bool:
    """Whether the client's connection takes another request (RFC 9112 9.3)."""
    options = asked.members(b"connection")
    if b"close" in options:
        return False
    if is_http_1_0(asked):
        return b"keep-alive" in options and said.framing not in UNSIZED
    return True


def is_http_1_0(asked: Message) -> bool:
    """Whether the client speaks HTTP/1.0."""
    return asked.start.endswith(b" HTTP/1.0")


def interims(said: Iterable[Message], asked: Message, *, held: bool) -> list[tuple[bytes, Lines]]:
    """The interim answers that go on (RFC 9110 15.2): none to HTTP/1.0, which knows none.

    Nor where the answer is *held*, since it may be another upstream's yet; nor 100 for a body
    that is on its way already.
    """
    if held or is_http_1_0(asked):
        return []
    return [
        (status_line(one), answer_lines(one))
        for one in said
        if one.status != 100 or not has_body(asked)
    ]


# --- both -----------------------------------------------------------------------------------------


def trailers(message: Message) -> Lines:
    """The trailer lines that go on."""
    dropped = NOT_IN_TRAILERS | named_in_connection(message)
    return [
        line
        for line in message.trailers
        if dashed(name_of(line)) not in NOT_IN_TRAILERS and name_of(line) not in dropped
    ]

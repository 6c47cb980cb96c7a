"""What the scripted upstreams do with a request, as bytes and an end: a function of its plan."""

from dev.chaos.rescue.table import AT_ACCEPT, CUTS, DIES_ONCE, FAILING, PASSING
from dev.chaos.rescue.words import TIMEOUT_S, Cell, End, Framing, Legacy, Plan, Script

BODILESS = frozenset({"204", "304"})
LINKS = b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n"
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
CHUNK = 10_000
PRIMED = 50
"""Bytes of the sound answer that leaves a connection."""
INSTEAD = {
    "garbage": b"\x00\xff\x17garbage\r\n\r\n",
    "TLS alert": b"\x15\x03\x01\x00\x02\x02\x32",
    "HTTP/0.9": b"<html>It works.</html>\r\n",
    "SSH banner": b"SSH-2.0-OpenSSH_9.2\r\n",
    "head without end": b"HTTP/1.1 200 OK\r\n" + b"X-More: and more\r\n" * 8_000,
    "head of 1 MiB": b"HTTP/1.1 200 OK\r\nX-Huge: " + b"a" * 2**20 + b"\r\n\r\n",
    "two lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
    "length and chunked": (
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    ),
    "bare line feeds": b"HTTP/1.1 200 OK\nContent-Length: 5\n\nhello",
    "status 99": b"HTTP/1.1 99 Low\r\nContent-Length: 0\r\n\r\n",
    "101 unasked": b"HTTP/1.1 101 Switching\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
    "10,000 interim answers": LINKS * 10_000,
}
BAD_BODIES = {
    "bad chunk size": b"zz\r\nhello\r\n0\r\n\r\n",
    "no line end behind a chunk": b"5\r\nhelloXX0\r\n\r\n",
}
FIRST = {"100 first": CONTINUE, "103 first": LINKS, "20 interim answers": LINKS * 20}


def body_of(who: str, number: int, size: int) -> bytes:
    """A body that tells whose it is, and of which exchange."""
    line = f"{who} {number} ".encode()
    return (line * (size // len(line) + 1))[:size]


def head_of(status: str, reason: str, who: str, number: int, *fields: str) -> bytes:
    """The head of an answer that tells the same."""
    lines = (f"HTTP/1.1 {status} {reason}", f"X-From: {who} {number}", *fields, "", "")
    return "\r\n".join(lines).encode()


def chunked(body: bytes) -> bytes:
    """*body* in chunks, with the last one."""
    pieces = [body[at : at + CHUNK] for at in range(0, len(body), CHUNK)]
    return b"".join(b"%x\r\n%b\r\n" % (len(one), one) for one in pieces) + b"0\r\n\r\n"


def answer_of(number: int, cell: Cell, size: int) -> tuple[bytes, bytes]:
    """The candidate's answer as it would be whole: head and framed body."""
    status, *fields = status_of(cell)
    body = payload_of(number, cell, size)
    match cell.framing:
        case Framing.LENGTH if status not in BODILESS:
            fields.append(f"Content-Length: {len(body)}")
        case Framing.CHUNKED:
            fields.append("Transfer-Encoding: chunked")
        case Framing.UNTIL_CLOSED:
            fields.append("Connection: close")
        case Framing.EVENTS:
            fields += ["Transfer-Encoding: chunked", "Content-Type: text/event-stream"]
    head = head_of(status, "Said", "candidate", number, *fields)
    if cell.method == "HEAD":
        return head, b""
    return head, chunked(body) if b"\r\nTransfer-Encoding: chunked" in head else body


def payload_of(number: int, cell: Cell, size: int) -> bytes:
    """What of the candidate's answer is its content, were it asked for with GET."""
    if status_of(cell)[0] in BODILESS or cell.where == "without":
        return b""
    return body_of("candidate", number, size)


def status_of(cell: Cell) -> list[str]:
    """The status that the candidate says, and fields that belong to it."""
    if cell.fault in FAILING + PASSING:
        status, _, overload = cell.fault.partition(" ")
        fields = ["Retry-After: 1"] if overload else []
        return [status, *fields, *(["Location: http://coach.invalid/"] if status == "301" else [])]
    return ["200"]


def candidates(plan: Plan, time: int) -> Script:
    """What the candidate does when the request reaches it for the first, second, … *time*."""
    cell = plan.cell
    whole = b"".join(answer_of(plan.number, cell, plan.size))
    if cell.where == "while it reads":
        return Script((), End.RESET, reads=cell.upload // 2)
    if cell.fault in DIES_ONCE and time == 1:
        return Script((), DIES_ONCE[cell.fault])
    if cell.fault in CUTS:
        return Script((whole[: plan.cut],) if plan.cut else (), CUTS[cell.fault])
    if cell.fault in INSTEAD:
        return Script((INSTEAD[cell.fault],), End.STALL)
    if cell.fault in BAD_BODIES:
        fields = "Transfer-Encoding: chunked"
        head = head_of("200", "Said", "candidate", plan.number, fields)
        return Script((head + BAD_BODIES[cell.fault],), End.STALL)
    return peculiar(plan, whole)


def peculiar(plan: Plan, whole: bytes) -> Script:
    """A sound answer, with something about when or how it comes."""
    match plan.cell.fault:
        case "head dripped":
            return Script(tuple(bytes([one]) for one in whole), every_s=TIMEOUT_S / 20)
        case "late answer":
            return Script((whole,), after_s=TIMEOUT_S * 1.5)
        case "bytes after the answer":
            more = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nmore"
            return Script((whole + more,), spoils=True)
        case "closes what it let be kept":
            return Script((whole,), End.CLOSE)
        case "answers early":
            return Script((whole,), reads=0, drains=True)
        case "client leaves":
            return leaving(plan)
    until_closed = plan.cell.framing is Framing.UNTIL_CLOSED
    first = FIRST.get(plan.cell.fault, b"")
    return Script((first + whole,), End.CLOSE if until_closed else End.KEEP)


def leaving(plan: Plan) -> Script:
    """What the candidate does while its client goes away."""
    match plan.cell.where:
        case "in the body":
            events = head_of(
                "200",
                "Said",
                "candidate",
                plan.number,
                "Transfer-Encoding: chunked",
                "Content-Type: text/event-stream",
            )
            return Script((events + b"5\r\nhello\r\n",), End.STALL)
        case "during the fallback":
            return Script((), End.RESET)
    return Script((), End.STALL)


def primers(plan: Plan) -> Script:
    """The candidate's sound answer to what goes before."""
    end = End.CLOSE if plan.cell.lane == "closing" else End.KEEP
    body = body_of("candidate", plan.number, PRIMED)
    head = head_of("200", "OK", "candidate", plan.number, f"Content-Length: {len(body)}")
    return Script((head + body,), end)


def legacys(plan: Plan, *, primer: bool) -> Script:
    """What legacy does."""
    match Legacy.SOUND if primer else plan.cell.legacy:
        case Legacy.RESETTING:
            return Script((), End.RESET)
        case Legacy.STALLING:
            return Script((), End.STALL)
        case legacy:
            status = "500" if legacy is Legacy.FAILING else "200"
    body = legacy_body(plan)
    head = head_of(status, "Legacy", "legacy", plan.number, f"Content-Length: {len(body)}")
    return Script((head + (b"" if plan.cell.method == "HEAD" and not primer else body),))


def legacy_body(plan: Plan) -> bytes:
    """What legacy says."""
    return body_of("legacy", plan.number, 40 + plan.number % 1000)


def at_accept(lane: str) -> Script:
    """What a server does that never reads a request."""
    ends = {"closes at accept": End.CLOSE, "resets at accept": End.RESET}
    assert lane in AT_ACCEPT
    return Script((), ends[lane]) if lane in ends else Script((INSTEAD["SSH banner"],), End.STALL)

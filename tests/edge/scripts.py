"""The steps that scripted upstreams play, by the names of the faults they stand for."""

import asyncio
from dataclasses import replace

from tests.edge.upstreams import Line, Play, Step


def answer_of(name: str) -> bytes:
    """The body that upstream *name* answers with where a test does not say."""
    return b'{"from": "%b"}' % name.encode()


def head(status: int, *fields: str, reason: str = "Said") -> bytes:
    """A response head."""
    lines = (f"HTTP/1.1 {status} {reason}", *fields, "", "")
    return "\r\n".join(lines).encode("latin-1")


def chunk(data: bytes) -> bytes:
    """One chunk of a chunked body."""
    return b"%x\r\n%b\r\n" % (len(data), data)


def ok(body: bytes | None = None, *fields: str, status: int = 200) -> Step:
    """A sound answer with a Content-Length."""

    async def play(line: Line) -> None:
        content = answer_of(line.name) if body is None else body
        length = f"Content-Length: {len(content)}"
        sent = b"" if line.request.method == "HEAD" else content
        await line.send(head(status, length, *fields) + sent)

    return Step(f"ok {status}", play)


def status(code: int, *fields: str, body: bytes = b"said so") -> Step:
    """A sound answer of that status."""
    return Step(f"status {code}", ok(body, *fields, status=code).play)


def bodiless(code: int, *fields: str) -> Step:
    """A status line and fields, and no body whatever they say."""
    return raw(head(code, *fields), name=f"bodiless {code}")


def raw(data: bytes, *, name: str = "", closes: bool = False) -> Step:
    """These bytes as they are."""

    async def play(line: Line) -> None:
        await line.send(data)
        if closes:
            line.close()

    return Step(name or f"raw {data[:30]!r}", play)


def chunked(*pieces: bytes, fields: tuple[str, ...] = ()) -> Step:
    """A sound answer in chunks, each sent by itself."""

    async def play(line: Line) -> None:
        await line.send(head(200, "Transfer-Encoding: chunked", *fields))
        for piece in pieces:
            await line.send(chunk(piece))
        await line.send(b"0\r\n\r\n")

    return Step("chunked", play)


def until_closed(*pieces: bytes) -> Step:
    """A sound answer whose end is that of the connection."""

    async def play(line: Line) -> None:
        await line.send(head(200))
        for piece in pieces:
            await line.send(piece)
        line.close()

    return Step("until closed", play)


def hang() -> Step:
    """Take the request and say nothing."""
    return Step("hang", Line.until_left, hangs=True)


def refuse() -> Step:
    """Refuse connections: nobody listens on the port."""
    return Step("refuse", Line.until_left)


def unanswered() -> Step:
    """Leave the first packet of a connection unanswered."""
    return Step("unanswered", Line.until_left, hangs=True)


def closes_at_once() -> Step:
    """Accept, and close before a byte is read."""

    async def play(line: Line) -> None:
        line.close()

    return Step("closes at once", play, at_accept=True)


def resets_at_once() -> Step:
    """Accept, and reset before a byte is read."""

    async def play(line: Line) -> None:
        line.reset()

    return Step("resets at once", play, at_accept=True)


def close_before_byte() -> Step:
    """Take the request and close."""

    async def play(line: Line) -> None:
        line.close()

    return Step("close before a byte", play)


def reset_before_byte() -> Step:
    """Take the request and reset."""

    async def play(line: Line) -> None:
        line.reset()

    return Step("reset before a byte", play)


def then_end(data: bytes, name: str, *, by_reset: bool = False) -> Step:
    """Send *data*, then close or reset."""

    async def play(line: Line) -> None:
        await line.send(data)
        if by_reset:
            await asyncio.sleep(0.02)  # let the bytes arrive: RST would throw them away
            line.reset()
        else:
            line.close()

    return Step(name, play)


def reset_in_head() -> Step:
    """Die between the status line and the end of the head."""
    return then_end(b"HTTP/1.1 200 OK\r\nContent-Le", "reset in head", by_reset=True)


def die_in_mid_body(of: int = 100, *, after: bytes = b"half", by_reset: bool = False) -> Step:
    """A right head, then some of the body, then the end."""
    data = head(200, f"Content-Length: {of}") + after
    return then_end(data, f"die in mid-body{' by reset' * by_reset}", by_reset=by_reset)


def die_between_chunks(after: bytes = b"half") -> Step:
    """A chunked body that ends without its last chunk."""
    return then_end(head(200, "Transfer-Encoding: chunked") + chunk(after), "die between chunks")


def die_in_chunk() -> Step:
    """A chunked body that ends within a chunk."""
    data = head(200, "Transfer-Encoding: chunked") + b"64\r\nhalf"
    return then_end(data, "die in a chunk")


def then_stay(data: bytes, name: str) -> Step:
    """Send *data*, and keep the connection: that is the fault, and nothing need be waited for."""

    async def play(line: Line) -> None:
        await line.send(data)
        await line.until_left()

    return Step(name, play)


def then_hang(data: bytes, name: str) -> Step:
    """Send *data*, and then no more, though more is needed."""
    return replace(then_stay(data, name), hangs=True)


def stall_body() -> Step:
    """A right head and some of the body, then silence."""
    return then_hang(head(200, "Content-Length: 100") + b"half", "stall body")


def chunk_never_ends() -> Step:
    """A chunk that is announced and never filled."""
    data = head(200, "Transfer-Encoding: chunked") + b"ffff\r\nhalf"
    return then_hang(data, "chunk never ends")


def last_chunk_missing() -> Step:
    """Every chunk there but the last, then silence."""
    data = head(200, "Transfer-Encoding: chunked") + chunk(b"all of it")
    return then_hang(data, "last chunk missing")


def garbage(data: bytes = b"\x00\xff\x17garbage\r\n\r\n", name: str = "garbage") -> Step:
    """Bytes that are no HTTP answer."""
    return then_stay(data, name)


def tls_bytes() -> Step:
    """The answer of a TLS server to what it takes for a broken hello."""
    return garbage(b"\x15\x03\x01\x00\x02\x02\x32", "TLS alert")


def banner() -> Step:
    """A server that speaks first, and another protocol."""

    async def play(line: Line) -> None:
        await line.send(b"SSH-2.0-OpenSSH_9.2\r\n")
        await line.until_left()

    return Step("SSH banner", play, at_accept=True)


def drip_head(every_s: float = 0.05) -> Step:
    """A head that comes byte by byte, each in time and the whole never."""

    async def play(line: Line) -> None:
        for byte in head(200, "X-Long: " + "a" * 500, "Content-Length: 0"):
            if not line.is_open:
                return
            await line.send(bytes([byte]))
            await asyncio.sleep(every_s)

    return Step("drip head", play, hangs=True)


def endless_head() -> Step:
    """A head without end."""

    async def play(line: Line) -> None:
        await line.send(b"HTTP/1.1 200 OK\r\n")
        while line.is_open and line.writer.transport.get_write_buffer_size() == 0:
            await line.send(b"X-More: and more\r\n" * 500)
        await line.until_left()

    return Step("head without end", play)


def huge_head(size: int = 1024 * 1024) -> Step:
    """A head of a mebibyte, in one field."""
    return then_stay(head(200, "X-Huge: " + "a" * size, "Content-Length: 0"), f"head of {size}")


def late(after_s: float) -> Step:
    """A sound answer, too late."""

    async def play(line: Line) -> None:
        await asyncio.sleep(after_s)
        await ok(b"late").play(line)

    return Step("late", play, hangs=True)


def interim(code: int, times: int = 1) -> Step:
    """Interim answers before a sound one."""
    ahead = head(code, "Link: </style.css>; rel=preload") * times

    async def play(line: Line) -> None:
        await line.send(ahead)
        await ok().play(line)

    return Step(f"{times} x {code}", play)


def with_extra(extra: bytes) -> Step:
    """A sound answer with bytes after it, in one packet."""

    async def play(line: Line) -> None:
        body = answer_of(line.name)
        await line.send(head(200, f"Content-Length: {len(body)}") + body + extra)

    return Step("bytes after the answer", play)


def early(code: int, *, closes: bool = False, drains: bool = False) -> Step:
    """An answer before the body of the request is read."""

    async def play(line: Line) -> None:
        await line.send(head(code, "Content-Length: 5", *["Connection: close"] * closes) + b"early")
        if closes:
            line.close()
        elif drains:
            await line.read_body()
        else:
            await line.until_left()

    return Step(f"early {code}", play, reads_body=False)


def dies_while_reading(after: int) -> Step:
    """Take *after* bytes of the request's body, and reset."""

    async def play(line: Line) -> None:
        line.request.body = await line.reader.readexactly(after)
        line.reset()

    return Step("dies while reading", play, reads_body=False)


def played(play: Play, name: str = "played", *, reads_body: bool = True) -> Step:
    """A step of the test's own."""
    return Step(name, play, reads_body=reads_body)

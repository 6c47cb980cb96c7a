"""Heads of answers that no client may be given: framing in doubt, broken lines, no HTTP at all."""

from functools import partial

from tests.conformance.answers import broken, passes
from tests.conformance.ways import Way
from tests.conformance.writing import CHUNKED, HELLO, answer, message

HELLO_5 = "Content-Length: 5"
sound = partial(answer, HELLO_5, body="hello")

TOO_LONG = {Way.SPLIT: "a million reads take longer than the route's timeout"}
LIKE_SOUND = {"status": 200, "reason": "OK", "fields": (HELLO_5,), "body": "hello"}


def lengths(said: str) -> bytes:
    """An answer with that Content-Length."""
    return answer(f"Content-Length: {said}", body="hello")


def encodings(said: str) -> bytes:
    """An answer with that Transfer-Encoding."""
    return answer(f"Transfer-Encoding: {said}", body=HELLO)


def first(said: str) -> bytes:
    """A sound answer but for its status line."""
    return message(said, HELLO_5, body="hello")


BAD_FRAMING = [
    broken(
        "two lengths that differ", "9112 6.3", answer(HELLO_5, "Content-Length: 6", body="hello!")
    ),
    broken("two lengths that agree", "9112 6.3", answer(HELLO_5, HELLO_5, body="hello")),
    broken("a list of lengths that differ", "9112 6.3", lengths("5, 6")),
    broken("a list of lengths that agree", "9112 6.3", lengths("5, 5")),
    broken("a length with a plus", "9110 8.6", lengths("+5")),
    broken("a length with a minus", "9110 8.6", lengths("-5")),
    broken("a length in hexadecimal", "9110 8.6", lengths("0x5")),
    broken("a length and more", "9110 8.6", lengths("5 x")),
    broken("a length with an underscore", "9110 8.6", lengths("1_0")),
    broken("an empty length", "9110 8.6", lengths("")),
    broken("a length of 30 digits", "9110 8.6", lengths("9" * 30)),
    broken("a length that a register takes for 5", "9110 8.6", lengths(str(2**64 + 5))),
    broken("a length with a superscript digit", "9110 8.6", lengths("\xb2")),
    broken("a length and chunked", "9112 6.3", answer(HELLO_5, CHUNKED, body=HELLO)),
    broken("chunked and a length", "9112 6.3", answer(CHUNKED, "Content-Length: 15", body=HELLO)),
    broken("gzip", "9112 6.1", encodings("gzip")),
    broken("gzip, then chunked", "9112 6.1", encodings("gzip, chunked")),
    broken("chunked, then gzip", "9112 6.3", encodings("chunked, gzip")),
    broken("chunked twice", "9112 6.1", encodings("chunked, chunked")),
    broken("chunked in two fields", "9112 6.1", answer(CHUNKED, CHUNKED, body=HELLO)),
    broken("xchunked", "9112 6.1", encodings("xchunked")),
    broken("identity", "9112 7", encodings("identity")),
    broken("an empty Transfer-Encoding", "9112 6.1", encodings("")),
    broken("chunked in quotes", "9112 7", encodings('"chunked"')),
    broken("chunked in HTTP/1.0", "9112 6.1", answer(CHUNKED, body=HELLO, version="1.0")),
]


BAD_LINES = [
    broken("a fold", "9112 5.2", sound("X-A: b", " c")),
    broken("a fold by a tab", "9112 5.2", sound("X-A: b", "\tc")),
    broken("a fold behind the status line", "9112 2.2", sound(" X-A: b")),
    broken("a folded length", "9112 5.2", answer("Content-Length:\r\n 5", body="hello")),
    passes(
        "a blank before the colon",
        "9112 5.1",
        sound("X-A : b"),
        fields=(HELLO_5, "X-A: b"),
        or_broken=True,
    ),
    broken("no colon", "9112 5", sound("X-A")),
    broken("no name", "9112 5", sound(": b")),
    *(
        broken(f"{one!r} in a name", "9110 5.1", sound(f"X{one}A: b"))
        for one in "\0\x01 \x7f\xe9(@"
    ),
    broken("NUL in a value", "9110 5.5", sound("X-A: b\0c")),
    broken("NUL at the end of a value", "9110 5.5", sound("X-A: b\0")),
    broken("CR in a value", "9110 5.5", sound("X-A: b\rc")),
    broken("a head of 1 MiB", "FAULTS 2", sound("X-A: " + "a" * 2**20), unless=TOO_LONG),
    broken(
        "2,000 fields",
        "FAULTS 2",
        sound(*(f"X-{number}: a" for number in range(2000))),
        unless=TOO_LONG,
    ),
    passes(
        "LF for every line end",
        "9112 2.2",
        b"HTTP/1.1 200 OK\nContent-Length: 5\n\nhello",
        **LIKE_SOUND,
        or_broken=True,
    ),
    broken("an LF in a value, and a field behind it", "9110 5.5", sound("X-A: b\n\x01: c")),
]


BAD_STATUS = [
    *(
        broken(one, "9112 4; 9110 15", first(f"HTTP/1.1 {one}"))
        for one in (
            "99 Low",
            "1000 High",
            "0 Nought",
            "20 Short",
            "2x0 Odd",
            "-200 Minus",
            "+200 Plus",
        )
    ),
    *(
        broken(one, "9112 2.3, 4", first(f"{one} 200 OK"))
        for one in (
            "HTTP/0.9",
            "HTTP/2.0",
            "HTTP/3",
            "http/1.1",
            "HTTP/1.1x",
            "ICY",
            "RTSP/1.0",
            "HTTPS/1.1",
            "HTTP/1",
        )
    ),
    broken("two blanks before the status", "9112 4", first("HTTP/1.1  200 OK")),
    broken("a tab before the status", "9112 4", first("HTTP/1.1\t200 OK")),
    broken("no status", "9112 4", first("HTTP/1.1 OK")),
    broken("NUL in the reason", "9112 4", first("HTTP/1.1 200 O\0K")),
    broken("CR in the reason", "9112 4", first("HTTP/1.1 200 O\rK")),
    broken("CR, and a field, for the reason", "9112 2.2, 4", first("HTTP/1.1 200\rX-A: b")),
    broken("a control byte in the reason", "9112 4", first("HTTP/1.1 200 O\x01K")),
    broken(
        "101 that nobody asked for",
        "9110 7.8, 15.2.2",
        message("HTTP/1.1 101 Switching Protocols", "Connection: Upgrade", "Upgrade: websocket"),
    ),
    broken("101 without its fields", "9110 15.2.2", message("HTTP/1.1 101 Switching Protocols")),
]


NO_HTTP = [
    broken("garbage", "9112 2.1", b"\x00\xff\x17garbage\r\n\r\n"),
    broken("a TLS alert", "9112 2.1", b"\x15\x03\x01\x00\x02\x02\x32"),
    broken("an SSH banner", "9112 2.1", b"SSH-2.0-OpenSSH_9.2\r\n"),
    broken("an HTTP/0.9 body", "9112 2.3", b"<html>hello</html>\r\n"),
    broken("an HTTP/0.9 body, to its end", "9112 2.3", b"<html>hello</html>\r\n", ends=True),
    broken("a request", "9112 2.1", message("GET / HTTP/1.1", "Host: fit.example")),
    broken("an HTTP/2 frame", "9113 4.1", b"\x00\x00\x12\x04\x00\x00\x00\x00\x00" + bytes(18)),
    broken("JSON", "9112 2.1", b'{"status": 200}\n'),
]

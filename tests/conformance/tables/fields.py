"""The syntax of header fields in requests: what is no field is refused, the rest stays itself."""

from tests.conformance.rows import Request, refused, served
from tests.conformance.writing import HOST, get, line, message

DELIMITERS = '"(),/;<=>?@[\\]{}'
"""The visible characters that are no token's (RFC 9110 5.6.2), but for the colon."""

CONTROLS = "\x01\x08\x0b\x0c\x0e\x1f"

FIRST = "GET /elsewhere HTTP/1.1"


def name(said: str, wording: str) -> Request:
    """A row with a field of that name."""
    return refused(wording, "9112 5; 9110 5.1, 5.6.2", get(f"{said}: b"))


NAMES = [
    *(name(f"X{one}A", f"{one} in a name") for one in DELIMITERS),
    *(
        name(f"X{one}A", f"byte {ord(one):#04x} in a name")
        for one in f"\0{CONTROLS}\x7f\x80\xe9\xff"
    ),
    name("X A", "a blank in a name"),
    name("X\tA", "a tab in a name"),
    name("", "an empty name"),
    refused("a blank before the colon", "9112 5.1", get("X-A : b")),
    refused("a tab before the colon", "9112 5.1", get("X-A\t: b")),
    refused("no colon", "9112 5", get("X-A")),
    refused("a blank for a line", "9112 2.2, 5.2", get(" ")),
    refused("no name and no value", "9112 5", get(":")),
    served("every byte of a token", "9110 5.6.2", get("!#$%&'*+-.^_`|~09azAZ: b")),
    served("a single letter", "9110 5.6.2", get("x: b")),
]

LINES = [
    refused("folded by a blank", "9112 5.2", get("X-A: b", " c")),
    refused("folded by a tab", "9112 5.2", get("X-A: b", "\tc")),
    refused("folded, and nothing on it", "9112 5.2", get("X-A: b", " ", "X-B: c")),
    refused("the first field begins with a blank", "9112 2.2", message(FIRST, f" Host: {HOST}")),
    refused(
        "the first field begins with a tab", "9112 2.2", message(FIRST, "\tX-A: b", f"Host: {HOST}")
    ),
    refused("every line ends with LF", "9112 2.2", message(FIRST, f"Host: {HOST}", end="\n")),
    refused(
        "every line ends with CR", "9112 2.2", message(FIRST, f"Host: {HOST}", end="\r") + b"\n\n"
    ),
    refused("one field ends with LF", "9112 2.2", message(FIRST, f"Host: {HOST}\nX-A: b")),
    refused("one field ends with CR", "9112 2.2", message(FIRST, f"Host: {HOST}\rX-A: b")),
    refused(
        "one field ends with CR CR LF", "9112 2.2", message(FIRST, f"Host: {HOST}\r", "X-A: b")
    ),
    refused("the first line ends with LF", "9112 2.2", message(f"{FIRST}\nHost: {HOST}")),
    refused("the first line ends with CR", "9112 2.2", message(f"{FIRST}\rHost: {HOST}")),
    refused("the head ends with LF", "9112 2.2", f"{FIRST}\r\nHost: {HOST}\r\n\n".encode()),
    refused("the head ends with CR", "9112 2.2", f"{FIRST}\r\nHost: {HOST}\r\n\rX".encode()),
]

VALUES = [
    refused("a NUL", "9110 5.5", get("X-A: b\0c")),
    refused("a NUL alone", "9110 5.5", get("X-A: \0")),
    refused("a NUL at the end", "9110 5.5", get("X-A: b\0")),
    refused("a CR", "9110 5.5", get("X-A: b\rc")),
    refused("a CR first", "9110 5.5", get("X-A: \rb")),
    refused("an LF, and a field behind it", "9110 5.5", get("X-A: b\nX-B: c")),
    refused("an LF, and a fold behind it", "9110 5.5", get("X-A: b\n c")),
    *(refused(f"byte {ord(one):#04x}", "9110 5.5", get(f"X-A: b{one}c")) for one in CONTROLS),
    served("empty", "9110 5.5", get("X-A:", "X-B: ")),
    served("no blank behind the colon", "9112 5", get("X-A:b")),
    served(
        "blanks around it", "9112 5.1", get("X-A: \t b \t "), fields=(f"Host: {HOST}", "X-A: b")
    ),
    served("blanks and tabs within", "9110 5.5", get("X-A: b  c\td")),
    served("colons within", "9110 5.5", get("X-A: b: c:d")),
    served("bytes from 0x80", "9110 5.5", get("X-A: \x80\xa0\xe4\xff", "X-B: \xc3\xa4")),
    served("what would be UTF-16 or broken UTF-8", "9110 5.5", get("X-A: \xff\xfe\xed\xa0\x80")),
    served("quotes that never end", "9110 5.5", get('X-A: "b', "X-B: c")),
    served("commas and nothing between them", "9110 5.6.1", get("X-A: ,,b,,")),
]

ORDER = [
    served("one field twice", "9110 5.3", get("X-A: b", "X-A: c")),
    served("one field twice, another between", "9110 5.3", get("X-A: b", "X-B: c", "X-A: d")),
    served("one field twice, in two cases", "9110 5.1, 5.3", get("x-a: b", "X-A: c")),
    served("the same line twice", "9110 5.3", get("X-A: b", "X-A: b")),
    served(
        "order and case of names",
        "9110 5.1, 5.3",
        get("zeta: 1", "ALPHA: 2", "mIxEd: 3", "beta: 4"),
    ),
    served("several cookies", "9110 5.3", get("Cookie: a=b; c=d", "Cookie: e=f")),
    served(
        "what a client says it accepts",
        "9110 12.5",
        get("Accept: */*", "Accept-Encoding: br, gzip;q=0", "Accept-Language: de"),
    ),
    served(
        "nothing is invented where nothing is said",
        "9110 7.7",
        line("GET /elsewhere HTTP/1.1"),
        lacks=("accept", "user-agent", "accept-encoding"),
    ),
    served(
        "conditions",
        "9110 13.1",
        get(
            'If-None-Match: "a", W/"b"',
            "If-Modified-Since: Tue, 15 Nov 1994 12:45:26 GMT",
            "If-Range: x",
        ),
    ),
    served("a range", "9110 14.2", get("Range: bytes=0-4,9-")),
    served("cache directives", "9111 5.2", get("Cache-Control: no-cache", "Pragma: no-cache")),
]

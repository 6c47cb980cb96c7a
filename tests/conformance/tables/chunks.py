"""Chunked bodies of requests (RFC 9112 7.1): where one could be read in two ways it is refused."""

from functools import partial

from tests.conformance.rows import NEVER_WHOLE, Request, refused, served
from tests.conformance.writing import chunks

broken = partial(refused, upstream=NEVER_WHOLE)
LAST = "0\r\n\r\n"


def size(name: str, said: str, *status: int) -> Request:
    """A row whose first chunk says its size like that."""
    return broken(name, "9112 7.1", chunks(f"{said}\r\nhello\r\n{LAST}"), *status)


SIZES = [
    size("a prefix of hexadecimal", "0x5"),
    size("a plus", "+5"),
    size("a minus", "-5"),
    size("minus nought", "-0"),
    size("an underscore", "5_0"),
    size("empty", ""),
    size("a blank before it", " 5"),
    size("a tab before it", "\t5"),
    size("a letter that is no digit", "5g"),
    size("another letter first", "z"),
    size("a fraction", "5.0"),
    size("17 digits", "fffffffffffffffff", 400, 413),
    size("17 digits, of which a register keeps the last", "10000000000000005", 400, 413),
    size("a full-width digit", "\xef\xbc\x95"),
    size("a NUL behind it", "5\0"),
    size("a vertical tab behind it", "5\x0b"),
    size("two sizes", "5 5"),
    size("only an extension", ";a=b"),
]

ENDS = [
    broken("LF after the size", "9112 2.2, 7.1", chunks(f"5\nhello\r\n{LAST}")),
    broken("CR after the size", "9112 2.2, 7.1", chunks(f"5\rhello\r\n{LAST}")),
    broken("CR CR LF after the size", "9112 2.2, 7.1", chunks(f"5\r\r\nhello\r\n{LAST}")),
    broken("LF after the data", "9112 2.2, 7.1", chunks(f"5\r\nhello\n{LAST}")),
    broken("CR after the data", "9112 2.2, 7.1", chunks(f"5\r\nhello\r{LAST}")),
    broken("nothing after the data", "9112 7.1", chunks(f"5\r\nhello{LAST}")),
    broken("other bytes after the data", "9112 7.1", chunks(f"5\r\nhelloXX{LAST}")),
    broken("more data than the size says", "9112 7.1", chunks(f"5\r\nhello!\r\n{LAST}")),
    broken("less data than the size says", "9112 7.1", chunks(f"7\r\nhello\r\n{LAST}")),
    broken("LF after the last chunk", "9112 2.2, 7.1", chunks("5\r\nhello\r\n0\n\n")),
    broken("LF for the empty line", "9112 2.2, 7.1", chunks("5\r\nhello\r\n0\r\n\n")),
    broken("a request for the empty line", "9112 7.1", chunks("0\r\nGET / HTTP/1.1\r\n\r\n")),
]

EXTENSIONS = [
    served("short", "9112 7.1.1", chunks(f"5;a=b\r\nhello\r\n{LAST}"), body="hello"),
    served("without a value", "9112 7.1.1", chunks(f"5;a\r\nhello\r\n{LAST}"), body="hello"),
    served("several", "9112 7.1.1", chunks(f"5;a=b;c;d=e\r\nhello\r\n{LAST}"), body="hello"),
    served("quoted", "9112 7.1.1", chunks(f'5;a="b;\\"c"\r\nhello\r\n{LAST}'), body="hello"),
    served("on the last chunk", "9112 7.1.1", chunks("5\r\nhello\r\n0;a=b\r\n\r\n"), body="hello"),
    broken("LF within", "9112 2.2, 7.1.1", chunks(f"5;a\nb\r\nhello\r\n{LAST}")),
    broken("CR within", "9112 2.2, 7.1.1", chunks(f"5;a\rb\r\nhello\r\n{LAST}")),
    broken("NUL within", "9112 7.1.1", chunks(f"5;a\0b\r\nhello\r\n{LAST}")),
    broken(
        "over 4 KiB at once",
        "9112 7.1.1",
        chunks(f"5;a={'b' * 5000}\r\nhello\r\n{LAST}"),
        *(400, 413, 431),
    ),
    broken(
        "over 4 KiB in sum, a few bytes in each chunk",
        "9112 7.1.1",
        chunks(f"1;a={'b' * 60}\r\nx\r\n" * 80 + LAST),
        *(400, 413, 431),
    ),
]

BODIES = [
    served("no chunk but the last", "9112 7.1", chunks(LAST), body="", framing="chunked"),
    served("several", "9112 7.1", chunks(f"3\r\nhel\r\n2\r\nlo\r\n{LAST}"), body="hello"),
    served(
        "digits in both cases",
        "9112 7.1",
        chunks(f"A\r\nhelloworld\r\na\r\nhelloworld\r\n{LAST}"),
        body="helloworld" * 2,
    ),
    served("noughts before a size", "9112 7.1", chunks(f"0005\r\nhello\r\n{LAST}"), body="hello"),
    served(
        "noughts for the last chunk", "9112 7.1", chunks("5\r\nhello\r\n000\r\n\r\n"), body="hello"
    ),
    served(
        "line ends in the data",
        "9112 7.1",
        chunks(f"7\r\n\r\n0\r\n\r\n\r\n{LAST}"),
        body="\r\n0\r\n\r\n",
    ),
    served(
        "a request in the data",
        "9112 7.1",
        chunks(f"12\r\nGET / HTTP/1.1\r\n\r\n\r\n{LAST}"),
        body="GET / HTTP/1.1\r\n\r\n",
    ),
    served(
        "every byte there is",
        "9112 7.1",
        chunks(f"100\r\n{''.join(map(chr, range(256)))}\r\n{LAST}"),
        body="".join(map(chr, range(256))),
    ),
]

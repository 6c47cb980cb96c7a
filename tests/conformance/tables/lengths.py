"""How long the body of a request is: Content-Length and Transfer-Encoding, never in doubt."""

from tests.conformance.rows import refused, served
from tests.conformance.writing import CHUNKED, HELLO, get, post


def length(value: str, body: str = "hello") -> bytes:
    """A POST with that Content-Length."""
    return post(f"Content-Length: {value}", body=body)


def encoding(value: str) -> bytes:
    """A POST with that Transfer-Encoding, and a chunked body behind it."""
    return post(f"Transfer-Encoding: {value}", body=HELLO)


BOTH = [
    refused(
        "Content-Length, then chunked",
        "9112 6.1, 6.3",
        post("Content-Length: 5", CHUNKED, body=HELLO),
    ),
    refused(
        "chunked, then Content-Length",
        "9112 6.1, 6.3",
        post(CHUNKED, "Content-Length: 15", body=HELLO),
    ),
    refused(
        "chunked and Content-Length: 0", "9112 6.3", post("Content-Length: 0", CHUNKED, body=HELLO)
    ),
    refused(
        "a Content-Length and an unknown coding",
        "9112 6.3",
        post("Content-Length: 5", "Transfer-Encoding: xchunked", body="hello"),
        *(400, 501),
    ),
    refused(
        "a Content-Length and an empty Transfer-Encoding",
        "9112 6.3",
        post("Content-Length: 5", "Transfer-Encoding:", body="hello"),
        *(400, 501),
    ),
]

LENGTHS = [
    refused(
        "two that differ", "9112 6.3", post("Content-Length: 5", "Content-Length: 6", body="hello!")
    ),
    refused(
        "two that agree", "9112 6.3", post("Content-Length: 5", "Content-Length: 5", body="hello")
    ),
    refused(
        "two apart from each other",
        "9112 6.3",
        post("Content-Length: 5", "X-A: b", "content-length: 0", body="hello"),
    ),
    refused("a list that differs", "9112 6.3", length("5, 6", "hello!")),
    refused("a list that agrees", "9112 6.3", length("5, 5")),
    refused("a list with nothing in it", "9110 8.6", length("5,")),
    refused("a plus", "9110 8.6", length("+5")),
    refused("a minus", "9110 8.6", length("-1", "")),
    refused("minus nought", "9110 8.6", length("-0", "")),
    refused("hexadecimal", "9110 8.6", length("0x5")),
    refused("hexadecimal digits", "9110 8.6", length("a", "helloworld")),
    refused("a number and more", "9110 8.6", length("5 x")),
    refused("two numbers", "9110 8.6", length("5 5")),
    refused("a fraction", "9110 8.6", length("5.0")),
    refused("an exponent", "9110 8.6", length("5e0")),
    refused("an underscore", "9110 8.6", length("1_0", "helloworld")),
    refused("a parameter", "9110 8.6", length("5;a=b")),
    refused("in quotes", "9110 8.6", length('"5"')),
    refused("empty", "9110 8.6", length("", "")),
    refused("a tab alone", "9110 8.6", length("\t", "")),
    refused("a superscript digit of Latin-1", "9110 8.6", length("\xb2", "he")),
    refused("a NUL behind it", "9110 5.5, 8.6", length("5\0")),
    refused("a vertical tab before it", "9110 8.6", length("\x0b5")),
    refused("30 digits", "9110 8.6", length("9" * 30), 400, 413),
    refused("2^64 + 5, which a register takes for 5", "9110 8.6", length(str(2**64 + 5)), 400, 413),
    refused("2^63, which is negative to some", "9110 8.6", length(str(2**63)), 400, 413),
    refused("a blank before the colon", "9112 5.1", post("Content-Length : 5", body="hello")),
    refused("folded", "9112 5.2", post("Content-Length:\r\n 5", body="hello")),
    served("a number", "9110 8.6", length("5"), framing="length"),
    served("blanks around it", "9110 5.5", length("  5\t "), body="hello", framing="length"),
    served("nought", "9110 8.6", length("0", ""), body="", framing="length"),
    served("noughts before it", "9110 8.6", length("0005"), body="hello", framing="length"),
    served("lower case", "9110 5.1", post("content-length: 5", body="hello"), framing="length"),
    served(
        "with GET: no meaning, but no framing error",
        "9110 9.3.1",
        get("Content-Length: 5") + b"hello",
        framing="length",
    ),
    served("none: no body", "9112 6.3", post(), body="", framing="none"),
    refused(
        "none, and a body all the same: the next request, and no sound one",
        "9112 6.3, 9.3",
        b"hello\r\n\r\n",
        *(400, 501),
    ),
]

ENCODINGS = [
    refused("chunked twice in a list", "9112 6.1", encoding("chunked, chunked"), 400, 501),
    refused(
        "chunked twice in two fields", "9112 6.1", post(CHUNKED, CHUNKED, body=HELLO), 400, 501
    ),
    refused("identity", "9112 7", encoding("identity"), 400, 501),
    refused("identity, then chunked", "9112 7", encoding("identity, chunked"), 400, 501),
    refused("gzip", "9112 6.1, 7", encoding("gzip"), 400, 501),
    refused("gzip, then chunked", "9112 6.1", encoding("gzip, chunked"), 400, 501),
    refused("chunked not last", "9112 6.3", encoding("chunked, gzip"), 400, 501),
    refused(
        "chunked not last, in two fields",
        "9112 6.3",
        post(CHUNKED, "Transfer-Encoding: gzip", body=HELLO),
        *(400, 501),
    ),
    refused("xchunked", "9112 6.1, 7", encoding("xchunked"), 400, 501),
    refused("chunkedx", "9112 6.1, 7", encoding("chunkedx"), 400, 501),
    refused("a blank within", "9112 6.1, 7", encoding("chun ked"), 400, 501),
    refused("a vertical tab before it", "9110 5.5", encoding("\x0bchunked"), 400, 501),
    refused("a form feed behind it", "9110 5.5", encoding("chunked\x0c"), 400, 501),
    refused("a no-break space before it", "9110 5.5", encoding("\xa0chunked"), 400, 501),
    refused("a NUL behind it", "9110 5.5", encoding("chunked\0"), 400, 501),
    refused("quoted", "9112 7", encoding('"chunked"'), 400, 501),
    refused("in single quotes", "9112 7", encoding("'chunked'"), 400, 501),
    refused(
        "with a parameter, of which chunked has none", "9112 7", encoding("chunked;q=1"), 400, 501
    ),
    refused("empty", "9112 6.1", encoding(""), 400, 501),
    refused("a comma alone", "9112 6.1", encoding(","), 400, 501),
    refused("folded", "9112 5.2", post("Transfer-Encoding:\r\n chunked", body=HELLO)),
    refused(
        "a blank before the colon", "9112 5.1", post("Transfer-Encoding : chunked", body=HELLO)
    ),
    refused("in HTTP/1.0", "9112 6.1", post(CHUNKED, body=HELLO, version="1.0")),
    refused(
        "in HTTP/1.0, with a length",
        "9112 6.1",
        post(CHUNKED, "Content-Length: 5", body=HELLO, version="1.0"),
    ),
    served("chunked", "9112 7.1", encoding("chunked"), body="hello", framing="chunked"),
    served("in any case", "9112 7", encoding("ChUnKeD"), body="hello", framing="chunked"),
    served("blanks around it", "9110 5.5", encoding(" \t chunked "), body="hello"),
    served(
        "with GET", "9110 9.3.1", get(CHUNKED) + HELLO.encode(), body="hello", framing="chunked"
    ),
]

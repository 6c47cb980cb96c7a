"""Limits of heads and bodies (FAULTS 6): 8 KiB a line or field, 100 fields, 32 KiB a head."""

from tests.conformance.rows import NEVER_WHOLE, refused, served
from tests.conformance.writing import CHUNKED, get, line, post

RFC = "6585 5"
SMALL = {"default": {"max_body": 1000}}
TOO_MANY = tuple(f"X-{number}: a" for number in range(100))

HEADS = [
    refused("a value of 9,000 bytes", RFC, get("X-A: " + "a" * 9000), 431),
    refused("a name of 9,000 bytes", RFC, get("X" * 9000 + ": a"), 431),
    refused("101 fields", RFC, get(*TOO_MANY), 431),
    refused("1,000 fields", RFC, get(*TOO_MANY * 10), 431),
    refused(
        "a head of 42 KiB", RFC, get(*(f"X-{number}: {'a' * 7000}" for number in range(6))), 431
    ),
    refused("a target of 9,000 bytes", "9112 3; 9110 15.5.15", get(path="/" + "a" * 9000), 414),
    refused("a path of 64 KiB", "9112 3; 9110 15.5.15", get(path="/" + "a" * 65536), 414),
    refused("a query of 64 KiB", "9112 3; 9110 15.5.15", get(path="/?" + "a" * 65536), 414),
    refused(
        "a method of 9,000 bytes", "9110 9.1", line(f"{'A' * 9000} / HTTP/1.1"), 400, 414, 431, 501
    ),
    served("a value of 8,000 bytes", RFC, get("X-A: " + "a" * 8000)),
    served("a target of 8,000 bytes", "9112 3", get(path="/" + "a" * 7999)),
    served("90 fields", RFC, get(*TOO_MANY[:89])),
]

BODIES = [
    refused(
        "declared too large",
        "9110 15.5.14",
        post("Content-Length: 1001", body="x" * 1001),
        413,
        stage=SMALL,
    ),
    refused(
        "declared too large, and none of it sent",
        "9110 15.5.14",
        post("Content-Length: 1001"),
        413,
        stage=SMALL,
    ),
    refused(
        "declared far too large, with Expect",
        "9110 10.1.1, 15.5.14",
        post("Content-Length: 99999999999", "Expect: 100-continue"),
        413,
        stage=SMALL,
    ),
    refused(
        "one chunk too large",
        "9110 15.5.14",
        post(CHUNKED, body=f"3e9\r\n{'x' * 1001}\r\n0\r\n\r\n"),
        413,
        upstream=NEVER_WHOLE,
        stage=SMALL,
    ),
    refused(
        "chunks that grow too large",
        "9110 15.5.14",
        post(CHUNKED, body=f"12c\r\n{'x' * 300}\r\n" * 4 + "0\r\n\r\n"),
        413,
        upstream=NEVER_WHOLE,
        stage=SMALL,
    ),
    refused(
        "chunks that grow without end",
        "9110 15.5.14",
        post(CHUNKED, body=f"12c\r\n{'x' * 300}\r\n" * 4),
        413,
        upstream=NEVER_WHOLE,
        stage=SMALL,
    ),
    served(
        "just the limit", "9110 15.5.14", post("Content-Length: 1000", body="x" * 1000), stage=SMALL
    ),
    served(
        "just the limit, in chunks",
        "9110 15.5.14",
        post(CHUNKED, body=f"1f4\r\n{'x' * 500}\r\n" * 2 + "0\r\n\r\n"),
        body="x" * 1000,
        stage=SMALL,
    ),
]

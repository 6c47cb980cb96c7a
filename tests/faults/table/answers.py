"""What the candidate says instead of a sound answer, or beside one."""

from tests.edge.requests import request
from tests.edge.scripts import (
    bodiless,
    chunk_never_ends,
    die_between_chunks,
    die_in_chunk,
    die_in_mid_body,
    early,
    endless_head,
    garbage,
    huge_head,
    interim,
    late,
    ok,
    raw,
    stall_body,
    status,
    then_hang,
    tls_bytes,
    with_extra,
)
from tests.edge.scripts import head as head_of
from tests.edge.upstreams import Step
from tests.faults.house import TIMEOUT_S, House, until
from tests.faults.rows import FROM_COACH, NONE, RIGHT, Play, Row, Way, passed, rescued

SAID = b"said so"
LONG = 200_000


def cut(step: Step, attempts: str = "body") -> Play:
    """Part of the answer has gone out: the connection is cut, and it never looks whole."""
    return Play(
        (step,), (("coach", attempts),), "fail_after_commit", body=None, whole=False, within_s=5.0
    )


def long_dying(*, by_reset: bool) -> Step:
    """An answer that is longer than what is held back, and ends in its body."""
    return die_in_mid_body(LONG, after=b"x" * 100_000, by_reset=by_reset)


def cost_the_connection(step: Step) -> Way:
    """The answer is sound; its connection is not used again."""

    async def try_it(house: House) -> None:
        house.play([step, ok(b"the next")])
        caller = await house.dial()
        lines = len(house.coach.lines)
        first, _ = await house.ask(caller, request(path="/kept"))
        second, _ = await house.ask(caller, request(path="/kept"))
        assert (first.body, second.body) == (FROM_COACH, b"the next")
        assert house.coach.received[0] is not house.coach.received[1]
        assert len(house.coach.lines) >= lines + 1
        assert house.coach.lines[-1].request is house.coach.received[1]
        assert house.coach.lines[-2].request is house.coach.received[0]

    return try_it


async def too_late(house: House) -> None:
    """Legacy answers, the late bytes are nobody's, and the next request gets its own answer."""
    house.play([late(TIMEOUT_S * 2), ok(b"the next")])
    caller = await house.dial()
    got, story = await house.ask(caller, request(path="/hasty"))
    assert (got.status, got.body, story["fate"]) == (200, RIGHT, "rescued")
    assert story["attempts"][0]["outcome"] == "timeout"
    got, _ = await house.ask(caller, request(path="/hasty"))
    assert got.body == b"the next"


async def before_the_upload_is_read(house: House) -> None:
    """It is passed on, and the rest of the upload is not waited for."""
    house.play([early(200)])
    caller = await house.dial()
    got, story = await house.ask(caller, request("POST", "/write", body=b"x" * 2_000_000))
    assert (got.status, got.body, story["fate"]) == (200, b"early", "ok")
    await until(lambda: house.stack.total("inflight") == 0)


ROWS = (
    Row(
        "garbage, TLS bytes, HTTP/0.9, SSH banner; head without end; 1 MiB head",
        "protocol",
        "200",
        {
            "garbage": rescued("protocol", garbage()),
            "TLS bytes": rescued("protocol", tls_bytes()),
            "HTTP/0.9": rescued("protocol", garbage(b"<html>It works.</html>", "HTTP/0.9")),
            "SSH banner": rescued("protocol", garbage(b"SSH-2.0-OpenSSH_9.2\r\n", "banner")),
            "head without end": rescued("protocol", endless_head()),
            "1 MiB head": rescued("protocol", huge_head()),
        },
        ("edge/test_edge_faults.py::test_a_banner_before_the_request_is_rescued",),
    ),
    Row(
        "500, 502, 503, 504 with and without body; with a huge body; 429/503 with Retry-After",
        "5xx, overload",
        "200",
        {
            **{f"{code}": rescued("5xx", status(code)) for code in (500, 502, 503, 504)},
            **{
                f"{code} without a body": rescued("5xx", bodiless(code, "Content-Length: 0"))
                for code in (500, 502, 503, 504)
            },
            "500 with a huge body": rescued("5xx", status(500, body=b"x" * 2_000_000)),
            "429 with Retry-After": rescued("overload", status(429, "Retry-After: 1")),
            "503 with Retry-After": rescued("overload", status(503, "Retry-After: 1")),
        },
    ),
    Row(
        "404, 401, 403, 400, 301, 304 from coach",
        "none by default",
        "passed through as they are",
        {
            **{
                f"{code}": passed(status(code), status=code, body=SAID)
                for code in (404, 401, 403, 400)
            },
            "301": passed(
                status(301, "Location: http://elsewhere.example/"), status=301, body=SAID
            ),
            "304": passed(bodiless(304, 'ETag: "a"'), status=304, body=b""),
        },
    ),
    Row(
        "right head, then dies in mid-body; body shorter than Content-Length; chunk never ends; "
        "body stalls",
        "body",
        "200 if not committed; else the connection is cut, never a clean end",
        {
            "dies by reset": rescued("body", die_in_mid_body(by_reset=True)),
            "shorter than its length": rescued("body", die_in_mid_body()),
            "dies between chunks": rescued("body", die_between_chunks()),
            "dies in a chunk": rescued("body", die_in_chunk()),
            "chunk never ends": rescued("body", chunk_never_ends()),
            "stalls": rescued("body", stall_body()),
            "dies by reset, committed": cut(long_dying(by_reset=True)),
            "shorter than its length, committed": cut(long_dying(by_reset=False)),
            "dies between chunks, committed": cut(die_between_chunks(b"x" * 100_000)),
            "stalls, committed": cut(
                then_hang(head_of(200, f"Content-Length: {LONG}") + b"x" * 100_000, "stalls")
            ),
        },
    ),
    Row(
        "more body than Content-Length; bytes after the answer",
        "protocol for the connection",
        "200 from coach, connection not reused",
        {
            "more body": cost_the_connection(with_extra(b"more")),
            "another answer": cost_the_connection(with_extra(head_of(200, "Content-Length: 0"))),
        },
    ),
    Row(
        "100, 103, 10,000 interim answers",
        NONE,
        "relayed, bounded, then as ever",
        {
            "100": passed(interim(100)),
            "103": passed(interim(103)),
            "30": passed(interim(103, 30)),
            "10,000": rescued("protocol", interim(103, 10_000)),
        },
        ("conformance/test_conformance_answers.py::test_an_answer",),
    ),
    Row(
        "101 without being asked",
        "protocol",
        "200",
        {
            "101": rescued(
                "protocol", raw(head_of(101, "Connection: Upgrade", "Upgrade: websocket"))
            ),
        },
    ),
    Row(
        "answers before it has read the request body",
        NONE,
        "passed on; the upload stopped or drained within bounds",
        {"early": before_the_upload_is_read},
        (
            "edge/test_edge_streaming.py::test_an_early_answer_is_passed_on_and_the_upload_stopped",
            "edge/test_edge_streaming.py::test_an_early_answer_to_a_small_body_leaves_the_connection",
        ),
    ),
    Row(
        "answers at once after `timeout` (late)",
        "timeout",
        "legacy's answer; the late one is dropped and counted",
        {"late": too_late},
    ),
)

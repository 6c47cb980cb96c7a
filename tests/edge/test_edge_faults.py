"""Every fault of the candidate on a route with fallback: what the client sees, and what is told."""

import pytest

from router.core.fates import Fate
from tests.edge.clients import Caller
from tests.edge.conftest import Open, Scene
from tests.edge.requests import request
from tests.edge.scripts import (
    answer_of,
    banner,
    bodiless,
    chunk_never_ends,
    chunked,
    close_before_byte,
    closes_at_once,
    die_between_chunks,
    die_in_chunk,
    die_in_mid_body,
    drip_head,
    endless_head,
    garbage,
    hang,
    head,
    huge_head,
    interim,
    last_chunk_missing,
    late,
    ok,
    raw,
    refuse,
    reset_before_byte,
    reset_in_head,
    resets_at_once,
    stall_body,
    status,
    then_end,
    then_hang,
    then_stay,
    tls_bytes,
    unanswered,
    with_extra,
)
from tests.edge.stages import HASTY_S, TIMEOUT_S, until
from tests.edge.upstreams import Step

RIGHT = answer_of("monolith")
FROM_COACH = answer_of("coach")
IN_TIME_S = HASTY_S + 2.0
"""A timeout, and what a machine may take that does something else meanwhile."""


def bad_head(*fields: str, line: str = "HTTP/1.1 200 OK") -> Step:
    """A head that cannot be trusted, with a body that makes it look sound."""
    data = "\r\n".join([line, *fields, "", "hello"]).encode("latin-1")
    told = fields[0] if line == "HTTP/1.1 200 OK" else line
    return raw(data, name=told[:40].encode("unicode_escape").decode())


NO_ANSWER = [
    (reset_before_byte(), "reset"),
    (close_before_byte(), "reset"),
    (hang(), "timeout"),
    (drip_head(), "timeout"),
    (garbage(), "protocol"),
    (garbage(b"hello world\n" * 3, "words"), "protocol"),
    (garbage(b"<html>HTTP/0.9</html>", "HTTP/0.9 body"), "protocol"),
    (garbage(b"\n\n\n\x00", "empty lines and NUL"), "protocol"),
    (tls_bytes(), "protocol"),
    (huge_head(), "protocol"),
    (huge_head(66_000), "protocol"),
    (endless_head(), "protocol"),
    (reset_in_head(), "reset"),
    (then_end(b"HTTP/1.1 200 OK\r\nX-A: b", "close in head"), "reset"),
    (then_hang(b"HTTP/1.1 200 OK\r\nX-A: b", "hang in head"), "timeout"),
    (late(1.6 * HASTY_S), "timeout"),
]
"""What coach does, and the cause it is called by."""

NOT_TRUSTED = [
    bad_head("Content-Length: 5", "Content-Length: 6"),
    bad_head("Content-Length: 5", "content-length: 5"),
    bad_head("Content-Length: 5, 5"),
    bad_head("Content-Length: +5"),
    bad_head("Content-Length: -5"),
    bad_head("Content-Length: 0x5"),
    bad_head("Content-Length: 5 5"),
    bad_head("Content-Length:"),
    bad_head("Content-Length: " + "5" * 30),
    bad_head("Content-Length: 5", "Transfer-Encoding: chunked"),
    bad_head("Transfer-Encoding: chunked", "Content-Length: 5"),
    bad_head("Transfer-Encoding: gzip, chunked"),
    bad_head("Transfer-Encoding: chunked, chunked"),
    bad_head("Transfer-Encoding: identity"),
    bad_head("Transfer-Encoding:"),
    bad_head("Transfer-Encoding: chunked", "Transfer-Encoding: chunked"),
    bad_head("Transfer-Encoding: chunked", line="HTTP/1.0 200 OK"),
    bad_head("X-A: folded", " onto the next line", "Content-Length: 5"),
    bad_head("X-A: nul\0", "Content-Length: 5"),
    bad_head("X-A: cr\rhere", "Content-Length: 5"),
    bad_head("X-A : blank before the colon", "Content-Length: 5"),
    bad_head("no colon", "Content-Length: 5"),
    bad_head(": no name", "Content-Length: 5"),
    bad_head("Content-Length: 5", line="HTTP/1.1 99 Low"),
    bad_head("Content-Length: 5", line="HTTP/1.1 1000 High"),
    bad_head("Content-Length: 5", line="HTTP/1.1 600 High"),
    bad_head("Content-Length: 5", line="HTTP/1.1 000 None"),
    bad_head("Content-Length: 5", line="HTTP/1.1 2x0 Odd"),
    bad_head("Content-Length: 5", line="HTTP/2.0 200 OK"),
    bad_head("Content-Length: 5", line="HTTP/1.1 200 O\0K"),
    bad_head("Content-Length: 5", line="ICY 200 OK"),
    bad_head("Upgrade: websocket", "Connection: Upgrade", line="HTTP/1.1 101 Switching"),
    bad_head("Connection: Upgrade", "Upgrade: h2c", line="HTTP/1.1 101 Switching"),
    raw(head(200, *[f"X-{number}: a" for number in range(2000)]), name="2000 fields"),
    interim(103, 10_000),
    then_stay(b"HTTP/1.1 200 OK\nContent-Length: 5\n\nhello", "bare line feeds"),
]
"""Heads that could be read in two ways, or are no HTTP."""

BROKEN_BODY = [
    die_in_mid_body(),
    die_in_mid_body(by_reset=True),
    die_in_mid_body(after=b""),
    die_between_chunks(),
    die_in_chunk(),
    stall_body(),
    chunk_never_ends(),
    last_chunk_missing(),
    raw(head(200, "Transfer-Encoding: chunked") + b"zz\r\nhello\r\n0\r\n\r\n", name="bad size"),
    raw(head(200, "Transfer-Encoding: chunked") + b"5\r\nhelloXX0\r\n\r\n", name="no CRLF"),
    raw(head(200, "Transfer-Encoding: chunked") + b"-5\r\nhello\r\n0\r\n\r\n", name="minus size"),
    raw(head(200, "Transfer-Encoding: chunked") + b"f" * 17 + b"\r\nhello\r\n", name="huge size"),
    raw(head(200, "Transfer-Encoding: chunked") + b"\r\nhello\r\n0\r\n\r\n", name="no size"),
]
"""Right heads with bodies that do not become whole."""

FAILED_STATUS = [
    (status(500), "5xx"),
    (status(500, body=b""), "5xx"),
    (status(500, body=b"x" * 1_000_000), "5xx"),
    (bodiless(502, "Content-Length: 0"), "5xx"),
    (bodiless(502, "Content-Length: 1000000"), "5xx"),
    (status(503), "5xx"),
    (status(504), "5xx"),
    (status(599), "5xx"),
    (status(503, "Retry-After: 1"), "overload"),
    (status(429, "Retry-After: 1"), "overload"),
]
"""Answers that are failures of the candidate."""


def named(value: object) -> str | None:
    """The name of a step, for the test's id."""
    return str(value) if isinstance(value, Step) else None


@pytest.mark.parametrize("reused", [False, True], ids=["new", "reused"])
@pytest.mark.parametrize(("fault", "cause"), NO_ANSWER + FAILED_STATUS, ids=named)
async def test_a_fault_is_rescued(stage: Open, fault: Step, cause: str, reused: bool) -> None:
    """The client sees legacy's answer, in time, on a new and on a reused connection."""
    one = await stage([ok()] * reused + [fault])
    if reused:
        await one.ask(request())
    seen = await one.seen(await one.ask(request()))
    assert (seen.got.status, seen.got.body, seen.got.whole) == (200, RIGHT, True)
    assert seen.got.took_s < IN_TIME_S
    assert (seen.record.fate, seen.record.served) == (Fate.RESCUED, "monolith")
    assert seen.attempts[-2:] == [("coach", cause), ("monolith", "ok")]
    assert one.total("attempts_total", outcome=cause) == len(seen.attempts) - 1
    assert one.total("fallbacks_total", cause=cause, result="rescued") == 1
    assert one.total("fallbacks_total") == 1
    assert one.total("requests_total", cohort="candidate", fate="rescued", code="2xx") == 1
    one.late.close()
    if fault not in dict(FAILED_STATUS):
        await until(lambda: one.coach.open_lines == 0, "the end of coach's connection")


@pytest.mark.parametrize("bad", NOT_TRUSTED, ids=named)
async def test_a_head_that_cannot_be_trusted_is_rescued(scene: Scene, bad: Step) -> None:
    """Whatever could be read in two ways is a `protocol` failure, and never passed on."""
    seen = await scene(coach=[bad])
    assert (seen.got.status, seen.got.body) == (200, RIGHT)
    assert seen.attempts == [("coach", "protocol"), ("monolith", "ok")]
    assert seen.record.fate is Fate.RESCUED


@pytest.mark.parametrize("reused", [False, True], ids=["new", "reused"])
@pytest.mark.parametrize("broken", BROKEN_BODY, ids=named)
async def test_a_broken_body_is_rescued_before_commit(
    scene: Scene, broken: Step, reused: bool
) -> None:
    """A held answer that does not become whole is never shown to the client."""
    seen = await scene(coach=[broken], reused=reused)
    assert (seen.got.status, seen.got.body) == (200, RIGHT)
    assert seen.attempts == [("coach", "body"), ("monolith", "ok")]
    assert seen.record.fate is Fate.RESCUED


@pytest.mark.parametrize("step", [closes_at_once(), resets_at_once()], ids=named)
async def test_an_end_right_after_accept_is_rescued(scene: Scene, step: Step) -> None:
    """A server that accepts and hangs up may be told as reset, or as no connection at all."""
    seen = await scene(coach=[step])
    assert (seen.got.status, seen.got.body) == (200, RIGHT)
    assert seen.attempts[0] in {("coach", "reset"), ("coach", "connect")}
    assert seen.record.fate is Fate.RESCUED


async def test_a_banner_before_the_request_is_rescued(scene: Scene) -> None:
    """A server that speaks first speaks no HTTP, and nothing it says is taken for an answer."""
    seen = await scene(coach=[banner()])
    assert (seen.got.status, seen.got.body) == (200, RIGHT)
    assert seen.attempts[0] in {("coach", "protocol"), ("coach", "reset")}


NO_CONNECTION = {
    "refused": ([refuse()], {}),
    "unanswered": ([unanswered()], {}),
    "no such name": ([ok()], {"host": "coach.invalid"}),
    "no such name, and none possible": ([ok()], {"host": "a" * 70 + ".invalid"}),
    "unreachable": ([ok()], {"host": "255.255.255.255"}),
    "not the TLS it should be": ([hang()], {"tls": True}),
}


@pytest.mark.parametrize(("coach", "address"), NO_CONNECTION.values(), ids=NO_CONNECTION.keys())
async def test_no_connection_is_rescued(
    scene: Scene, coach: list[Step], address: dict[str, object]
) -> None:
    """Where there is no connection nothing was sent, so that legacy may always be asked."""
    seen = await scene(coach=coach, address=address)
    assert (seen.got.status, seen.got.body) == (200, RIGHT)
    assert seen.attempts == [("coach", "connect"), ("monolith", "ok")]
    assert (seen.record.fate, seen.record.rescue_of) == (Fate.RESCUED, "connect")
    assert seen.got.took_s < IN_TIME_S


async def test_a_connection_has_a_limit_of_its_own(scene: Scene) -> None:
    """However long the candidate may take to answer."""
    limits = {"connect_timeout_s": 0.2}, {"timeout_s": TIMEOUT_S}
    seen = await scene(coach=[unanswered()], address=limits[0], route=limits[1])
    assert (seen.got.body, seen.attempts[0]) == (RIGHT, ("coach", "connect"))


@pytest.mark.parametrize("fault", [close_before_byte(), reset_before_byte()], ids=named)
async def test_a_kept_connection_that_was_gone_is_tried_anew(scene: Scene, fault: Step) -> None:
    """Nothing answered, so coach gets one fresh connection before it counts as failed."""
    seen = await scene(coach=[fault, ok()], reused=True)
    assert (seen.got.status, seen.got.body) == (200, FROM_COACH)
    assert seen.attempts == [("coach", "reset"), ("coach", "ok")]
    assert seen.record.fate is Fate.OK


@pytest.mark.parametrize("fault", [close_before_byte(), reset_before_byte()], ids=named)
async def test_it_is_tried_anew_only_once(scene: Scene, fault: Step) -> None:
    """A fresh connection that dies as well is a failure, and legacy answers."""
    seen = await scene(coach=[fault], reused=True)
    assert seen.attempts == [("coach", "reset"), ("coach", "reset"), ("monolith", "ok")]
    assert seen.record.fate is Fate.RESCUED


PASSED = [
    status(404),
    status(401, 'WWW-Authenticate: Bearer realm="coach"'),
    status(403),
    status(400),
    status(429),
    status(301, "Location: http://coach.internal/elsewhere"),
    bodiless(304, 'ETag: "a"'),
    bodiless(204),
    status(200, "Content-Encoding: gzip", body=b"\x1f\x8b not really"),
]


@pytest.mark.parametrize("said", PASSED, ids=named)
async def test_what_is_no_failure_passes_as_it_is(stage: Open, said: Step) -> None:
    """Status, fields and body come through byte for byte, and legacy is never asked."""
    one = await stage([said])
    seen = await one.seen(await one.ask(request()))
    direct = await Caller.dial(one.coach.port)
    await direct.send(request())
    expected = await direct.answer()
    direct.leave()
    assert seen.got.status == int(str(said).split()[-1])
    assert seen.got.whole
    assert (seen.got.reason, seen.got.body) == (expected.reason, expected.body)
    assert seen.got.pairs[:-1] == expected.pairs
    assert seen.got.pairs[-1][0] == b"Date"  # a recipient adds it (RFC 9110 6.6.1)
    assert seen.attempts == [("coach", "ok")]
    assert (seen.record.fate, seen.record.served) == (Fate.OK, "coach")
    assert not seen.monolith


async def test_a_listed_status_falls_back(scene: Scene) -> None:
    """A single status in `fallback` is its own cause, spelled as the number."""
    route = {"fallback_statuses": frozenset({404})}
    seen = await scene(coach=[status(404)], route=route)
    assert seen.got.body == RIGHT
    assert (seen.record.fate, seen.record.rescue_of) == (Fate.RESCUED, "404")


async def test_without_fallback_the_failure_is_passed_on(scene: Scene) -> None:
    """`fallback: none` makes coach's 500 the client's."""
    seen = await scene(coach=[status(500)], route={"fallback": frozenset()})
    assert (seen.got.status, seen.got.body) == (500, b"said so")
    assert seen.record.fate is Fate.UPSTREAM_ERROR
    assert not seen.monolith


@pytest.mark.parametrize(
    ("coach", "status"), [(hang(), 504), (reset_before_byte(), 502), (garbage(), 502)], ids=str
)
async def test_without_fallback_silence_is_our_own_answer(
    scene: Scene, coach: Step, status: int
) -> None:
    """Where coach gave nothing, and nobody else may be asked, the answer is a problem of ours."""
    seen = await scene(coach=[coach], route={"fallback": frozenset()})
    assert seen.got.status == seen.got.problem["status"] == status
    assert (seen.record.fate, seen.record.served) == (Fate.UPSTREAM_ERROR, "none")


BOTH = [
    ([refuse()], [refuse()], 502),
    ([hang()], [hang()], 504),
    ([status(500)], [reset_before_byte()], 502),
    ([garbage()], [garbage()], 502),
    ([die_in_mid_body()], [hang()], 504),
    ([refuse()], [huge_head()], 502),
]


@pytest.mark.parametrize(("coach", "monolith", "expected"), BOTH)
async def test_both_down_is_a_problem_inside_the_deadline(
    scene: Scene, coach: list[Step], monolith: list[Step], expected: int
) -> None:
    """502 or 504 in time, with fate `fail_both`, and nothing of the inside in it."""
    seen = await scene(coach=coach, monolith=monolith, route={"deadline_s": 0.8})
    assert seen.got.status == seen.got.problem["status"] == expected
    assert seen.got.took_s < 0.8 + IN_TIME_S
    assert (seen.record.fate, seen.record.served) == (Fate.FAIL_BOTH, "none")
    assert b"127.0.0.1" not in seen.got.body


async def test_both_failing_gives_legacys_own_error(stage: Open) -> None:
    """If legacy answered at all, its answer is the client's, whatever it is."""
    one = await stage([hang()], [status(503, body=b"legacy is full")])
    seen = await one.seen(await one.ask(request()))
    assert (seen.got.status, seen.got.body) == (503, b"legacy is full")
    assert (seen.record.fate, seen.record.served) == (Fate.FAIL_BOTH, "monolith")
    assert one.total("fallbacks_total", cause="timeout", result="failed") == 1


async def test_legacys_404_after_a_fault_is_a_rescue(scene: Scene) -> None:
    """Legacy's word counts as it stands: what it does not have is not there."""
    seen = await scene(coach=[hang()], monolith=[status(404)])
    assert (seen.got.status, seen.record.fate) == (404, Fate.RESCUED)


async def test_only_the_monolith_down_is_no_matter_to_coachs_users(scene: Scene) -> None:
    """A user of coach never waits for the monolith."""
    seen = await scene(monolith=[refuse()])
    assert (seen.got.status, seen.got.body) == (200, FROM_COACH)
    assert seen.record.fate is Fate.OK


@pytest.mark.parametrize("extra", [b"more", b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx"])
async def test_bytes_after_the_answer_cost_only_the_connection(stage: Open, extra: bytes) -> None:
    """The answer is sound; the connection it came on is never used again."""
    one = await stage([with_extra(extra), ok(b"the next one")])
    first = await one.ask(request())
    second = await one.ask(request())
    assert (first.body, second.body) == (FROM_COACH, b"the next one")
    await one.quiet()
    assert len(one.coach.lines) == 2


@pytest.mark.parametrize(("code", "times"), [(100, 1), (103, 1), (102, 3), (199, 30)])
async def test_interim_answers_do_not_disturb(scene: Scene, code: int, times: int) -> None:
    """After them it goes on as ever."""
    seen = await scene(coach=[interim(code, times)])
    assert (seen.got.status, seen.got.body, seen.record.fate) == (200, FROM_COACH, Fate.OK)


async def test_a_late_answer_is_never_given_to_the_next_request(stage: Open) -> None:
    """It is read and dropped where it came; the next request gets its own."""
    one = await stage([late(1.6 * HASTY_S), ok(b"the next one")])
    first = await one.ask(request())
    second = await one.ask(request())
    assert (first.body, second.body) == (RIGHT, b"the next one")
    await until(lambda: one.total("late_answers_total", verdict="slow") == 1, "it was counted")


async def test_the_timeout_is_for_the_commit_and_not_for_the_body(scene: Scene) -> None:
    """An answer of more than the buffer has begun in time, and may then take longer."""
    pieces = [b"a" * 70_000, b"b" * 70_000]
    seen = await scene(coach=[chunked(*pieces)])
    assert seen.got.body == b"".join(pieces)
    assert seen.record.fate is Fate.OK

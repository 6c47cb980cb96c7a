"""Requests that must not be repeated, and bodies that may be: no write is sent twice unasked."""

import pytest

from router.core.fallback import Why
from router.core.fates import Fate
from tests.edge.conftest import Open, Scene
from tests.edge.requests import post, request
from tests.edge.scripts import (
    answer_of,
    close_before_byte,
    die_in_mid_body,
    dies_while_reading,
    garbage,
    hang,
    ok,
    refuse,
    reset_before_byte,
    status,
)
from tests.edge.upstreams import Step

SMALL = b"a small body"
BINARY = bytes(range(256)) * 64
LARGE = b"0123456789abcdef" * 16 * 1024  # 256 KiB
RIGHT = answer_of("monolith")

AFTER_SENDING = [
    (reset_before_byte(), "reset", 502),
    (close_before_byte(), "reset", 502),
    (hang(), "timeout", 504),
    (garbage(), "protocol", 502),
]


@pytest.mark.parametrize(("fault", "cause", "code"), AFTER_SENDING, ids=str)
async def test_a_write_that_was_sent_is_not_repeated(
    stage: Open, fault: Step, cause: str, code: int
) -> None:
    """Nobody knows whether it was done, so the client is told 502 or 504 and legacy nothing."""
    one = await stage([fault])
    seen = await one.seen(await one.ask(post()))
    assert seen.got.status == seen.got.problem["status"] == code
    assert seen.attempts == [("coach", cause)]
    assert (seen.record.fate, seen.record.why) == (Fate.FAIL_NOT_ELIGIBLE, Why.METHOD)
    assert (len(seen.coach), len(seen.monolith)) == (1, 0)
    assert one.total("fallbacks_refused_total", why="method", route="write") == 1
    assert one.total("fallbacks_total") == 0


async def test_nor_is_it_repeated_on_a_kept_connection_that_was_gone(stage: Open) -> None:
    """The connection died before a byte came, but the request may have been read."""
    one = await stage([ok(), reset_before_byte(), ok()])
    await one.ask(request())
    await one.quiet()
    seen = await one.seen(await one.ask(post()))
    assert (seen.got.status, seen.record.fate) == (502, Fate.FAIL_NOT_ELIGIBLE)
    assert seen.attempts == [("coach", "reset")]
    assert [one.method for one in seen.coach] == ["GET", "POST"]


async def test_a_write_that_was_answered_with_500_gets_that_answer(scene: Scene) -> None:
    """Byte for byte: the answer may say what was done."""
    seen = await scene(post(), coach=[status(500, "X-Done: half", body=b"half done")])
    assert (seen.got.status, seen.got.body) == (500, b"half done")
    assert seen.got.one("x-done") == b"half"
    assert (seen.record.fate, seen.record.why) == (Fate.FAIL_NOT_ELIGIBLE, Why.METHOD)
    assert seen.record.served == "coach"
    assert not seen.monolith


async def test_an_answer_to_a_write_that_breaks_off_is_cut(scene: Scene) -> None:
    """There is nothing to rescue by, so nothing is held back: it is committed at its head."""
    seen = await scene(post(), coach=[die_in_mid_body()])
    assert (seen.got.status, seen.got.body, seen.got.whole) == (200, b"half", False)
    assert seen.record.fate is Fate.FAIL_AFTER_COMMIT


@pytest.mark.parametrize("body", [SMALL, BINARY, b"x" * 64 * 1024], ids=len)
async def test_a_write_that_found_no_connection_goes_to_legacy(scene: Scene, body: bytes) -> None:
    """Nothing was sent, so asking legacy repeats nothing; the body arrives byte for byte."""
    seen = await scene(post(body), coach=[refuse()])
    assert (seen.got.status, seen.got.body) == (200, RIGHT)
    assert seen.attempts == [("coach", "connect"), ("monolith", "ok")]
    assert seen.record.fate is Fate.RESCUED
    assert [one.body for one in seen.monolith] == [body]


async def test_a_large_write_that_found_no_connection_goes_to_legacy_too(scene: Scene) -> None:
    """Where nothing was sent nothing was discarded, however long the body is."""
    seen = await scene(post(LARGE), coach=[refuse()])
    assert (seen.got.status, seen.record.fate) == (200, Fate.RESCUED)
    assert [one.body for one in seen.monolith] == [LARGE]


FAULTS = [reset_before_byte(), hang(), garbage(), status(500), status(503), die_in_mid_body()]


@pytest.mark.parametrize("fault", FAULTS, ids=str)
@pytest.mark.parametrize("framing", ["length", "chunked"])
async def test_a_method_declared_idempotent_is_repeated(
    scene: Scene, fault: Step, framing: str
) -> None:
    """The operator has said that doing it twice does no harm; legacy gets the whole body."""
    how = {"chunks": [BINARY[:5000], BINARY[5000:]]} if framing == "chunked" else {"body": BINARY}
    seen = await scene(request("PUT", "/write", **how), coach=[fault])
    assert (seen.got.status, seen.got.body) == (200, RIGHT)
    assert seen.record.fate is Fate.RESCUED
    assert [one.body for one in seen.coach + seen.monolith] == [BINARY, BINARY]


async def test_a_candidate_that_dies_while_reading_is_rescued(scene: Scene) -> None:
    """What was read of a small body before the fault is kept, and sent to legacy from byte one."""
    body = b"x" * 60_000
    seen = await scene(request("PUT", "/write", body=body), coach=[dies_while_reading(1000)])
    assert (seen.got.status, seen.record.fate) == (200, Fate.RESCUED)
    assert [one.body for one in seen.monolith] == [body]


@pytest.mark.parametrize("method", ["PUT", "GET"])
async def test_a_large_body_cannot_be_repeated(scene: Scene, method: str) -> None:
    """Past 64 KiB the body is given up, and with it the rescue: coach's own answer passes."""
    path = "/write" if method == "PUT" else "/fitness/wod"
    sent = request(method, path, body=LARGE)
    seen = await scene(sent, coach=[status(500, body=b"coach's own")])
    assert (seen.got.status, seen.got.body) == (500, b"coach's own")
    assert (seen.record.fate, seen.record.why) == (Fate.FAIL_NOT_ELIGIBLE, Why.BODY)
    assert [one.body for one in seen.coach] == [LARGE]
    assert not seen.monolith


async def test_a_large_body_that_met_no_answer_is_told_502(scene: Scene) -> None:
    """The upload was streamed and is gone, so there is nothing to ask legacy with."""
    sent = request("PUT", "/write", body=LARGE)
    seen = await scene(sent, coach=[reset_before_byte()])
    assert seen.got.status == seen.got.problem["status"] == 502
    assert (seen.record.fate, seen.record.why) == (Fate.FAIL_NOT_ELIGIBLE, Why.BODY)


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_a_safe_method_with_a_body_is_repeated_with_it(scene: Scene, method: str) -> None:
    """Odd, but legal: what the client sent is what both upstreams get."""
    seen = await scene(request(method, body=SMALL), coach=[hang()], method=method)
    assert (seen.got.status, seen.record.fate) == (200, Fate.RESCUED)
    assert [one.body for one in seen.coach + seen.monolith] == [SMALL, SMALL]


async def test_a_method_the_route_does_not_list_is_legacys(scene: Scene) -> None:
    """It never sees the candidate, still needs a token, and is in no cohort."""
    seen = await scene(request("POST", body=SMALL))
    assert (seen.got.status, seen.got.body) == (200, RIGHT)
    assert (seen.record.route, seen.record.cohort) == ("wod", "none")
    assert (len(seen.coach), len(seen.monolith)) == (0, 1)
    refused = await scene(request("POST", body=SMALL, auth=""))
    assert refused.got.status == 401


async def test_legacy_is_never_asked_twice(scene: Scene) -> None:
    """Its failure is the client's, even where the method would allow another try."""
    seen = await scene(request(path="/elsewhere"), monolith=[reset_before_byte(), ok()])
    assert (seen.got.status, seen.record.fate) == (502, Fate.UPSTREAM_ERROR)
    assert len(seen.monolith) == 1

"""What the router says by itself, and what it must add to what it passes on."""

import email.utils
import time

import pytest

from tests.conformance.answers import On
from tests.conformance.talking import Talk
from tests.conformance.ways import Way, says
from tests.conformance.writing import HOST, answer, get, line, message, post
from tests.edge.clients import Got
from tests.edge.conftest import Open
from tests.edge.requests import WOD, bearer, request
from tests.edge.scripts import ok, refuse

MANY = 10_000
REFUSALS = {
    "400": get(path="/elsewhere#x"),
    "401": get(path=WOD),
    "403": get(bearer(), path="/admin/users"),
    "405": line("TRACE / HTTP/1.1"),
    "413": post("Content-Length: 99999999999"),
    "417": post("Content-Length: 0", "Expect: x"),
    "508": get("Via: 1.1 strangler"),
}


def is_now(date: bytes | None) -> bool:
    """Whether *date* is an HTTP date (RFC 9110 5.6.7) of about this moment."""
    assert date is not None
    assert date.endswith(b" GMT")
    told = email.utils.parsedate_to_datetime(date.decode()).timestamp()
    return abs(told - time.time()) < 10


async def asked(stage: Open, sent: bytes, **also: object) -> Got:
    """The answer to *sent*."""
    talk = await Talk.begin(await stage(**also), Way.WHOLE)
    return await talk.ask(sent)


@pytest.mark.parametrize(("status", "sent"), REFUSALS.items(), ids=REFUSALS)
async def test_a_refusal_is_a_problem_document(stage: Open, status: str, sent: bytes) -> None:
    """9457 3; FAULTS 2: for programs and people, never stored, and nothing of the inside in it."""
    got = await asked(stage, sent)
    assert got.status == got.problem["status"] == int(status)
    assert set(got.problem) == {"type", "title", "status", "detail", "request_id"}
    assert got.one("server") is None


@pytest.mark.parametrize(("status", "sent"), REFUSALS.items(), ids=REFUSALS)
async def test_a_refusal_has_a_date(stage: Open, status: str, sent: bytes) -> None:
    """9110 6.6.1: who has a clock must say when, in its own answers of 2xx, 3xx and 4xx."""
    assert is_now((await asked(stage, sent)).one("date")), status


async def test_405_says_what_is_allowed(stage: Open) -> None:
    """9110 15.5.6: Allow must be there."""
    got = await asked(stage, REFUSALS["405"])
    allowed = {one.strip() for one in (got.one("allow") or b"").split(b",")}
    assert {b"GET", b"HEAD", b"POST"} <= allowed
    assert not allowed & {b"TRACE", b"CONNECT"}


async def test_401_says_how_to_ask(stage: Open) -> None:
    """9110 11.6.1, 15.5.2: WWW-Authenticate must be there."""
    got = await asked(stage, REFUSALS["401"])
    assert (got.one("www-authenticate") or b"").startswith(b"Bearer")


async def test_502_tells_nothing_of_the_upstream(stage: Open) -> None:
    """9110 15.6.3; FAULTS 2: no address, no cause."""
    got = await asked(stage, get(), monolith=[refuse()])
    assert got.status == got.problem["status"] == 502
    assert b"127.0.0.1" not in got.body


@pytest.mark.parametrize("on", On)
async def test_an_answer_without_a_date_gets_one(stage: Open, on: On) -> None:
    """9110 6.6.1: a recipient with a clock must append it when it forwards the answer."""
    got = await asked(stage, get(bearer(), path=WOD) if on is On.FALLBACK else get())
    assert got.status == 200
    assert is_now(got.one("date"))


@pytest.mark.parametrize("on", On)
async def test_interim_answers_without_end_are_bounded(stage: Open, on: On) -> None:
    """FAULTS 5; 9110 15.2: relayed while there are few, given up or left out beyond."""
    flood = message("HTTP/1.1 103 Early Hints") * MANY + answer("Content-Length: 0")
    path = WOD if on is On.FALLBACK else "/elsewhere"
    steps = [says(flood, Way.WHOLE), ok()]
    one = await stage(**{"coach" if on is On.FALLBACK else "monolith": steps})
    got = await one.ask(request(path=path))
    assert got.status in {200, 502}
    assert len(got.interim) < 1000


async def test_head_gets_the_head_of_a_refusal_only(stage: Open) -> None:
    """9110 9.3.2: as GET would have got it."""
    one = await stage()
    talk = await Talk.begin(one, Way.WHOLE)
    got = await talk.ask(message(f"HEAD {WOD} HTTP/1.1", f"Host: {HOST}"), "HEAD")
    assert (got.status, got.body) == (401, b"")
    assert int(got.one("content-length") or 0) > 100
    assert await talk.goes_on()

"""Whether what a client got of an upstream's answer is what a row says."""

from tests.conformance.answers import BROKEN, CUT, NEVER_KEPT, Answer, Gets, On
from tests.conformance.judging import written
from tests.edge.clients import Got
from tests.edge.scripts import answer_of
from tests.edge.stages import Seen

RESCUED = {BROKEN: {"protocol"}, CUT: {"protocol", "body"}}
"""The causes under which the two kinds of failure are counted."""


def judge_answer(row: Answer, on: On, seen: Seen) -> None:
    """What the client got, as *row* has it."""
    failed = seen.attempts[0][1] not in {"ok", "5xx", "overload"}
    if row.or_broken and failed:
        judge_failure(BROKEN, on, seen)
    elif isinstance(row.gets, Gets):
        assert not failed, seen.attempts
        judge_passed(row.gets, on, seen.got)
    else:
        judge_failure(row.gets, on, seen)


def judge_failure(kind: str, on: On, seen: Seen) -> None:
    """Rescued where there is fallback; else 502, or what broke off cannot be taken for whole."""
    first = seen.attempts[0][1]
    assert first in RESCUED[kind]
    if on is On.FALLBACK:
        assert [one for one, _ in seen.attempts] == ["coach", "monolith"]
        assert (seen.got.status, seen.got.whole) == (200, True)
        assert seen.got.body in {answer_of("monolith"), b""}  # the latter for HEAD
    elif kind == BROKEN or seen.got.whole:
        assert (seen.got.status, seen.got.whole) == (502, True)


def judge_passed(right: Gets, on: On, got: Got) -> None:
    """The answer itself."""
    assert got.whole
    assert (got.status, got.reason) == (right.status, right.reason.encode("latin-1"))
    assert tuple(got.interim) in right.interim[on]
    if right.fields is not None:
        judge_fields(right.fields, got)
    for name in right.lacks:
        assert not got.all(name), name
    assert got.body == right.body.encode("latin-1")
    if right.framing is not None:
        assert framing_of(got) == right.framing
    if right.trailers is not None:
        assert got.trailers == written(right.trailers)


def judge_fields(lines: tuple[str, ...], got: Got) -> None:
    """Every end-to-end field, in order and case; a Date may have been added (RFC 9110 6.6.1)."""
    right = written(lines)
    ignored = {name.encode() for name in NEVER_KEPT}
    if not any(name.lower() == b"date" for name, _ in right):
        ignored.add(b"date")
    assert [pair for pair in got.pairs if pair[0].lower() not in ignored] == right


def framing_of(got: Got) -> str:
    """How the client was told the end of the body."""
    if got.one("transfer-encoding") is not None:
        return "chunked"
    if got.one("content-length") is not None:
        return "length"
    return "none" if got.status in {204, 304} else "end"

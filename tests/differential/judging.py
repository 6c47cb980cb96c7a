"""Whether an exchange through the router is the direct one, apart from the listed changes."""

import re
from collections.abc import Sequence

from tests.differential import changes
from tests.differential.playing import Played
from tests.differential.reading import Message
from tests.differential.requests import Request


def judge(request: Request, direct: Played, routed: Played) -> None:
    """Compare what arrived at both ends."""
    judge_request(request, direct.asked, routed.asked)
    *interim, final = routed.said
    *told, said = direct.said
    assert heads_of(interim) == changes.interims(told, direct.asked, held=request.held)
    judge_answer(said, direct.asked, final)


def heads_of(interim: Sequence[Message]) -> list[tuple[bytes, list[bytes]]]:
    """Interim answers, which are no more than their heads."""
    return [(one.start, one.lines) for one in interim]


def judge_request(request: Request, sent: Message, arrived: Message) -> None:
    """What the upstream got is what the client sent."""
    assert arrived.start == changes.request_line(sent)[0]
    added = changes.lines_added_to_request(sent, list(request.who))
    judge_lines(arrived.lines, changes.request_lines(sent), added)
    assert (arrived.framing, arrived.body) == (sent.framing, sent.body)
    assert arrived.trailers == changes.trailers(sent)


def judge_answer(said: Message, asked: Message, got: Message) -> None:
    """What the client got is what the upstream said."""
    assert got.start == changes.status_line(said)
    judge_lines(got.lines, changes.answer_lines(said), changes.lines_added_to_answer(said, asked))
    framing = changes.answer_framing(said, asked)
    assert (got.framing, got.body) == (framing, said.body)
    assert got.trailers == (changes.trailers(said) if framing == "chunked" else [])


def judge_lines(lines: list[bytes], kept: list[bytes], added: list[bytes]) -> None:
    """First the lines that go on, as they are; behind them each that was added, once."""
    assert lines[: len(kept)] == kept
    behind = lines[len(kept) :]
    for pattern in added:
        found = [line for line in behind if re.fullmatch(pattern, line)]
        assert len(found) == 1, (pattern, behind)
        behind.remove(found[0])
    assert not behind, "added, and not listed"

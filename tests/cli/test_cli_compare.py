"""`strangler compare`: what the running router found, as a person and a program read it."""

import json
from typing import Any

import pytest

from router.cli import main
from router.core.comparing.book import Book
from router.core.comparing.differing import Difference, Kind
from router.core.comparing.gathering import gathered
from tests.cli.admin_port import admin_port

ABOUT = {"at": 1_764_000_000.0, "request_id": "4bf92f35"}


def routes(*, weights: int = 0, noise: int = 0, show_values: bool = False) -> dict[str, Any]:
    """What a router tells that has compared twenty exchanges, some of which differed."""
    book = Book(show_values=show_values)
    for n in range(20):
        differences = [Difference("$.w", Kind.VALUE, 20, 25)] if n < weights else []
        stamps = [Difference("$.at", Kind.VALUE, "a", "b")] if n < noise else []
        book.control(stamps)
        book.count(book.pair([*differences, *stamps], ABOUT))
    return gathered([{"wod": book.report()}])


def told(capsys: pytest.CaptureFixture[str], document: Any, *words: str) -> tuple[int, str]:
    """Exit code, and all that was said."""
    with admin_port({"/compare": (200, document)}) as admin:
        code = main(["compare", *words, "--admin", admin])
    said = capsys.readouterr()
    return code, said.out + said.err


def test_a_healthy_pair(capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing differs, and the exit code says so."""
    code, said = told(capsys, routes(), "wod")
    assert code == 0
    assert said == "wod: compared 20, legacy asked twice for 20\n  same 20\n"


def test_a_mismatch_comes_first_with_an_example(capsys: pytest.CaptureFixture[str]) -> None:
    """A pipeline stops at it."""
    code, said = told(capsys, routes(weights=10, noise=20), "wod")
    assert code == 1
    assert said.splitlines()[2:] == [
        "  MISMATCH $.w: differs in 10 of 20 (50 %), legacy from itself in 0 of 20 (0 %)",
        "    value: legacy number, candidate number",
        "    2025-11-24 16:00:00+00:00, request 4bf92f35",
        "  unproven $.at: differs in 20 of 20 (100 %), legacy from itself in 20 of 20 (100 %)",
        "    value: legacy string of 1, candidate string of 1",
        "    2025-11-24 16:00:00+00:00, request 4bf92f35",
    ]


def test_values_are_shown_where_the_route_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    """As JSON has them."""
    _, said = told(capsys, routes(weights=1, show_values=True))
    assert "value: legacy 20, candidate 25" in said


def test_json_holds_the_last_pairs(capsys: pytest.CaptureFixture[str]) -> None:
    """All of what the admin port tells of the routes that were asked about."""
    document = routes(weights=3)
    code, said = told(capsys, {**document, "other": document["wod"]}, "wod", "--format", "json")
    assert (code, json.loads(said)) == (0, document)
    assert len(json.loads(said)["wod"]["last"]) == 3


def test_a_route_that_compares_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    """And what to do about it."""
    code, said = told(capsys, {}, "wod")
    assert code == 1
    assert said == 'no route "wod" compares (those that do: none); say compare: {} on it\n'
    _, said = told(capsys, routes(), "wood")
    assert said == 'no route "wood" compares (those that do: wod); say compare: {} on it\n'


def test_nothing_was_compared_yet(capsys: pytest.CaptureFixture[str]) -> None:
    """The route is there from the start."""
    _, said = told(capsys, gathered([{"wod": Book().report()}]))
    assert said.endswith("\n  nothing was compared yet\n")


def test_many_paths_are_not_all_told(capsys: pytest.CaptureFixture[str]) -> None:
    """The rest is for programs."""
    book = Book()
    book.pair([Difference(f"$.k{n}", Kind.VALUE, 1, 2) for n in range(25)], ABOUT)
    _, said = told(capsys, gathered([{"wod": book.report()}]))
    assert said.count("unproven $.k") == 20
    assert "and 5 more paths: --format json" in said


def test_no_router_answers(capsys: pytest.CaptureFixture[str]) -> None:
    """The trouble in words, as for every question to the admin port."""
    assert main(["compare", "--admin", "127.0.0.1:1"]) == 1
    assert "no answer from the admin port" in capsys.readouterr().err


def test_late_answers_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    """Of all workers together, in words."""
    document = routes()
    document["wod"]["late"] = {"right": 11, "wrong": 1, "never": 2}
    _, said = told(capsys, document)
    assert said.splitlines()[2] == "  of 14 late answers 11 right but slow, 1 wrong, 2 never came"
    books = [Book(), Book()]
    for book in books:
        book.late["right"] += 2
    assert gathered([{"wod": book.report()} for book in books])["wod"]["late"] == {"right": 4}

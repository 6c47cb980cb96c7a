"""The evidence of comparisons: when a path is a mismatch, what is kept, what workers add up to."""

import json
import random
from collections.abc import Iterator
from fractions import Fraction
from itertools import count
from math import comb

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from router.core.comparing.book import LAST, MOST_PAIRS, MOST_PATHS, Book, Verdict
from router.core.comparing.differing import Difference, Kind
from router.core.comparing.gathering import gathered
from router.core.comparing.noise import chance_of, is_mismatch

MOMENTS = count()


def difference(path: str = "$.a") -> Difference:
    """Two numbers at *path*."""
    return Difference(path, Kind.VALUE, 1, 2)


def about() -> dict[str, object]:
    """What goes with a pair."""
    return {"at": float(next(MOMENTS)), "request_id": "r"}


def exact(differed: int, pairs: int, control_differed: int, controls: int) -> Fraction:
    """The tail of the hypergeometric distribution, in whole numbers."""
    both = differed + control_differed
    ways = sum(
        comb(pairs, many) * comb(controls, both - many)
        for many in range(differed, min(both, pairs) + 1)
    )
    return Fraction(ways, comb(pairs + controls, both))


@given(st.data())
def test_the_chance_is_the_exact_one(data: st.DataObject) -> None:
    """To ten digits, wherever the candidate differs more often than legacy does."""
    pairs, controls = (data.draw(st.integers(1, 60)) for _ in range(2))
    differed, of_control = data.draw(st.integers(1, pairs)), data.draw(st.integers(0, controls))
    assume(differed * controls > of_control * pairs)
    told = chance_of(differed, pairs, of_control, controls)
    assert told == pytest.approx(float(exact(differed, pairs, of_control, controls)), rel=1e-10)


@given(st.integers(0, 50), st.integers(0, 50), st.integers(0, 50), st.integers(0, 50))
def test_no_more_often_than_legacy_is_no_evidence(a: int, b: int, c: int, d: int) -> None:
    """Nor is anything before legacy was asked twice for the first time."""
    differed, pairs = sorted((a, b))
    of_control, controls = sorted((c, d))
    if differed * controls <= of_control * pairs:
        assert chance_of(differed, pairs, of_control, controls) == 1.0
    assert chance_of(differed, pairs, 0, 0) == 1.0


@pytest.mark.parametrize(
    ("differed", "pairs", "of_control", "controls", "expected"),
    [
        (1, 1, 0, 0, False),
        (1, 1, 0, 1, False),
        (3, 3, 0, 3, False),  # one in 20
        (5, 5, 0, 5, True),  # one in 252
        (18, 18, 0, 2, True),  # one in 190
        (10, 180, 0, 20, False),  # legacy may do the same one time in 20, and not have shown it
        (44, 180, 0, 20, True),
        (100, 200, 20, 40, False),  # both differ half of the time
        (150, 200, 20, 40, True),
    ],
)
def test_when_a_path_is_a_mismatch(
    differed: int, pairs: int, of_control: int, controls: int, expected: bool
) -> None:
    """Evidence, not volume; and several paths share what may be wrong."""
    assert is_mismatch(differed, pairs, of_control, controls, paths=1) is expected
    assert not is_mismatch(differed, pairs, of_control, controls, paths=10**9)


def sampled(rng: random.Random, book: Book, *, share: float, of_legacy: float) -> Iterator[Verdict]:
    """The verdicts of pairs that differ by chance, legacy asked twice for a fifth of them."""
    while True:
        if rng.random() < 0.2:
            book.control([difference()] if rng.random() < of_legacy else [])
        yield book.pair([difference()] if rng.random() < share else [], about())


def test_a_bug_in_half_of_the_answers_is_found_within_100_pairs() -> None:
    """By the median of seeds within 50."""
    needed = []
    for seed in range(40):
        verdicts = sampled(random.Random(seed), Book(), share=0.5, of_legacy=0.0)
        needed.append(next(n for n, one in enumerate(verdicts) if one is Verdict.MISMATCH))
    assert sorted(needed)[20] <= 50
    assert max(needed) <= 100


def test_noise_of_both_is_seldom_called_a_mismatch() -> None:
    """Although the evidence is looked at 3,000 times: in one of ten routes at most."""
    wrong = 0
    for seed in range(40):
        verdicts = sampled(random.Random(seed), Book(), share=0.1, of_legacy=0.1)
        wrong += Verdict.MISMATCH in [next(verdicts) for _ in range(3000)]
    assert wrong <= 4


def test_a_healthy_pair_is_silent() -> None:
    """For 10,000 pairs, and nothing is kept of them but their number."""
    book = Book()
    verdicts = sampled(random.Random(1), book, share=0.0, of_legacy=0.0)
    assert {next(verdicts) for _ in range(10_000)} == {Verdict.SAME}
    report = book.report()
    assert (report["pairs"], report["paths"], report["last"]) == (10_000, {}, [])


def test_a_book_is_bounded() -> None:
    """In paths, in examples and in the number of pairs that are remembered."""
    book = Book()
    for n in range(MOST_PAIRS + 100):
        book.pair([difference(f"$.k{n % 300}")], about())
    report = book.report()
    assert len(report["paths"]) == MOST_PATHS
    assert len(report["last"]) == LAST
    assert report["pairs"] < MOST_PAIRS
    assert report["unlisted"] > 0
    assert len(json.dumps(report)) < 250_000


def test_half_is_forgotten_and_what_was_mended_fades() -> None:
    """A path that differs no more has no tally in the end."""
    book = Book()
    book.pair([difference()], about())
    for _ in range(3 * MOST_PAIRS):
        book.pair([], about())
    assert book.report()["paths"] == {}


def test_values_are_kept_only_where_the_file_says_so() -> None:
    """In examples and in the last pairs."""
    for show_values, told in ((False, "number"), (True, "2")):
        book = Book(show_values=show_values)
        book.pair([difference()], about())
        report = book.report()
        assert report["paths"]["$.a"]["example"]["candidate"] == told
        assert report["last"][0]["differences"][0]["candidate"] == told


@given(st.lists(st.tuples(st.integers(0, 2), st.sampled_from("abc"), st.booleans()), max_size=60))
def test_the_books_of_workers_add_up_to_one(entries: list[tuple[int, str, bool]]) -> None:
    """Whoever of three workers entered what, as if one had entered all of it."""
    one, several = Book(), [Book() for _ in range(3)]
    for worker, key, is_control in entries:
        for book in (one, several[worker]):
            if is_control:
                book.control([difference(f"$.{key}")])
            else:
                book.count(book.pair([difference(f"$.{key}")], {"at": 1.0}))
    together = gathered([{"wod": book.report()} for book in several])["wod"]
    alone = gathered([{"wod": one.report()}])["wod"]
    for key in ("pairs", "controls", "paths", "unlisted"):
        assert together[key] == alone[key]


def test_what_is_proven_comes_first() -> None:
    """Then what differed most; with the youngest example, and the last pairs by time."""
    books = [Book(), Book()]
    for book in books:
        for n in range(20):
            book.control([difference("$.noise")])
            found = [difference("$.noise"), *([difference("$.bug")] if n % 2 else [])]
            book.pair(found, about())
    told = gathered([{"wod": book.report()} for book in books])["wod"]
    assert [(one["path"], one["mismatch"]) for one in told["paths"]] == [
        ("$.bug", True),
        ("$.noise", False),
    ]
    moments = [one["at"] for one in told["last"]]
    assert moments == sorted(moments)
    assert told["paths"][0]["example"]["at"] == max(moments)


def test_nobody_has_compared_anything() -> None:
    """A route that compares is there from the start."""
    assert gathered([]) == {}
    told = gathered([{"wod": Book().report()}])["wod"]
    assert (told["pairs"], told["paths"]) == (0, [])

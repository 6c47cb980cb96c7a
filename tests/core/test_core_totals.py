"""Adding up what workers counted: nothing is lost, nothing goes back, gauges mean what they say."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.core.totals import (
    Family,
    Kind,
    Merge,
    Row,
    Totals,
    from_wire,
    lasting,
    merged,
    to_wire,
)

REQUESTS = Family("requests", "Requests.", ("route",))
TOOK = Family("took", "Seconds.", ("route",), Kind.HISTOGRAM, bounds=(0.1, 1.0))
INFLIGHT = Family("inflight", "Under way.", (), Kind.GAUGE, Merge.SUM)
LABELS = st.tuples(st.sampled_from(["wod", "default", "ü\udce4"]))
NUMBERS = st.integers(0, 10**9).map(float)


def rows(length: int) -> st.SearchStrategy[dict[tuple[str], Row]]:
    """Series with rows of *length* numbers."""
    return st.dictionaries(LABELS, st.lists(NUMBERS, min_size=length, max_size=length))


WORKERS = st.lists(
    st.builds(lambda r, t: [Totals(REQUESTS, r), Totals(TOOK, t)], rows(1), rows(4)), max_size=4
)


@given(WORKERS)
def test_counters_and_histograms_are_added_up_number_by_number(workers: list[list[Totals]]) -> None:
    """Whichever worker has a series, and in whatever order they are asked."""
    for totals in merged(workers):
        for labels, row in totals.series.items():
            theirs = [
                one.series[labels]
                for worker in workers
                for one in worker
                if one.family == totals.family and labels in one.series
            ]
            assert row == [sum(numbers) for numbers in zip(*theirs, strict=True)]
    backwards = {one.family.name: one.series for one in merged(workers[::-1])}
    assert {one.family.name: one.series for one in merged(workers)} == backwards


@given(WORKERS, WORKERS)
def test_who_has_gone_is_counted_as_before(
    living: list[list[Totals]], gone: list[list[Totals]]
) -> None:
    """To fold a worker into those that went before changes no sum."""
    folded: list[Totals] = []
    for worker in gone:
        folded = merged([folded, lasting(worker)])
    whole = {one.family.name: dict(one.series) for one in merged([*living, *gone])}
    assert {one.family.name: dict(one.series) for one in merged([*living, folded])} == whole


@given(WORKERS)
def test_what_is_told_is_what_is_heard(workers: list[list[Totals]]) -> None:
    """Over JSON, whatever is in a label."""
    for worker in workers:
        assert from_wire(json.loads(json.dumps(to_wire(worker)))) == worker


@pytest.mark.parametrize(
    "other",
    [
        {"kind": "summary"},
        {"merge": "median"},
        {"series": [[["wod"], [1.0, 2.0]]]},
        {"series": [[["wod"], 1.0]]},
        {"series": [[["wod"], ["1"]]]},
        {"series": [[["wod", "coach"], [1.0]]]},
        {"series": [["wod"]]},
        {"series": None},
        {"labels": None},
    ],
)
def test_what_another_version_tells_otherwise_is_left_out(other: dict[str, object]) -> None:
    """And the rest is counted."""
    told = json.loads(json.dumps(to_wire([Totals(REQUESTS, {("wod",): [1.0]})] * 2)))
    told[0] |= other
    del told[1]["what"], told[1]["bounds"]
    told.append(to_wire([Totals(INFLIGHT, {(): [2.0]})])[0] | {"a later field": 7})
    assert from_wire(json.loads(json.dumps(told))) == [Totals(INFLIGHT, {(): [2.0]})]


def test_what_is_merged_is_left_as_it_was() -> None:
    """A scrape must not change the figures that the next one adds up."""
    one = [Totals(REQUESTS, {("wod",): [1.0]})]
    assert merged([one, one])[0].series == {("wod",): [2.0]}
    assert one[0].series == {("wod",): [1.0]}


@pytest.mark.parametrize(
    ("merge", "value"), [(Merge.SUM, 5.0), (Merge.LEAST, 2.0), (Merge.MOST, 3.0)]
)
def test_a_gauge_is_merged_by_its_meaning(merge: Merge, value: float) -> None:
    """The sum of what is under way, the worst of what can be good or bad."""
    family = Family("x", "X.", (), Kind.GAUGE, merge)
    workers = [[Totals(family, {(): [number]})] for number in (2.0, 3.0)]
    assert merged(workers)[0].series == {(): [value]}


def test_gauges_go_with_their_worker() -> None:
    """What it had under way is not under way any more."""
    kept = lasting([Totals(INFLIGHT, {(): [3.0]}), Totals(REQUESTS, {("wod",): [1.0]})])
    assert [one.family for one in kept] == [REQUESTS]


def test_families_that_do_not_agree_are_not_added_up() -> None:
    """Two versions of the program may differ in buckets: the first stands, and nothing breaks."""
    newer = Family("took", "Seconds.", ("route",), Kind.HISTOGRAM, bounds=(0.1,))
    both = merged([[Totals(TOOK, {("wod",): [1.0] * 4})], [Totals(newer, {("wod",): [1.0] * 3})]])
    assert [(one.family, one.series) for one in both] == [(TOOK, {("wod",): [1.0] * 4})]

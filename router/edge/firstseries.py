"""Series that are there before anything is counted: 0 is said, not left to be guessed.

A rule that divides by a series, or asks for its growth, sees nothing where there is none.
"""

from collections.abc import Iterator
from itertools import product
from typing import Final

from router.core.fates import Fate
from router.core.model import Cohort, Route
from router.core.record import NOBODY

FAILED_ALONE: Final = (Fate.FAIL_NOT_ELIGIBLE, Fate.FAIL_BUDGET, Fate.SHED)
"""Failures of the candidate about which legacy was not asked: what it answered stands."""


def first_series(route: Route) -> Iterator[tuple[Cohort, Fate, str, str]]:
    """Cohort, fate, served and code of what may be expected on *route*."""
    legacy = route.legacy.name
    yield Cohort.NONE, Fate.SHED, NOBODY, "5xx"
    sides = {Cohort.NONE: route.upstream.name}
    if route.candidate is not None:
        sides = {Cohort.CANDIDATE: route.candidate.name, Cohort.LEGACY: legacy}
        yield Cohort.CANDIDATE, Fate.RESCUED, legacy, "2xx"
        for served in (legacy, NOBODY):
            yield Cohort.CANDIDATE, Fate.FAIL_BOTH, served, "5xx"
        for served, fate in product((route.candidate.name, NOBODY), FAILED_ALONE):
            yield Cohort.CANDIDATE, fate, served, "5xx"
        yield Cohort.LEGACY, Fate.SHED, NOBODY, "5xx"
        yield Cohort.CANDIDATE, Fate.BREAKER_DIRECT, legacy, "2xx"
    for cohort, served in sides.items():
        yield cohort, Fate.OK, served, "2xx"
        yield cohort, Fate.FAIL_AFTER_COMMIT, served, "2xx"  # the status had gone out already
        yield cohort, Fate.UPSTREAM_ERROR, served, "5xx"
        yield cohort, Fate.UPSTREAM_ERROR, NOBODY, "5xx"
    yield Cohort.NONE, Fate.AUTH_REFUSED, NOBODY, "4xx"
    for asked in {Cohort.NONE, *sides}:
        yield asked, Fate.INTERNAL_ERROR, NOBODY, "5xx"

"""On which side a user has to be, and whether they were: by `bucket()`, as the router decides."""

from enum import StrEnum

from router.core.bucketing import bucket

ROUTE = "wod"
"""The route's name is its salt, as it is shipped."""
BUCKETS_A_PERCENT = 1000
UPSTREAMS = {"candidate": "coach", "legacy": "monolith"}


class Side(StrEnum):
    """What came of a request, seen from where its user belongs."""

    RIGHT = "right"
    RESCUED = "rescued"
    WRONG = "wrong"
    UNTOLD = "untold"


def cohort_of(user: str, percent: float) -> str:
    """`candidate` or `legacy`: where *user* belongs at *percent*."""
    is_in = bucket(ROUTE, user) < round(percent * BUCKETS_A_PERCENT)
    return "candidate" if is_in else "legacy"


def side_of(user: str, percent: float, served: str | None, decision: str | None) -> Side:
    """How an answer with `X-Served-By: served` and `X-Strangler-Decision: decision` is to be seen.

    A candidate's user whom the monolith served was rescued; nobody else may be on another side.
    """
    if not served or not decision:
        return Side.UNTOLD
    wanted, decided = cohort_of(user, percent), decision.partition(";")[0]
    if decided != wanted:
        return Side.WRONG
    if served == UPSTREAMS[wanted]:
        return Side.RIGHT
    return Side.RESCUED if wanted == "candidate" and served == "monolith" else Side.WRONG

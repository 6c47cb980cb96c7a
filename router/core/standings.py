"""How the breakers and budgets of a router stand, told by each of its workers and as one.

What a worker tells goes over the wire as JSON; a worker of another version may tell less.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from router.core.breaker import State
from router.core.model import Route
from router.core.protection import Standing
from router.core.shapes import has

Report = Mapping[str, Any]

BREAKER: Final = ("state", "why", "since", "lasted_s", "rests_s")
BUDGET: Final = ("used", "left", "under_way", "at_once")
WORST_FIRST: Final = (State.OPEN, State.HALF_OPEN, State.CLOSED)


def told(route: Route, standing: Standing, wall: float) -> dict[str, Any]:
    """One route in one worker, at *wall* of the wall clock; it may have no breaker, or budget."""
    return {
        "candidate": None if route.candidate is None else route.candidate.name,
        "percent": route.percent,
        "breaker": breaker_of(standing, wall),
        "budget": budget_of(standing),
    }


def breaker_of(standing: Standing, wall: float) -> dict[str, Any] | None:
    """The breaker's part."""
    if standing.state is None:
        return None
    return {
        "state": standing.state,
        "why": standing.why,
        "since": None if standing.lasted_s is None else wall - standing.lasted_s,
        "lasted_s": standing.lasted_s,
        "rests_s": standing.rests_s,
    }


def budget_of(standing: Standing) -> dict[str, Any] | None:
    """The budget's part."""
    if standing.left is None:
        return None
    return {
        "used": standing.used,
        "left": int(standing.left),
        "under_way": standing.under_way,
        "at_once": standing.at_once,
    }


def gathered(reports: Iterable[Mapping[str, Report]]) -> dict[str, Any]:
    """By route what the *reports* of several workers say together."""
    of_route: dict[str, list[Report]] = {}
    for report in reports:
        for name, one in report.items():
            if has(one, ()):
                of_route.setdefault(name, []).append(one)
    return {name: together(several) for name, several in of_route.items()}


def together(reports: Sequence[Report]) -> dict[str, Any]:
    """One route: the worst state that a worker's breaker is in, and the sum of their budgets."""
    breakers = [one["breaker"] for one in reports if has(one.get("breaker"), BREAKER)]
    budgets = [one["budget"] for one in reports if has(one.get("budget"), BUDGET)]
    return {
        "candidate": next(filter(None, (one.get("candidate") for one in reports)), None),
        "percent": max(one.get("percent", 0) for one in reports),
        "breaker": worst(breakers) if breakers else None,
        "budget": summed(budgets) if budgets else None,
    }


def summed(budgets: Sequence[Report]) -> dict[str, int]:
    """What the workers' budgets are together: each has a share."""
    return {key: sum(one[key] for one in budgets) for key in BUDGET}


def worst(breakers: Sequence[Report]) -> dict[str, Any]:
    """The state that is worst, in how many workers it is which, and since when and why it is so.

    Of those that are not closed it is the one that was given up first; where all are closed, the
    one that was closed last. They may probe once one of them may.
    """
    workers = Counter(one["state"] for one in breakers)
    given_up = [one for one in breakers if one["state"] != State.CLOSED]
    turned = [one for one in given_up or breakers if one["lasted_s"] is not None]
    turned.sort(key=lambda one: one["lasted_s"], reverse=bool(given_up))
    first = turned[0] if turned else {"since": None, "lasted_s": None, "why": None}
    return {
        "state": next((one for one in WORST_FIRST if workers[one]), breakers[0]["state"]),
        "workers": {one: workers[one] for one in State},
        "since": first["since"],
        "lasted_s": first["lasted_s"],
        "why": first["why"],
        "rests_s": min([one["rests_s"] for one in given_up], default=0.0),
    }

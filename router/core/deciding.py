"""Which upstream an exchange goes to first, and why: pin, then percentage, then legacy."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from router.core.bucketing import bucket
from router.core.claims import Claims, holds, unit_of
from router.core.matching import Matched
from router.core.model import BUCKETS, Cohort, Pin, Reason, Route, Upstream

# Looked up at each request, and on 3.11 an enum's members cost a call.
CANDIDATE: Final = Cohort.CANDIDATE
LEGACY: Final = Cohort.LEGACY
PERCENT: Final = Reason.PERCENT
PIN: Final = Reason.PIN
BREAKER: Final = Reason.BREAKER


class Decision:
    """Where an exchange goes first; the cohort is what was meant before any fault.

    `unit` is who asks, and None where the token does not say; it is no part of what is decided.
    """

    __slots__ = ("cohort", "reason", "unit", "upstream")

    def __init__(
        self, upstream: Upstream, cohort: Cohort, reason: Reason, unit: str | None = None
    ) -> None:
        self.upstream = upstream
        self.cohort = cohort
        self.reason = reason
        self.unit = unit

    def __repr__(self) -> str:
        return f"Decision({self.upstream.name}, {self.cohort}, {self.reason})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Decision) and (
            self.upstream == other.upstream
            and self.cohort == other.cohort
            and self.reason == other.reason
        )

    def __hash__(self) -> int:
        return hash((self.upstream, self.cohort, self.reason))


def decide(matched: Matched, claims: Claims | None, *, breaker_open: bool = False) -> Decision:
    """The decision for one request: a pure function, so that every replica agrees."""
    route = matched.route
    unit = unit_of(claims, route.by)
    if not matched.by_method:
        return Decision(route.legacy, Cohort.NONE, Reason.PLAIN, unit)
    if route.candidate is None:
        return Decision(route.upstream, Cohort.NONE, Reason.PLAIN, unit)
    cohort, reason = cohort_of(route, claims, unit)
    upstream = route.candidate if cohort is CANDIDATE else route.legacy
    decision = Decision(upstream, cohort, reason, unit)
    return diverted(route, decision) if breaker_open and cohort is CANDIDATE else decision


def diverted(route: Route, decision: Decision) -> Decision:
    """*decision*, which is for the candidate, as an open breaker has it."""
    return Decision(route.legacy, decision.cohort, BREAKER, decision.unit)


def depth_of(route: Route, decision: Decision) -> float:
    """How deep in the candidate's cohort a user is, from 0 to 1: the lowest buckets probe first."""
    if decision.unit is None:
        return 0.0
    most = BUCKETS if decision.reason is PIN else max(1, route.threshold)
    return bucket(route.salt, decision.unit) / most


def cohort_of(route: Route, claims: Claims | None, unit: str | None) -> tuple[Cohort, Reason]:
    """The side a user is on, first hit wins: pin, percentage, legacy."""
    pin = pin_of(route, claims)
    if pin is not None:
        return pin.cohort, PIN
    if unit is None:
        return Cohort.LEGACY, Reason.NO_UNIT
    if bucket(route.salt, unit) < route.threshold:
        return CANDIDATE, PERCENT
    return LEGACY, PERCENT


def pin_of(route: Route, claims: Claims | None) -> Pin | None:
    """The pin that holds for these claims; legacy's come first, as the safer side."""
    if claims is None or not route.pins:
        return None
    return next((pin for pin in route.pins if holds(claims, pin.claim, pin.values)), None)


def is_diverted(decision: Decision, route: Route, upstream: Upstream) -> bool:
    """Whether *upstream* would do somebody else's work: legacy that of the candidate's cohort."""
    return decision.cohort is CANDIDATE and upstream is not route.candidate


@dataclass(frozen=True, slots=True)
class Rung:
    """One step of the ladder: whether it held, and why or why not in words."""

    name: str
    holds: bool
    why: str


def ladder(matched: Matched, claims: Claims | None, breaker: str | None = None) -> Iterator[Rung]:
    """The rungs from the top down to the one that held: what `strangler explain` prints.

    *breaker* says what an open one does to this user; None is one that does nothing.
    """
    yield from cohort_rungs(matched, claims)
    if breaker is not None:
        yield Rung("breaker", holds=True, why=breaker)


def cohort_rungs(matched: Matched, claims: Claims | None) -> Iterator[Rung]:
    """The rungs of which one is the cohort."""
    route = matched.route
    if not matched.by_method or route.candidate is None:
        yield Rung("plain", holds=True, why=plain_words(matched))
        return
    pin = pin_of(route, claims)
    yield Rung("pin", holds=pin is not None, why=pin_words(route, pin))
    if pin is not None:
        return
    unit = unit_of(claims, route.by)
    if unit is not None:
        yield percentage_rung(route, unit)
    else:
        yield Rung("percent", holds=False, why=f"there is no claim {route.by!r} to bucket")
    if unit is None or bucket(route.salt, unit) >= route.threshold:
        yield Rung("legacy", holds=True, why=f"nothing above holds, so {route.legacy.name} serves")


def percentage_rung(route: Route, unit: str) -> Rung:
    """How the user's bucket stands to the percentage."""
    place = bucket(route.salt, unit)
    inside = place < route.threshold
    sign = "<" if inside else ">="
    why = (
        f"bucket({route.salt!r}, {unit!r}) = {place} {sign} {route.threshold}"
        f" (percent {route.percent:g})"
    )
    return Rung("percent", holds=inside, why=why)


def pin_words(route: Route, pin: Pin | None) -> str:
    """Which pin held, or that none did."""
    if pin is not None:
        return f"claim {pin.claim!r} is pinned to the {pin.cohort}"
    if route.pins:
        return f"none of the {len(route.pins)} pins names this user"
    return f"route {route.name} pins nobody"


def plain_words(matched: Matched) -> str:
    """Why no side had to be chosen."""
    route = matched.route
    if not matched.by_method:
        return f"route {route.name} does not list this method, so {route.legacy.name} serves"
    return f"route {route.name} has no candidate, so {route.upstream.name} serves"

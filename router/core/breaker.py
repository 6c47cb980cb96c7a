"""A breaker that re-routes: while it is open the candidate's users go to legacy, at no delay.

Rule 1: every transition is in `NEXT`. Rule 2: nothing here reads a clock, or throws dice.
"""

from typing import Final

from router.core.model import BreakerRules
from router.core.words import Word

PROVED: Final = 5
"""Probes that must succeed in a row."""
FIRST_SLICE: Final = 1 / 8
"""The part of the cohort that may probe at first, the lowest buckets."""
FORGIVEN_S: Final = 300.0
"""After so long closed it is as good as new: until then a half-broken upstream would flap."""
SPREAD: Final = 0.2
"""By how much of it, at most, chance shortens the open time, so that replicas do not probe at
once. It never lengthens it: a bound that is told must hold."""


class State(Word):
    """The label `state` of `strangler_breaker_state`."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


class Event(Word):
    """What moves it: evidence, a budget that is spent, time, a probe that failed, and five good."""

    TRIPPED = "tripped"
    SPENT = "spent"
    COOLED = "cooled"
    FAILED = "failed"
    PROVED = "proved"


CLOSED: Final = State.CLOSED
OPEN: Final = State.OPEN
HALF_OPEN: Final = State.HALF_OPEN
TRIPPED: Final = Event.TRIPPED

NEXT: Final[dict[tuple[State, Event], State]] = {
    (State.CLOSED, Event.TRIPPED): State.OPEN,
    (State.CLOSED, Event.SPENT): State.OPEN,
    (State.OPEN, Event.COOLED): State.HALF_OPEN,
    (State.HALF_OPEN, Event.TRIPPED): State.OPEN,
    (State.HALF_OPEN, Event.SPENT): State.OPEN,
    (State.HALF_OPEN, Event.FAILED): State.OPEN,
    (State.HALF_OPEN, Event.PROVED): State.CLOSED,
}
"""What is not in it moves nothing."""


class Breaker:
    """One of one route in one process. Times are monotonic seconds, of one clock for all processes.

    `since` is the time of the last transition: whatever began before it is no news. At most
    *at_once* probes are under way. For whoever looks: `turned` is when it was given up, or closed
    again, and `why` what gave it up last.
    """

    __slots__ = (
        "_at_once",
        "_open_s",
        "_probed",
        "_proofs",
        "_under_way",
        "_until",
        "_width",
        "is_closed",
        "rules",
        "since",
        "state",
        "turned",
        "why",
    )

    def __init__(self, rules: BreakerRules, at_once: int) -> None:
        self.state = CLOSED
        self.is_closed = True
        self.since = float("-inf")
        self.turned = self.since
        self.why: Event | None = None
        self.rules = rules
        self._at_once = at_once
        self._open_s = 0.0
        self._until = 0.0
        self._proofs = 0
        self._probed = 0.0
        self._under_way = 0
        self._width = FIRST_SLICE

    def __repr__(self) -> str:
        return f"<Breaker {self.state} since {self.since:g}, until {self._until:g}>"

    def is_news(self, began: float) -> bool:
        """Whether what began at *began* says something about the state it is in now."""
        return began >= self.since

    def state_at(self, now: float) -> State:
        """The state in which an exchange at *now* would find it."""
        return HALF_OPEN if self.state is OPEN and now >= self._until else self.state

    def left_s(self, now: float) -> float:
        """How long it stays open."""
        return max(0.0, self._until - now) if self.state is OPEN else 0.0

    def slice_at(self, now: float) -> float:
        """The part of the cohort that may probe: doubled for each open time without a probe.

        It does not shrink with a probe: who brought it must be able to bring the others.
        """
        if self.state_at(now) is not HALF_OPEN:
            return 0.0
        since, width = (
            (self._until, FIRST_SLICE) if self.state is OPEN else (self._probed, self._width)
        )
        doublings = min(3, int(max(0.0, now - since) / self._open_s))
        return min(1.0, width * 2.0**doublings)

    def may_probe(self, now: float, depth: float, has_room: bool = True) -> bool:
        """Whether a user probes, who is *depth* (0 to 1) deep in the cohort; it counts as begun.

        Where legacy has no room for a rescue only one does at a time: to forbid it would keep an
        upstream that is well shut out for as long as legacy is full.
        """
        if self.state_at(now) is not HALF_OPEN or depth >= self.slice_at(now):
            return False
        self._cool(now)
        if self._under_way >= (self._at_once if has_room else 1):
            return False
        self._under_way += 1
        return True

    def probe_ended(self, began: float) -> None:
        """A probe is over, however it ended."""
        if self.is_news(began) and self._under_way > 0:
            self._under_way -= 1

    def proved(self, now: float, began: float) -> bool:
        """A probe that *began* then succeeded, here or in another process; whether that closes."""
        self._cool(began)
        self._widen(now)
        self._proofs += 1
        return self._proofs >= PROVED and self._move(Event.PROVED, now)

    def refuted(self, now: float, began: float, jitter: float) -> None:
        """A probe failed, here or in another process. *jitter* is by chance, 0 to 1."""
        self._cool(began)
        self._open(Event.FAILED, now, jitter)

    def trip(self, now: float, jitter: float, event: Event = TRIPPED) -> None:
        """It is enough, of failures or of fallbacks. *jitter* is by chance, 0 to 1."""
        if self.is_closed and now - self.since >= FORGIVEN_S:
            self._open_s = 0.0
        self._open(event, now, jitter)

    def _cool(self, now: float) -> None:
        """It is time to probe, or was for another process, whose probe began at *now*."""
        if self.state is OPEN:
            self._widen(now)
            self._move(Event.COOLED, now)

    def _widen(self, now: float) -> None:
        """Keep the slice as wide as it has become; from now on it is waited anew."""
        self._width, self._probed = max(FIRST_SLICE, self.slice_at(now)), now

    def _open(self, event: Event, now: float, jitter: float) -> None:
        """Open for twice as long as the last time, from `open` up to `longest_open`."""
        if not self._move(event, now):
            return
        doubled = max(2.0 * self._open_s, self.rules.open_s)
        self._open_s = min(doubled, self.rules.longest_open_s)
        self._until = now + self._open_s * (1.0 - SPREAD * jitter)

    def _move(self, event: Event, now: float) -> bool:
        """Make the transition that the table has for *event*, if it has one."""
        state = NEXT.get((self.state, event))
        if state is None:
            return False
        was_closed = self.is_closed
        self.state = state
        self.is_closed = state is CLOSED
        self.since = max(now, self.since)
        if was_closed:
            self.why = event
        if was_closed or self.is_closed:
            self.turned = self.since
        self._proofs = self._under_way = 0
        return True

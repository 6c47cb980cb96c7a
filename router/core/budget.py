"""How many fallbacks legacy can be asked for: a share of what the candidate is asked.

After Finagle's RetryBudget: each exchange that goes to the candidate deposits one token, each
fallback withdraws 1 / `ratio`, both are forgotten after ten seconds, and a reserve is there in any
case, so that a small route is never refused.
"""

from collections import deque
from typing import Final

from router.core.model import BudgetRules

WINDOW_S: Final = 10.0
SLOTS: Final = 10
SLOT_S: Final = WINDOW_S / SLOTS


class Budget:
    """One of one route in one of *workers* processes. Times are monotonic seconds.

    `under_way` are the fallbacks that have not ended, of `at_once` at most.
    """

    __slots__ = (
        "_balance",
        "_price",
        "_reserve",
        "_slot",
        "_slot_ends",
        "_slots",
        "_used",
        "_used_in_slot",
        "at_once",
        "under_way",
    )

    def __init__(self, rules: BudgetRules, workers: int) -> None:
        self.under_way = 0
        self.follow(rules, workers)
        self._balance = 0.0  # of the slots that have ended
        self._slot = 0.0
        self._slots: deque[float] = deque([0.0] * (SLOTS - 1))
        self._slot_ends = 0.0
        self._used: deque[int] = deque([0] * (SLOTS - 1))  # likewise
        self._used_in_slot = 0

    def follow(self, rules: BudgetRules, workers: int) -> None:
        """Have *rules* hold from now on."""
        self._price = 1.0 / rules.ratio
        self._reserve = rules.min_per_s * WINDOW_S * self._price / workers
        self.at_once = max(1, rules.at_once // workers)

    def deposit(self, now: float) -> None:
        """An exchange goes to the candidate."""
        if now >= self._slot_ends:
            self._turn(now)
        self._slot += 1.0

    def withdraw(self, now: float) -> bool:
        """Whether a fallback may be: it has begun, then, and is to be ended."""
        if self.left(now) < 1.0 or self.under_way >= self.at_once:
            return False
        self._slot -= self._price
        self._used_in_slot += 1
        self.under_way += 1
        return True

    def end(self) -> None:
        """A fallback has ended; it may have begun while the route had no budget."""
        self.under_way = max(0, self.under_way - 1)

    def left(self, now: float) -> float:
        """How many fallbacks there could be at once, as far as tokens go."""
        if now >= self._slot_ends:
            self._turn(now)
        return max(0.0, self._balance + self._slot + self._reserve) / self._price

    def used(self, now: float) -> int:
        """How many there were in the last ten seconds."""
        if now >= self._slot_ends:
            self._turn(now)
        return sum(self._used) + self._used_in_slot

    def _turn(self, now: float) -> None:
        """Begin the slot that *now* is in, and forget those that are past."""
        turns = min(SLOTS, int((now - self._slot_ends) / SLOT_S) + 1)
        for _ in range(turns):
            self._slots.append(self._slot)
            self._slots.popleft()
            self._slot = 0.0
            self._used.append(self._used_in_slot)
            self._used.popleft()
            self._used_in_slot = 0
        self._balance = sum(self._slots)
        self._slot_ends = (int(now / SLOT_S) + 1) * SLOT_S

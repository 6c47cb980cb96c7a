"""Units that failed lately: each is one failure, or one user's poison would be everybody's.

Again it counts only after a minute *and* 2 / tolerated outcomes. With the minute alone a single
user at low volume would be a failure each minute, among few others, and be enough.
"""

from typing import Final

FORGET_S: Final = 60.0
MOST: Final = 1_024
"""Units that are remembered; where more fail within a minute, it is not the units."""


class Sighting:
    """When a unit's failure counted last: monotonic seconds, and outcomes before it."""

    __slots__ = ("count", "time")

    def __init__(self, time: float, count: int) -> None:
        self.time = time
        self.count = count


class Suspects:
    """*outcomes* must have been counted until a unit's next failure is more than a repetition."""

    __slots__ = ("_outcomes", "_seen")

    def __init__(self, outcomes: int) -> None:
        self._outcomes = outcomes
        self._seen: dict[int, Sighting] = {}

    def __len__(self) -> int:
        return len(self._seen)

    def is_new(self, unit: int, now: float, count: int) -> bool:
        """Whether a failure of *unit* counts at *now*, after *count* outcomes; it is noted if so.

        *unit* is a number made of it (`core.bucketing.digest`), so that no name is kept.
        """
        seen = self._seen.pop(unit, None)
        if seen is not None and not self._is_past(seen, now, count):
            self._seen[unit] = seen
            return False
        if len(self._seen) >= MOST:
            del self._seen[next(iter(self._seen))]  # who failed longest ago, or almost
        self._seen[unit] = Sighting(now, count)
        return True

    def _is_past(self, seen: Sighting, now: float, count: int) -> bool:
        return now - seen.time >= FORGET_S and count - seen.count >= self._outcomes

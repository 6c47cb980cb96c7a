"""Whether an upstream fails more than is tolerated: a sequential test instead of a full window.

Shiryaev-Roberts form: for each share of failures that would be too many, R says how much better it
explains what was seen than the tolerated share does. R remembers little good history, so that four
failures in a row are enough after a million successes, and at one request a minute.
"""

from collections import deque
from typing import Final

MULTIPLES: Final = (5, 10, 30, 60)
"""Shares that would be too many, as multiples of the tolerated one."""
MOST: Final = 0.95
ENOUGH: Final = 1e6
"""What the mean of the four R must reach."""
LARGEST: Final = 1e12
"""R grows no further: failures that are many, but too few of late, must not make it infinite."""

LEAST: Final = 20
WINDOW_S: Final = 1.0
"""The last outcomes are those of a second, or 20 if that were fewer."""
STEP_S: Final = 0.1
"""How exactly a second is kept."""


class Hypothesis:
    """One share of failures that would be too many, and R, the evidence for it."""

    __slots__ = ("_down", "_up", "r")

    def __init__(self, share: float, tolerated: float) -> None:
        self.r = 0.0
        self._up = share / tolerated
        self._down = (1.0 - share) / (1.0 - tolerated)

    def succeeded(self, many: int) -> None:
        """R after *many* successes: R ← (1 + R) · down, so often, in closed form."""
        down = self._down
        left = down**many
        self.r = self.r * left + down * (1.0 - left) / (1.0 - down)

    def failed(self) -> None:
        """R after a failure: R ← (1 + R) · up."""
        self.r = min((1.0 + self.r) * self._up, LARGEST)


class Mark:
    """How much had been seen at *time*, and since when nothing else."""

    __slots__ = ("count", "failures", "time")

    def __init__(self, time: float, count: int, failures: int) -> None:
        self.time = time
        self.count = count
        self.failures = failures


class Evidence:
    """What the outcomes so far say. `count` is how many they were. Times are monotonic seconds.

    Only a failure can be what is too much; so successes are merely counted until the next one.
    """

    __slots__ = (
        "_begun",
        "_failures",
        "_hypotheses",
        "_last",
        "_least_share",
        "_marks",
        "_step_ends",
        "_successes",
        "count",
    )

    def __init__(self, tolerated: float) -> None:
        shares = [min(MOST, multiple * tolerated) for multiple in MULTIPLES]
        self.count = 0
        self._begun = 0
        self._hypotheses = [Hypothesis(share, tolerated) for share in shares]
        self._least_share = min(MOST, MULTIPLES[0] * tolerated)
        self._successes = 0
        self._failures = 0
        self._last: deque[int] = deque(maxlen=LEAST)
        self._marks: deque[Mark] = deque()
        self._step_ends = -1.0

    @property
    def weight(self) -> float:
        """The mean of the four R, as of the last failure."""
        return sum([one.r for one in self._hypotheses]) / len(self._hypotheses)

    def succeeded(self, now: float, many: int = 1) -> None:
        """Count successes."""
        if now >= self._step_ends:
            self._mark(now)
        self.count += many
        self._successes += many

    def failed(self, now: float) -> bool:
        """Count a failure; whether it is now enough to say that too many fail."""
        if now >= self._step_ends:
            self._mark(now)
        self.count += 1
        self._failures += 1
        self._last.append(self.count)
        successes, self._successes = self._successes, 0
        for one in self._hypotheses:
            if successes:
                one.succeeded(successes)
            one.failed()
        return self.weight >= ENOUGH and self._recent_share(now) >= self._least_share

    def forget(self) -> None:
        """Begin anew, but for `count`."""
        for one in self._hypotheses:
            one.r = 0.0
        self._begun = self.count
        self._successes = 0
        self._last.clear()
        self._marks.clear()
        self._step_ends = -1.0

    def _recent_share(self, now: float) -> float:
        """The share of failures among the last outcomes."""
        while len(self._marks) > 1 and self._marks[1].time <= now - WINDOW_S:
            self._marks.popleft()
        before = self._marks[0]
        outcomes, failures = self.count - before.count, self._failures - before.failures
        if outcomes < LEAST:
            outcomes = min(self.count - self._begun, LEAST)
            failures = len([number for number in self._last if number > self.count - LEAST])
        return failures / outcomes

    def _mark(self, now: float) -> None:
        """Begin a step. Nothing was seen since the last one ended: the mark is of that time."""
        ended = self._step_ends if self._marks else now
        while len(self._marks) > 1 and self._marks[1].time <= now - WINDOW_S:
            self._marks.popleft()
        self._marks.append(Mark(ended, self.count, self._failures))
        self._step_ends = now + STEP_S

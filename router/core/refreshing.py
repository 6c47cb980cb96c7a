"""When a key set is fetched, how long it is good, and who may ask for it out of turn.

All times are seconds of a monotonic clock, handed in.
"""

import re
from dataclasses import dataclass, replace
from enum import StrEnum

LIFETIME_S = 600.0
SHORTEST_S = 60.0
LONGEST_S = 3600.0
EARLY = 0.8
"""The share of a lifetime after which the next set is fetched: there is time to fail in."""

COOLDOWN_S = 30.0
"""Between two fetches for unknown key names, whatever the names: anybody can invent one."""

RETRY_S = 1.0
MAX_RETRY_S = 30.0
MAX_AGE = re.compile(r'(?:^|[\s,])max-age\s*=\s*"?([0-9]{1,10})"?\s*(?:,|$)', re.IGNORECASE)
UNKEPT = re.compile(r"(?:^|[\s,])no-(?:store|cache)\s*(?:,|$)", re.IGNORECASE)


class Standing(StrEnum):
    """What a set is worth: none is there, it is fresh, or it is served past its lifetime."""

    NONE = "none"
    FRESH = "fresh"
    STALE = "stale"


def lifetime_of(cache_control: str) -> float:
    """Seconds that a set may be used for, by its `Cache-Control` (RFC 9111 5.2), within bounds."""
    if UNKEPT.search(cache_control):
        return SHORTEST_S
    found = MAX_AGE.search(cache_control)
    return LIFETIME_S if found is None else min(max(float(found[1]), SHORTEST_S), LONGEST_S)


@dataclass(frozen=True, slots=True)
class Refreshing:
    """What happened to one set so far; each event gives the next value."""

    stale_for_s: float
    fetched_s: float | None = None
    lifetime_s: float = LIFETIME_S
    tried_s: float | None = None
    failures: int = 0
    asked_s: float | None = None

    def succeeded(self, now: float, lifetime_s: float) -> "Refreshing":
        """A set was fetched that is good for *lifetime_s*."""
        return replace(self, fetched_s=now, tried_s=now, lifetime_s=lifetime_s, failures=0)

    def failed(self, now: float) -> "Refreshing":
        """A fetch was in vain; the set there is stays."""
        return replace(self, tried_s=now, failures=self.failures + 1)

    def asked(self, now: float) -> "Refreshing":
        """An unknown key name has a fetch begin out of turn."""
        return replace(self, asked_s=now)

    def may_ask(self, now: float) -> bool:
        """Whether an unknown key name may have a fetch begin."""
        return self.asked_s is None or now - self.asked_s >= COOLDOWN_S

    def standing(self, now: float) -> Standing:
        """What the set is worth at *now*."""
        if self.fetched_s is None:
            return Standing.NONE
        over_s = now - self.fetched_s - self.lifetime_s
        if over_s < 0:
            return Standing.FRESH
        return Standing.STALE if over_s < self.stale_for_s else Standing.NONE

    def due_s(self, now: float) -> float:
        """Seconds until the next fetch in turn; 0 if it is due."""
        if self.failures and self.tried_s is not None:
            pause_s = min(RETRY_S * 2.0 ** min(self.failures - 1, 16), MAX_RETRY_S)
            return max(0.0, self.tried_s + pause_s - now)
        if self.fetched_s is None:
            return 0.0
        return max(0.0, self.fetched_s + EARLY * self.lifetime_s - now)

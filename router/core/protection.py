"""What stands between a route's users and a broken candidate: breaker, budget, and their evidence.

An exchange that is meant for the candidate asks `way`; once its attempt has been judged it says
`succeeded`, `failed` or `left`; `may_fall_back` asks the budget. What other processes have seen
comes in by `hear`. Times are monotonic seconds of one clock for all processes; *began* is when the
exchange did.
"""

from typing import Final, NamedTuple

from router.core.breaker import Breaker
from router.core.budget import Budget
from router.core.evidence import Evidence
from router.core.model import Route
from router.core.suspects import Suspects
from router.core.words import Word

PROBES: Final = 4
"""That are under way at once, in all workers together."""


class Way(Word):
    """Where an exchange of the candidate's cohort goes."""

    CANDIDATE = "candidate"
    PROBE = "probe"
    LEGACY = "legacy"


CANDIDATE: Final = Way.CANDIDATE
PROBE: Final = Way.PROBE
LEGACY: Final = Way.LEGACY


class News(NamedTuple):
    """What one process has seen and the others have not: successes, and a failure of *unit* or not.

    The oldest of it *began* then. `failures` is 0 or 1; a unit of -1 is none.
    """

    began: float
    successes: int
    failures: int = 0
    unit: int = -1
    probe: bool = False


class Protection:
    """That of one route in one of *workers* processes."""

    __slots__ = ("_evidence", "_oldest", "_suspects", "_untold", "breaker", "budget")

    def __init__(self, route: Route, workers: int = 1) -> None:
        rules = route.breaker
        self.budget = None if route.budget is None else Budget(route.budget, workers)
        self.breaker = None if rules is None else Breaker(rules, max(1, PROBES // workers))
        tolerated = 0.01 if rules is None else rules.tolerated / 100.0
        self._evidence = Evidence(tolerated)
        self._suspects = Suspects(round(2.0 / tolerated))
        self._untold = 0
        self._oldest = 0.0

    def way(self, now: float, depth: float) -> Way:
        """Where an exchange goes whose user is *depth* (0 to 1) deep in the candidate's cohort."""
        breaker = self.breaker
        if breaker is None or breaker.is_closed:
            way = CANDIDATE
        elif breaker.may_probe(now, depth):
            way = PROBE
        else:
            return LEGACY
        if self.budget is not None:
            self.budget.deposit(now)
        return way

    def succeeded(self, now: float, began: float, way: Way) -> News | None:
        """The candidate did its work. What the other processes are to hear of it at once, if so."""
        breaker = self.breaker
        if breaker is None or not breaker.is_news(began):
            return None
        if way is PROBE:
            news = News(began, 1, probe=True)
            breaker.probe_ended(began)
            self._judge(breaker, news, now, 0.0)
            return news
        if breaker.is_closed:
            self._evidence.succeeded(now)
            if not self._untold or began < self._oldest:
                self._oldest = began
            self._untold += 1
        return None

    def failed(self, now: float, began: float, way: Way, unit: int, jitter: float) -> News | None:
        """It failed. What the others are to hear, or None if that is no news about it.

        *unit* is -1 where there is none: then each failure counts.
        """
        breaker = self.breaker
        if breaker is None or not breaker.is_news(began):
            return None
        if way is PROBE:
            breaker.probe_ended(began)
        news = News(began, 0, 1, unit, way is PROBE)
        return news if self._judge(breaker, news, now, jitter) else None

    def left(self, began: float, way: Way) -> None:
        """Nobody knows what the candidate would have done."""
        if way is PROBE and self.breaker is not None:
            self.breaker.probe_ended(began)

    def may_fall_back(self, now: float, counted: bool, jitter: float) -> bool:
        """Whether legacy may be asked instead: a fallback has begun, then, and is to be ended.

        If it may not, the breaker opens, so that legacy is asked once and not the candidate first;
        but not for a failure that did not count: a user with a poisonous request can spend a
        budget, and is the only one to go without.
        """
        if self.budget is None or self.budget.withdraw(now):
            return True
        if counted and self.breaker is not None:
            self.breaker.trip(now, jitter)
        return False

    def fell_back(self) -> None:
        """A fallback has ended."""
        if self.budget is not None:
            self.budget.end()

    def hear(self, news: News, now: float, jitter: float) -> None:
        """Take what another process has seen as if it had been seen here."""
        breaker = self.breaker
        if breaker is not None and breaker.is_news(news.began):
            self._judge(breaker, news, now, jitter)

    def untold(self) -> News | None:
        """The successes that the other processes have not heard of."""
        if not self._untold:
            return None
        many, self._untold = self._untold, 0
        return News(self._oldest, many)

    def _judge(self, breaker: Breaker, news: News, now: float, jitter: float) -> bool:
        """Have *news* move the breaker; whether they count."""
        if not (breaker.is_closed or news.probe):
            return False  # it began elsewhere, before the opening was known there
        if news.failures and not self._is_first(news.unit, now):
            return False
        if breaker.is_closed:
            self._weigh(breaker, news, now, jitter)
        elif news.failures:
            breaker.refuted(now, news.began, jitter)
        elif breaker.proved(now, news.began):
            self._evidence.forget()
        return True

    def _weigh(self, breaker: Breaker, news: News, now: float, jitter: float) -> None:
        """Add *news* to the evidence, which may be enough now."""
        if news.successes:
            self._evidence.succeeded(now, news.successes)
        if news.failures and self._evidence.failed(now):
            breaker.trip(now, jitter)

    def _is_first(self, unit: int, now: float) -> bool:
        """Whether a failure of *unit* is more than a repetition."""
        return unit < 0 or self._suspects.is_new(unit, now, self._evidence.count)

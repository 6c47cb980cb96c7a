"""What stands between a route's users and a broken candidate: breaker, budget, and their evidence.

An exchange that is meant for the candidate asks `way`; once its attempt has been judged it says
`succeeded`, `failed` or `left`; `may_fall_back` asks the budget. What other processes have seen
comes in by `hear`. Times are monotonic seconds of one clock for all processes; *began* is when the
exchange did.
"""

from math import isinf
from typing import Final, NamedTuple

from router.core.breaker import Breaker, Event, State
from router.core.budget import Budget
from router.core.evidence import Evidence
from router.core.model import BreakerRules, BudgetRules, Route
from router.core.suspects import Suspects
from router.core.words import Word

DEFAULT: Final = BreakerRules()
SPENT: Final = Event.SPENT
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

    The oldest of it *began* then. `failures` is 0 or 1; a unit of -1 is none. `spent`: there was no
    budget for it, and that opened the breaker.
    """

    began: float
    successes: int
    failures: int = 0
    unit: int = -1
    probe: bool = False
    spent: bool = False


class Standing(NamedTuple):
    """How a route stands: its breaker, if it has one, and what fallbacks its budget has left.

    The breaker has been closed for `lasted_s`, or not been closed; None is from the start. `why` it
    was given up, if it is; nobody probes for `rests_s`. Fallbacks `used` are those of ten seconds.
    """

    state: State | None
    left: float | None
    under_way: int
    lasted_s: float | None = None
    why: Event | None = None
    rests_s: float = 0.0
    used: int = 0
    at_once: int = 0


class Protection:
    """That of one route in one of *workers* processes."""

    __slots__ = (
        "_evidence",
        "_oldest",
        "_suspects",
        "_tolerated",
        "_untold",
        "_workers",
        "breaker",
        "budget",
    )

    def __init__(self, route: Route, workers: int = 1) -> None:
        self.budget: Budget | None = None
        self.breaker: Breaker | None = None
        self._workers = workers
        self._tolerated = 0.0
        self._untold = 0
        self._oldest = 0.0
        self.follow(route)

    def follow(self, route: Route) -> None:
        """Have the rules of *route* hold from now on; what is open stays open."""
        self._budget_by(route.budget)
        self._breaker_by(route.breaker)
        tolerated = DEFAULT.tolerated if route.breaker is None else route.breaker.tolerated
        if tolerated != self._tolerated:
            self._tolerated = tolerated
            self._evidence = Evidence(tolerated / 100.0)
            self._suspects = Suspects(round(200.0 / tolerated))

    def _breaker_by(self, rules: BreakerRules | None) -> None:
        if rules is None:
            self.breaker = None
        elif self.breaker is None:
            self.breaker = Breaker(rules, max(1, PROBES // self._workers))
        else:
            self.breaker.rules = rules

    def _budget_by(self, rules: BudgetRules | None) -> None:
        if rules is None:
            self.budget = None
        elif self.budget is None:
            self.budget = Budget(rules, self._workers)
        else:
            self.budget.follow(rules, self._workers)

    @property
    def is_closed(self) -> bool:
        """Whether nothing keeps the cohort from the candidate."""
        return self.breaker is None or self.breaker.is_closed

    def way(self, now: float, depth: float, has_room: bool = True) -> Way:
        """Where an exchange goes whose user is *depth* (0 to 1) deep in the candidate's cohort.

        *has_room*: legacy would have room for it.
        """
        breaker = self.breaker
        if breaker is None or breaker.is_closed:
            way = CANDIDATE
        elif breaker.may_probe(now, depth, has_room):
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

    def may_fall_back(self, now: float) -> bool:
        """Whether legacy may be asked instead: a fallback has begun, then, and is to be ended."""
        return self.budget is None or self.budget.withdraw(now)

    def spent(self, now: float, began: float, jitter: float) -> News | None:
        """There was no budget for a failure that counted. What the others are to hear of it.

        The breaker opens, so that legacy is asked once and not the candidate first; in the others
        too, or each would need a user of its own whom nobody rescues. For a failure that did not
        count it does not: a user with a poisonous request can spend a budget, and is the only one
        to go without.
        """
        breaker = self.breaker
        if breaker is None or not breaker.is_closed:
            return None
        breaker.trip(now, jitter, SPENT)
        return News(began, 0, spent=True)

    def fell_back(self) -> None:
        """A fallback has ended."""
        if self.budget is not None:
            self.budget.end()

    def hear(self, news: News, now: float, jitter: float) -> None:
        """Take what another process has seen as if it had been seen here."""
        breaker = self.breaker
        if breaker is not None and breaker.is_news(news.began):
            self._judge(breaker, news, now, jitter)

    def standing(self, now: float) -> Standing:
        """How it stands, for whoever looks."""
        breaker, budget = self.breaker, self.budget
        state: State | None = None
        lasted_s: float | None = None
        why: Event | None = None
        rests_s = 0.0
        if breaker is not None:
            state, rests_s = breaker.state_at(now), breaker.left_s(now)
            lasted_s = None if isinf(breaker.turned) else now - breaker.turned
            why = None if breaker.is_closed else breaker.why
        if budget is None:
            return Standing(state, None, 0, lasted_s, why, rests_s)
        left, used = budget.left(now), budget.used(now)
        return Standing(state, left, budget.under_way, lasted_s, why, rests_s, used, budget.at_once)

    def words(self, now: float, depth: float) -> str | None:
        """Why it sends a user *depth* (0 to 1) deep in the cohort to legacy, or None."""
        breaker = self.breaker
        if breaker is None or breaker.is_closed:
            return None
        if breaker.state_at(now) is State.OPEN:
            return f"open for {breaker.left_s(now):.1f} s more"
        probing = breaker.slice_at(now)
        if depth < probing:
            return None
        return (
            f"half open: the first {probing:.1%} of the cohort probe, this user is at {depth:.1%}"
        )

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
        if news.spent:
            breaker.trip(now, jitter, SPENT)
        elif breaker.is_closed:
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

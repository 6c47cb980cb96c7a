"""Workers that hear of each other a little later, as those of one router do."""

from collections import deque
from random import Random

from router.core.breaker import State
from router.core.model import Route
from router.core.protection import News, Protection, Way

TOLD_EVERY_S = 0.25
DELAY_S = 0.005


class Crew:
    """The protections of one route in several workers; a request comes to one of them by chance."""

    def __init__(self, route: Route, workers: int, chance: Random) -> None:
        self.now = 0.0
        self.chance = chance
        self.route = route
        self.workers = [Protection(route, workers) for _ in range(workers)]
        self._told: deque[tuple[float, Protection, News]] = deque()
        self._tell_at = TOLD_EVERY_S

    def at(self, now: float) -> None:
        """Let time pass, and what was told arrive."""
        while self._tell_at <= now:
            for worker in self.workers:
                self.tell(worker, worker.untold(), self._tell_at)
            self._tell_at += TOLD_EVERY_S
        self.now = now
        while self._told and self._told[0][0] <= now:
            at, speaker, news = self._told.popleft()
            for worker in self.workers:
                if worker is not speaker:
                    worker.hear(news, at, self.chance.random())

    def tell(self, speaker: Protection, news: News | None, now: float) -> None:
        """Send *news* to the others."""
        if news is not None and len(self.workers) > 1:
            self._told.append((now + DELAY_S, speaker, news))

    def any(self) -> Protection:
        """The worker that gets a request."""
        return self.chance.choice(self.workers)

    def judged(
        self, worker: Protection, began: float, way: Way, unit: int, *, failed: bool
    ) -> News | None:
        """The candidate's attempt has ended at *worker*."""
        if failed:
            news = worker.failed(self.now, began, way, unit, self.chance.random())
        else:
            news = worker.succeeded(self.now, began, way)
        self.tell(worker, news, self.now)
        return news

    def ask(self, unit: int, *, fails: bool) -> Way:
        """A request of *unit* that takes no time."""
        worker = self.any()
        way = worker.way(self.now, unit % 1_000 / 1_000)
        if way is not Way.LEGACY:
            self.judged(worker, self.now, way, unit, failed=fails)
        return way

    @property
    def states(self) -> set[State]:
        """All states that a worker is in."""
        return {worker.breaker.state for worker in self.workers if worker.breaker is not None}

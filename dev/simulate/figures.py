"""How much the breaker's evidence takes to be enough, and how little is not enough."""

from random import Random
from statistics import median

from dev.simulate.crew import Crew
from dev.simulate.metastable import ROUTE
from router.core.breaker import State
from router.core.evidence import Evidence

TOLERATED = 0.01


def taken(share: float, chance: Random, most: int = 100_000) -> int:
    """Outcomes until it opens, of which *share* are failures; one each second."""
    evidence = Evidence(TOLERATED)
    for number in range(1, most):
        if chance.random() >= share:
            evidence.succeeded(float(number))
        elif evidence.failed(float(number)):
            return number
    return most


def median_taken(share: float, runs: int, seed: int = 7) -> float:
    """The median of that."""
    chance = Random(seed)  # noqa: S311 - a simulation
    return median(taken(share, chance) for _ in range(runs))


def failures_a_minute(workers: int, seed: int = 11) -> int:
    """At one request a minute, all of which fail from the 101st on: how many until all are open."""
    crew = Crew(ROUTE, workers, Random(seed))  # noqa: S311 - a simulation
    for minute in range(200):
        crew.at(minute * 60.0)
        if crew.states == {State.OPEN}:
            return minute - 100
        crew.ask(minute, fails=minute >= 100)
    return 100


def opens_at(share: float, seconds: float, workers: int = 4, seed: int = 5) -> float | None:
    """When one opens at a thousand requests a second, if so; all users are different ones."""
    chance = Random(seed)  # noqa: S311 - a simulation
    crew, now, unit, due = Crew(ROUTE, workers, chance), 0.0, 0, chance.expovariate(share)
    while now < seconds:
        now = round(now + 0.01, 2)
        crew.at(now)
        for number in range(10):
            unit, due = unit + 1, due - 1.0
            if due >= 0.0:
                worker = crew.workers[number % workers]
                worker.succeeded(now, now, worker.way(now, 0.5))
                continue
            due += chance.expovariate(share)
            crew.ask(unit, fails=True)
        if crew.states != {State.CLOSED}:
            return now
    return None


def poisoned(minutes: int, workers: int = 4, seed: int = 3) -> bool:
    """Whether one user's request, which fails once a minute among few others, opens it."""
    crew = Crew(ROUTE, workers, Random(seed))  # noqa: S311 - a simulation
    for minute in range(minutes):
        crew.at(minute * 60.0)
        crew.ask(7, fails=True)
        crew.ask(minute, fails=False)
    return crew.states != {State.CLOSED}

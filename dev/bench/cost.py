"""CPU a request, at each rate of tokens seen before, and with heads that never come twice."""

from dev.bench.closed import Closed, closed, warmed
from dev.bench.subject import Subject
from dev.bench.tokens import RATES


def cost(subject: Subject) -> dict[str, float]:
    """CPU at each rate, and what can be served in a second."""
    found: dict[str, float] = {}
    for rate in RATES:
        run = at_rate(subject, rate)
        found[f"cpu-{rate}"] = run.cpu_us
        if rate == 90:
            found |= {"a-second": run.a_second, "busy": run.busy * 100}
    warmed(subject.running, subject.tokens["100"])
    run = closed(subject.running, subject.tokens["heads"], subject.seconds, numbered=True)
    return {**found, "cpu-heads": run.cpu_us}


def at_rate(subject: Subject, rate: int) -> Closed:
    """One run, *rate* of a hundred tokens seen just before it."""
    warmed(subject.running, subject.tokens["100"])
    return closed(subject.running, subject.tokens[str(rate)], subject.seconds)

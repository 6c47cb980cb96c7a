"""Users of the soak: an open loop of kept connections, and tokens of which most were seen before.

Runs as a process of its own: `python -m dev.soak.asking PORT RATE SECONDS`, prints JSON.
"""

import json
import random
import sys
import time
from collections.abc import Iterator

from dev.bench.openloop import CONNECTIONS, HEAD, LAST_ANSWERS_S, SEED, Run, play
from dev.bench.tokens import mixed, warm

SLICE_S = 10.0
CATCH_UP_S = 30.0
"""What a machine that has other things to do is given, to ask and answer what is overdue."""
SEEN_OF_HUNDRED = 90


def due(rate: float, seconds: float, people: Iterator[str]) -> Iterator[tuple[float, bytes]]:
    """Moments from now on as independent users have them, each with its request.

    Made as they come: those of half an hour would not fit into memory.
    """
    chance = random.Random(SEED)  # noqa: S311 - no secret
    moment, end = time.monotonic(), time.monotonic() + seconds
    while (moment := moment + chance.expovariate(rate)) < end:
        yield moment, HEAD.format(next(people)).encode()


def asked(port: int, rate: float, seconds: float) -> dict[str, float]:
    """What was asked and what failed, and the 99th percentile of the worst ten seconds in ms."""
    people = mixed("soak", SEEN_OF_HUNDRED, round(2 * rate * seconds) + 1, warm())
    run = Run(port)
    for _ in range(CONNECTIONS):
        run.connect()
    count, good, worst_s, end = 0, 0, 0.0, time.monotonic() + seconds
    while (left_s := end - time.monotonic()) > 0:
        lasts_s = min(left_s, SLICE_S)
        plan = Counted(due(rate, lasts_s, people))
        run.due, run.took_s = plan, []
        play(run, time.monotonic() + lasts_s + LAST_ANSWERS_S)
        count, good = count + plan.count, good + len(run.took_s)
        took_s = sorted(run.took_s) or [0.0]
        worst_s = max(worst_s, took_s[int(len(took_s) * 0.99)])
    run.due, run.took_s = iter(()), []
    play(run, time.monotonic() + CATCH_UP_S)
    for sock in run.read:
        sock.close()
    sent = count - len(run.waiting)
    failed = sent - good - len(run.took_s)
    return {"asked": sent, "failed": failed, "worst_p99_ms": worst_s * 1000}


class Counted(Iterator[tuple[float, bytes]]):
    """A plan, and how much of it has become due; the next that was looked at has not."""

    def __init__(self, plan: Iterator[tuple[float, bytes]]) -> None:
        self._plan = plan
        self._looked_at = 0
        self._is_over = False

    @property
    def count(self) -> int:
        """How many requests were to be sent."""
        return self._looked_at if self._is_over else max(0, self._looked_at - 1)

    def __next__(self) -> tuple[float, bytes]:
        one = next(self._plan, None)
        if one is None:
            self._is_over = True
            raise StopIteration
        self._looked_at += 1
        return one


if __name__ == "__main__":
    print(json.dumps(asked(int(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3]))))

"""The pool under more than the upstream can do, simulated: the figures of record 25, with seeds."""

import random
from collections.abc import Callable, Iterator

import pytest

from router.core.model import Upstream
from router.core.outcome import Fault
from router.edge.upstream.pool import Pool
from router.edge.upstream.wire import Connection
from tests.edge.wire_model.loops import Loop

DEADLINE_S = 10.0
LEGACY = Upstream("monolith", "legacy.example", 80, connections=20)
FEW = Upstream("monolith", "legacy.example", 80, connections=4)

Service = Callable[[random.Random], float]


def about(seconds: float) -> Service:
    """A time that varies, exponentially."""
    return lambda chance: chance.expovariate(1 / seconds)


class Load:
    """Requests that come as they like, *rate* a second, each as long at the upstream as it takes.

    `waits` are the seconds that clients of whole answers waited, `shed` those who were told to
    come again, `late` those whose time ran out while the upstream worked for them.
    """

    def __init__(self, rate: float, service: Service, *, diverted: bool = False) -> None:
        self.rate = rate
        self.service = service
        self.diverted = diverted
        self.waits: list[float] = []
        self.shed = self.late = 0
        self.worked_s = 0.0

    @property
    def p95(self) -> float:
        """What one in twenty waited longer for."""
        return sorted(self.waits)[len(self.waits) * 95 // 100]


class Simulation:
    """Loads on one pool."""

    def __init__(self, upstream: Upstream) -> None:
        self.loop = Loop()
        self.pool = Pool(upstream, self.loop)
        self.chance = random.Random(25)

    def run(self, seconds: float, *loads: Load) -> None:
        """Play *loads* for so long, then let all end."""
        for load in loads:
            self._expect(load, seconds)
        self.loop.let_pass(seconds + 2 * DEADLINE_S)

    def _expect(self, load: Load, until_s: float) -> None:
        at = self.loop.now + self.chance.expovariate(load.rate)
        if at < until_s:
            self.loop.call_at(at, self._come, load, until_s)

    def _come(self, load: Load, until_s: float) -> None:
        self._expect(load, until_s)
        came = self.loop.now

        def got(connection: Connection | Fault) -> None:
            if isinstance(connection, Fault):
                load.shed += 1
                return
            takes, left = load.service(self.chance), came + DEADLINE_S - self.loop.now
            load.worked_s += min(takes, left)
            self.loop.call_later(min(takes, left), self._end, load, connection, came, takes > left)

        self.pool.get(got, came + DEADLINE_S, fresh=False, diverted=load.diverted)

    def _end(self, load: Load, connection: Connection, came: float, late: bool) -> None:
        self.pool.drop(connection)
        if late:
            load.late += 1
        else:
            load.waits.append(self.loop.now - came)


Simulate = Callable[..., None]


@pytest.fixture
def simulate() -> Iterator[Simulate]:
    """Give a function that plays loads on an upstream."""
    begun: list[Simulation] = []

    def run(upstream: Upstream, seconds: float, *loads: Load) -> None:
        begun.append(Simulation(upstream))
        begun[-1].run(seconds, *loads)

    yield run
    for one in begun:
        assert repr(one.pool).endswith("0 in use, 0 waiting>")
        one.loop.close()


def cheap() -> Load:
    """Native traffic: a catalogue, a history; a tenth of what the upstream can do."""
    return Load(40, about(0.05))


def test_native_traffic_hardly_notices_rescues(simulate: Simulate) -> None:
    """Twice as many workouts as there is room for: the rest of the application stays quick."""
    alone, native = cheap(), cheap()
    rescues = Load(20, about(2.0), diverted=True)
    simulate(LEGACY, 60, alone)
    simulate(LEGACY, 60, native, rescues)
    assert native.p95 <= 1.2 * alone.p95
    assert native.shed == native.late == 0
    assert rescues.worked_s / 60 > 0.7 * 20  # places that were of use to somebody
    assert rescues.late <= 0.02 * len(rescues.waits)  # legacy took too long, nothing else


def test_without_priority_it_would(simulate: Simulate) -> None:
    """In one queue with them everybody waits as long as a workout takes."""
    native, rescues = cheap(), Load(20, about(2.0))
    simulate(LEGACY, 60, native, rescues)
    assert native.p95 > 1.0
    assert native.shed > 100


@pytest.mark.parametrize("over", [1.5, 5.0])
def test_an_upstream_asked_for_too_much_does_what_it_can(simulate: Simulate, over: float) -> None:
    """Whoever is let in still has the time to be served; waits up to the deadline would be 1 %."""
    capacity = 4 / 2.0
    native = Load(over * capacity, lambda _: 2.0)
    simulate(FEW, 200, native)
    assert len(native.waits) / 200 > 0.95 * capacity
    assert native.late == 0
    assert native.p95 < 2.0 + 2.0 + 0.1

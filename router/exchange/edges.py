"""What every exchange is handed: the configuration in force and the ways out."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from router.core.recent import Recently
from router.core.record import Record
from router.edge.comparing import Comparing
from router.edge.current import Current
from router.edge.late import LateAnswers
from router.edge.metrics import Metrics
from router.edge.protections import Protections
from router.edge.upstream.pool import Pools
from router.exchange.ids import Ids


class Log(Protocol):
    """Where finished stories go."""

    def write(self, wall: float, record: Record) -> None:
        """Have *record*, which ended at *wall*, written."""


@dataclass(frozen=True, slots=True)
class Edges:
    """Clocks give seconds: `clock` monotonic, `wall` since 1970."""

    current: Current
    pools: Pools
    metrics: Metrics
    access_log: Log | None
    clock: Callable[[], float]
    wall: Callable[[], float]
    ids: Ids
    comparing: Comparing | None = None
    late: LateAnswers | None = None
    recently: Recently | None = None
    protections: Protections | None = None

    def account(self, record: Record) -> None:
        """Tell metrics and log the finished story, once."""
        record.seconds = self.clock() - record.started
        self.metrics.record(record)
        if self.access_log is not None:
            self.access_log.write(self.wall(), record)

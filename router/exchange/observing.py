"""What is looked at of an exchange off its client's way: two answers compared, one that is late."""

from typing import Final

from router.core.model import Route
from router.core.outcome import Fault
from router.core.record import Record
from router.edge.comparing import Pair
from router.edge.late import LateAnswer
from router.edge.upstream.attempt import Attempt
from router.exchange.asking import Asked
from router.exchange.edges import Edges

TIMEOUT: Final = Fault.TIMEOUT


class Observed:
    """One exchange of those that are looked at: without an upload, since that is sent but once."""

    __slots__ = ("_edges", "_late", "_pair", "_record")

    def __init__(self, edges: Edges, record: Record) -> None:
        self._edges = edges
        self._record = record
        self._pair: Pair | None = None
        self._late: LateAnswer | None = None

    def abandoned(self, route: Route, attempt: Attempt) -> None:
        """Have what comes after *attempt*'s timeout told, now that legacy is asked instead."""
        late, outcome = self._edges.late, attempt.outcome
        if late is not None and outcome is not None and outcome.fault is TIMEOUT:
            self._late = late.wait_for(route, attempt, self._record)

    def answers(self, asked: Asked, attempt: Attempt) -> None:
        """Have the answer that *attempt* is about to give compared, if it is one of those."""
        comparing = self._edges.comparing
        if self._late is not None:
            self._late.watch(attempt)
        elif comparing is not None:
            self._pair = comparing.watch(asked.route, asked.decision, self._record, attempt)

    def ended(self, *, gone: bool) -> None:
        """The client has its answer, or has *gone*; the connections are not another's yet."""
        comparing = self._edges.comparing
        if self._pair is not None and comparing is not None:
            comparing.ended(self._pair)
        if self._late is not None:
            self._late.ended(gone=gone)

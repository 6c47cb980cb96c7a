"""Answers of attempts that were abandoned at their timeout, waited for off the client's way.

Legacy has been asked meanwhile, and nothing that comes here goes to a client: it is counted as what
it was and, where the route compares, laid beside legacy's answer of the same exchange. Bounded in
number, time and bytes.
"""

from typing import Final

from router.core.comparing.lateness import Lateness, lateness_of
from router.core.comparing.reading import Answer
from router.core.model import Route
from router.core.record import Record
from router.edge.comparing import Comparing, is_comparable
from router.edge.upstream.attempt import Attempt, Wanted, outcome_of
from router.edge.upstream.pool import Pool, Pools
from router.edge.upstream.wire import Connection

MOST = 32
"""Abandoned attempts that one worker waits for: enough to tell slow from dead."""
PART = 4
"""They take no more than one in so many of the connections that the upstream may have."""
MOST_BODY = 256 * 1024
"""Bytes that are read of an answer which nobody compares; what is longer came all the same."""
SAFE: Final = frozenset({"GET", "HEAD"})


class LateAnswer:
    """What an abandoned attempt may yet say. It is counted once, at the latest when time is up."""

    __slots__ = (
        "_answer",
        "_body",
        "_connection",
        "_ended",
        "_legacy",
        "_most",
        "_other",
        "_room",
        "_size",
        "pool",
        "record",
        "route",
        "wanted",
    )

    def __init__(
        self,
        room: "LateAnswers",
        pool: Pool,
        connection: Connection,
        route: Route,
        wanted: Wanted,
        record: Record,
    ) -> None:
        self.pool = pool
        self.route = route
        self.wanted = wanted
        self.record = record
        self._room = room
        self._connection: Connection | None = connection
        self._most = MOST_BODY if route.compare is None else route.compare.max_body
        self._body = bytearray()
        self._size = 0
        self._ended = False
        self._answer: Answer | None = None
        self._legacy: Connection | None = None
        self._other: Answer | None = None
        connection.silence()
        connection.on_change = self._look
        connection.go_on(pool.clock() + route.late_s)

    @property
    def holds(self) -> bool:
        """Whether it has a connection to the upstream still."""
        return self._connection is not None

    def watch(self, attempt: Attempt) -> None:
        """Have the answer that *attempt* is about to give the client kept, to compare with it."""
        compare, connection = self.route.compare, attempt.connection
        if compare is None or connection is None or not is_comparable(self.wanted, connection):
            return
        connection.copy(compare.max_body)
        self._legacy = connection

    def ended(self, *, gone: bool) -> None:
        """The exchange is over: the client has its answer, or has *gone*, and nobody cares."""
        if gone:
            self.give_up()
            return
        connection, self._legacy = self._legacy, None
        self._ended = True
        if connection is not None and connection.complete and connection.head is not None:
            head = connection.head
            self._other = Answer(head.status, head.block, connection.copied)
        self._compare()

    def give_up(self) -> None:
        """Wait no longer."""
        connection, self._connection = self._connection, None
        if connection is not None:
            self.pool.drop(connection)
        self._room.count(self, Lateness.DROPPED)

    def _look(self) -> None:
        """More has come, or its end, or what prevents that."""
        connection = self._connection
        if connection is None:
            return
        self._take(connection)
        head = connection.head
        streams = head is not None and head.event_stream  # it may have no end
        if not (connection.complete or connection.fault or streams or self._size > self._most):
            return
        self._connection = None
        lateness = lateness_of(outcome_of(connection))
        if lateness is Lateness.SLOW and self.route.compare is not None and head is not None:
            self._answer = Answer(head.status, head.block, bytes(self._body))
        if connection.complete:
            self.pool.give_back(connection)
        else:
            self.pool.drop(connection)
        if self._answer is None:
            self._room.count(self, lateness)
        else:
            self._compare()

    def _take(self, connection: Connection) -> None:
        """Take what has come of the body, and keep of it what may be compared."""
        piece = connection.take()
        self._size += len(piece)
        if self.route.compare is not None:
            self._body += piece[: self._most + 1 - len(self._body)]

    def _compare(self) -> None:
        """Have both answers compared, if both are here."""
        answer, other = self._answer, self._other
        if answer is None or not self._ended:
            return
        if other is None:
            self._room.count(self, Lateness.SLOW)
        else:
            self._room.compare(self, answer, other)


class LateAnswers:
    """All that one worker waits for."""

    def __init__(self, pools: Pools, comparing: Comparing) -> None:
        self._pools = pools
        self._comparing = comparing
        self._awaited: set[LateAnswer] = set()

    def wait_for(self, route: Route, attempt: Attempt, record: Record) -> LateAnswer | None:
        """Wait for what *attempt*, which legacy is asked instead of, may yet say, if that is safe.

        The request was sent whole and changes nothing; its connection is taken over.
        """
        wanted = attempt.wanted
        if wanted.method not in SAFE or wanted.upgrade or route.late_s <= 0:
            return None
        if attempt.connection is None:
            return None  # it was never sent
        pool = self._pools[wanted.upstream]
        if not self._has_room(pool):
            self._comparing.count_late(route, Lateness.DROPPED)
            return None
        connection = attempt.hand_over()
        if connection is None:
            return None
        late = LateAnswer(self, pool, connection, route, wanted, record)
        self._awaited.add(late)
        return late

    def close(self) -> None:
        """Give up what is under way."""
        for late in list(self._awaited):
            late.give_up()

    def count(self, late: LateAnswer, lateness: Lateness) -> None:
        """Count what *late* was, once."""
        if late in self._awaited:
            self._awaited.discard(late)
            self._comparing.count_late(late.route, lateness)

    def compare(self, late: LateAnswer, answer: Answer, other: Answer) -> None:
        """Have the late *answer* compared with *other*, legacy's."""
        if late in self._awaited:
            self._awaited.discard(late)
            self._comparing.late(late.route, late.record, other, answer)

    def _has_room(self, pool: Pool) -> bool:
        """Whether one more may go on without taking a place from a client."""
        held = sum(one.holds and one.pool is pool for one in self._awaited)
        few = held < pool.upstream.connections // PART and len(self._awaited) < MOST
        return few and pool.has_room(diverted=True)

"""One request sent to one upstream, until there is an answer worth judging."""

from collections.abc import Callable
from functools import lru_cache

from router.core.answers import Head
from router.core.model import Upstream
from router.core.outcome import Fault, Outcome, Phase
from router.edge.client.upload import Upload
from router.edge.upstream.pool import Pool, Wait
from router.edge.upstream.wire import HIGH_WATER, Connection


class Wanted:
    """What an attempt is to do.

    At `due` (monotonic seconds) the attempt ends as a timeout. `hold` asks to wait for the whole
    body, or 64 KiB of it, so that an upstream that dies in mid-body can still be rescued. `fresh`
    asks for a connection that nothing was sent on before, `upgrade` for another protocol.
    `diverted` is what is shed first where the upstream has no room.
    """

    __slots__ = ("diverted", "due", "fresh", "head", "hold", "method", "upgrade", "upstream")

    def __init__(
        self,
        upstream: Upstream,
        method: str,
        head: bytes,
        due: float,
        hold: bool = False,
        fresh: bool = False,
        upgrade: bool = False,
        diverted: bool = False,
    ) -> None:
        self.upstream = upstream
        self.method = method
        self.head = head
        self.due = due
        self.hold = hold
        self.fresh = fresh
        self.upgrade = upgrade
        self.diverted = diverted


class Attempt:
    """An attempt, from `start` until `settled` is called with it, once.

    `outcome` is None until then, and if it is let go before. `interim` is called with each 1xx.
    """

    __slots__ = (
        "_interim",
        "_pool",
        "_settled",
        "_upload",
        "_wait",
        "began",
        "connection",
        "outcome",
        "wanted",
    )

    def __init__(
        self,
        wanted: Wanted,
        pool: Pool,
        upload: Upload | None,
        settled: Callable[["Attempt"], None],
        interim: Callable[[Head], None],
    ) -> None:
        self.wanted = wanted
        self.began = pool.clock()
        self.outcome: Outcome | None = None
        self.connection: Connection | None = None
        self._pool = pool
        self._pool.under_way += 1
        self._upload = upload
        self._settled = settled
        self._interim = interim
        self._wait: Wait | None = None

    def __repr__(self) -> str:
        return f"<Attempt at {self.wanted.upstream.name}: {self.outcome or self.connection}>"

    def start(self) -> None:
        """Send the request as soon as there is a connection."""
        wanted = self.wanted
        kept = None if wanted.fresh else self._pool.at_once(diverted=wanted.diverted)
        if kept is not None:
            self._got(kept)
            return
        wait = self._pool.get(self._got, wanted.due, fresh=wanted.fresh, diverted=wanted.diverted)
        if wait is not None and wait.got is not None:
            self._wait = wait

    def _got(self, connection: Connection | Fault) -> None:
        self._wait = None
        if isinstance(connection, Fault):
            self._end(Outcome(Phase.CONNECT, connection))
            return
        self.connection = connection
        connection.on_change = self._look
        connection.on_interim = self._interim
        wanted = self.wanted
        connection.begin(wanted.method, wanted.head, wanted.due, upgrade=wanted.upgrade)
        if self._upload is not None:
            connection.on_writable = self._upload.flush
            self._upload.send_to(connection)
        if connection.fault is not None:
            self._look()

    def _look(self) -> None:
        """Judge what has come, if it is enough to be judged."""
        connection = self.connection
        assert connection is not None  # it is its connection that calls
        if not is_settled(connection, hold=self.wanted.hold):
            return
        self._end(outcome_of(connection))

    def _end(self, outcome: Outcome) -> None:
        if self.connection is not None:
            self.connection.on_change = ignore
        self.outcome = outcome
        self._settled(self)

    def hand_over(self) -> Connection | None:
        """Give the connection to whoever waits on; it is theirs to give back to the pool."""
        connection, self.connection = self.connection, None
        return connection

    def close(self) -> None:
        """Let go of the connection: back to the pool if it is clean, else gone."""
        self._pool.under_way -= 1
        connection, self.connection = self.connection, None
        if self._wait is not None:
            self._wait.give_up()
        uploaded = self._upload is None or self._upload.stop()
        if connection is not None and uploaded:
            self._pool.give_back(connection)
        elif connection is not None:
            self._pool.drop(connection)


def ignore() -> None:
    """A settled attempt wants to know nothing more."""


def is_settled(connection: Connection, *, hold: bool) -> bool:
    """Whether enough is known to judge the attempt, or to commit its answer."""
    if connection.complete or connection.fault is not None:
        return True
    head = connection.head
    if head is None:
        return False
    if not hold or head.event_stream or head.status >= 500 or head.status == 101:
        return True
    return (head.length or 0) > HIGH_WATER or connection.buffered >= HIGH_WATER


def outcome_of(connection: Connection) -> Outcome:
    """The outcome as the connection tells it."""
    head = connection.head
    if connection.fault is None and head is not None:
        return answered(head.status, head.retry_after, connection.reused)
    status = head.status if head is not None else None
    return Outcome(connection.phase, connection.fault, status, reused=connection.reused)


@lru_cache(maxsize=256)
def answered(status: int, retry_after: bool, reused: bool) -> Outcome:
    """The outcome of an attempt that got an answer: few differ, and there is one each request."""
    return Outcome(Phase.ANSWER, None, status, retry_after, reused)

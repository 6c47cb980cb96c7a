"""The pool as a machine: whatever happens in whatever order, its promises hold after each step."""

import re
from dataclasses import dataclass, field, replace
from math import inf

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from router.core.model import Snapshot, Upstream
from router.core.outcome import Fault
from router.edge.upstream.pool import SWEEP_S, Pools, Wait
from router.edge.upstream.wire import Connection
from tests.core.scenes import DEFAULT
from tests.edge.wire_model.loops import Dial, Loop
from tests.edge.wire_model.table import CHUNKED, CLOSING, GET, OK
from tests.edge.wire_model.transports import Transport

ADDRESS = Upstream("coach", "coach.example", 80, connections=1, queue=2, pool=1)
COUNTS = re.compile(r"(\d+) idle, (\d+) in use, (\d+) waiting")

picks = st.integers(0, 5)


@dataclass(eq=False)
class Ask:
    """Somebody who asked for a connection."""

    due: float
    fresh: bool
    diverted: bool = False
    until: float = inf
    told: list[Connection | Fault] = field(default_factory=list)
    wait: Wait | None = None
    has_left: bool = False

    @property
    def waits(self) -> bool:
        """Whether there is still something to be told."""
        return not (self.told or self.has_left)


class PoolMachine(RuleBasedStateMachine):
    """Asking, serving, giving back in every state, leaving, reloading, and time."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = Loop()
        self.loop.accepts = False
        self.pools = Pools(self.loop)
        self.pool = self.pools[ADDRESS]
        self.asks: list[Ask] = []
        self.held: list[Connection] = []
        self.spoiled: set[Connection] = set()
        self.taken = 0

    # --- what there is ---------------------------------------------------------------------------

    @property
    def counts(self) -> tuple[int, int, int]:
        """Idle, in use, waiting, as the pool says."""
        found = COUNTS.search(repr(self.pool))
        assert found is not None
        idle, in_use, waiting = map(int, found.groups())
        return idle, in_use, waiting

    @property
    def dialling(self) -> list[Dial]:
        """Connections that are being made."""
        return [one for one in self.loop.dials if one.is_open]

    @property
    def open(self) -> list[Transport]:
        """Connections that are open."""
        made = [one.transport for one in self.loop.dials if one.transport is not None]
        return [one for one in made if not one.lost]

    @property
    def idle(self) -> list[Transport]:
        """Connections that are open and in nobody's hands."""
        return [one for one in self.open if one.protocol not in self.held]

    @property
    def waiting(self) -> list[Ask]:
        """Those who have been told nothing yet."""
        return [one for one in self.asks if one.waits]

    def line_of(self, connection: Connection) -> Transport:
        """The other end of *connection*."""
        [line] = [one for one in self.open if one.protocol is connection]
        return line

    def settle(self) -> None:
        """Let everything come that comes at once, and look at what was handed out."""
        self.loop.settle()
        for ask in [one for one in self.asks if one.told]:
            [told] = ask.told
            earlier = self.asks[: self.asks.index(ask)]
            assert told is Fault.BUSY or not {*earlier} & {*self.queued}, "overtaken"
            self.asks.remove(ask)
            assert not ask.has_left, "told after it had left"
            if isinstance(told, Connection):
                self.take(ask, told)

    def take(self, ask: Ask, connection: Connection) -> None:
        """Hold what was handed out, if it is as it must be."""
        assert connection not in self.held, "in use already"
        assert connection not in self.spoiled, "not clean"
        line = self.line_of(connection)
        assert not connection.closed
        assert not connection.take()
        assert not line.incoming
        assert not line.is_closing()
        assert line.reading
        assert not (ask.fresh and connection.reused)
        self.held.append(connection)

    # --- what may happen -------------------------------------------------------------------------

    @rule(
        fresh=st.booleans(),
        diverted=st.booleans(),
        patience=st.sampled_from([0.05, 0.6, 5.0]),
        comes=st.booleans(),
    )
    def ask(self, fresh: bool, diverted: bool, patience: float, comes: bool) -> None:
        """Ask for a connection, which perhaps *comes* at once."""
        self.come(fresh, diverted, patience, comes)

    @rule(many=st.integers(2, 4))
    def crowd(self, many: int) -> None:
        """Several come one after the other, as clients do when an upstream is slow."""
        for _ in range(many):
            self.come(fresh=False, diverted=False, patience=5.0, comes=True)

    def come(self, fresh: bool, diverted: bool, patience: float, comes: bool) -> None:
        """Ask, and see that the answer is right as things are."""
        others, full, spare = self.queued, self.is_full, self.has_spare_place
        ask = Ask(self.loop.now + patience, fresh, diverted)
        self.asks.append(ask)
        ask.wait = self.pool.get(ask.told.append, ask.due, fresh=fresh, diverted=diverted)
        if ask.told == [Fault.BUSY]:
            assert not spare if diverted else full, "there is room"
            assert diverted or len(others) >= self.pool.upstream.queue, "the queue is not full"
        elif diverted:
            assert spare, "the last places are native traffic's"
            assert not others, "native traffic was overtaken"
        if ask in self.queued:
            ask.until = self.loop.now + min(patience / 2, ADDRESS.queue_s)
        self.loop.accepts = comes
        self.settle()
        self.loop.accepts = False

    @property
    def taken_now(self) -> int:
        """Places that are taken."""
        return len(self.held) + len(self.dialling)

    @property
    def is_full(self) -> bool:
        """Whether no further connection may be made."""
        return self.taken_now >= self.pool.upstream.connections

    @property
    def has_spare_place(self) -> bool:
        """Whether one may be made for what is diverted: all but the last tenth, one at least."""
        connections = self.pool.upstream.connections
        kept = 0 if connections == 1 else max(1, connections // 10)
        return self.taken_now < connections - kept

    @property
    def queued(self) -> list[Ask]:
        """Those who wait for their turn, the first to come first."""
        return [one for one in self.waiting if one.wait is None or one.wait.connecting is None]

    @precondition(lambda self: self.dialling)
    @rule(pick=picks, refused=st.booleans())
    def connect(self, pick: int, refused: bool) -> None:
        """A connection is made, or refused."""
        dial = self.dialling[pick % len(self.dialling)]
        dial.refuse() if refused else dial.accept()
        self.settle()

    @precondition(lambda self: self.waiting)
    @rule(pick=picks, turns=st.integers(0, 3), comes=st.booleans())
    def leave(self, pick: int, turns: int, comes: bool) -> None:
        """Somebody waits no more, perhaps in the moment in which the connection is made."""
        if comes and self.dialling:
            self.dialling[pick % len(self.dialling)].accept()
        for _ in range(turns):
            self.loop.turn()
        left = [one for one in self.waiting if one.wait is not None]
        if left:
            ask = left[pick % len(left)]
            ask.has_left = True
            assert ask.wait is not None
            ask.wait.give_up()
        self.settle()
        self.asks = [one for one in self.asks if not one.has_left]

    @precondition(lambda self: self.held)
    @rule(pick=picks, said=st.sampled_from([OK, CHUNKED]), cut=st.integers(0, 30))
    def serve(self, pick: int, said: bytes, cut: int) -> None:
        """An exchange, whole, and the connection given back clean."""
        connection = self.begin(pick)
        line = self.line_of(connection)
        line.give(said[:cut])
        line.give(said[cut:])
        assert connection.complete
        assert connection.take() == b"hello"
        self.give_back(connection)

    @precondition(lambda self: self.held)
    @rule(
        pick=picks,
        said=st.sampled_from(
            [b"", OK[:9], OK[:-1], CHUNKED[:-2], OK + b"x", CHUNKED + OK, CLOSING, b"\0"]
        ),
    )
    def serve_badly(self, pick: int, said: bytes) -> None:
        """An exchange that did not end, or not as it should."""
        connection = self.begin(pick)
        self.line_of(connection).give(said)
        connection.take()
        self.spoiled.add(connection)
        self.give_back(connection)

    @precondition(lambda self: self.held)
    @rule(pick=picks)
    def leave_unread(self, pick: int) -> None:
        """An answer came whole, and nobody has taken its body."""
        connection = self.begin(pick)
        self.line_of(connection).give(OK)
        self.spoiled.add(connection)
        self.give_back(connection)

    @precondition(lambda self: self.held)
    @rule(pick=picks)
    def leave_unsent(self, pick: int) -> None:
        """An answer came whole before the upstream had taken the request."""
        connection = self.begin(pick)
        line = self.line_of(connection)
        line.stall()
        connection.write(b"x" * 100_000)
        line.give(OK)
        connection.take()
        self.spoiled.add(connection)
        self.give_back(connection)

    @precondition(lambda self: self.held)
    @rule(pick=picks, breaks=st.sampled_from([Transport.end, Transport.reset, None]))
    def drop(self, pick: int, breaks: object) -> None:
        """A connection is dropped, or was closed under way."""
        connection = self.begin(pick)
        if callable(breaks):
            breaks(self.line_of(connection))
        self.held.remove(connection)
        self.spoiled.add(connection)
        self.pool.drop(connection)
        self.settle()

    @precondition(lambda self: self.idle)
    @rule(pick=picks, acts=st.sampled_from([Transport.end, Transport.reset, Transport.give]))
    def disturb(self, pick: int, acts: object) -> None:
        """The upstream closes a kept connection, or speaks unasked."""
        line = self.idle[pick % len(self.idle)]
        self.spoiled.add(line.protocol)
        line.give(b"HTTP/1.1 408 Late\r\n\r\n") if acts is Transport.give else acts(line)
        self.settle()

    @rule(seconds=st.sampled_from([0.01, 0.3, 2.0]))
    def wait(self, seconds: float) -> None:
        """Time passes: nobody waits for longer than it said, nothing is kept for too long."""
        self.loop.let_pass(seconds)
        self.settle()
        overdue = self.loop.now - 2 * SWEEP_S
        assert not [one for one in self.waiting if one.due < overdue]
        assert not [one for one in self.queued if one.until < overdue]
        if seconds > ADDRESS.idle_s + SWEEP_S:
            assert self.counts[0] == 0

    @rule(connections=st.integers(1, 4), queue=st.integers(0, 2), pool=st.integers(0, 2))
    def reload(self, connections: int, queue: int, pool: int) -> None:
        """Other bounds come into force."""
        bounds = replace(ADDRESS, connections=connections, queue=queue, pool=pool)
        self.pools.keep(Snapshot("", "", {"coach": bounds}, DEFAULT))
        assert self.pools[ADDRESS] is self.pool
        self.settle()

    # --- what must hold --------------------------------------------------------------------------

    @invariant()
    def counts_are_true(self) -> None:
        """What the pool says of itself is so, and no connection is open that it does not have.

        One that the upstream has closed counts as idle until somebody would use it.
        """
        idle, in_use, waiting = self.counts
        assert in_use == len(self.held)
        assert waiting == len(self.waiting) - len(self.dialling)
        assert in_use <= len(self.open) <= in_use + idle

    @invariant()
    def no_more_are_taken_than_may_be(self) -> None:
        """Nor are more made while there are too many, after a reload that lowered the bound."""
        assert self.taken_now <= max(self.taken, self.pool.upstream.connections)
        self.taken = self.taken_now

    @invariant()
    def nobody_waits_where_there_is_room(self) -> None:
        """Those in the queue wait for nothing but a connection in use."""
        assert self.is_full or self.counts[2] == 0

    @invariant()
    def only_native_traffic_waits(self) -> None:
        """The pool counts those in its queue, and none of them is diverted."""
        assert self.pool.count_queued() == len(self.queued)
        assert not [one for one in self.queued if one.diverted]

    def begin(self, pick: int) -> Connection:
        """Begin an exchange on one of the connections in use."""
        connection = self.held[pick % len(self.held)]
        connection.begin("GET", GET, self.loop.now + 60.0)
        assert self.line_of(connection).written.endswith(GET)
        return connection

    def give_back(self, connection: Connection) -> None:
        """Give back, and see that no more are kept than may be."""
        idle = self.counts[0]
        self.held.remove(connection)
        self.pool.give_back(connection)
        assert self.counts[0] <= max(idle, self.pool.upstream.pool)
        self.settle()

    def teardown(self) -> None:
        """Everybody leaves: nothing is open then."""
        try:
            self.end()
        finally:
            self.loop.close()

    def end(self) -> None:
        """Leave, give up, close."""
        for ask in self.waiting:
            assert ask.wait is not None
            ask.wait.give_up()
        for connection in self.held:
            self.pool.drop(connection)
        self.pools.close()
        self.loop.let_pass(1.0)
        assert not self.open
        assert self.counts == (0, 0, 0)


TestPool = PoolMachine.TestCase
TestPool.settings = settings(stateful_step_count=30)

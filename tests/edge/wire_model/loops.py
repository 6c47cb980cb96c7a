"""A loop that never waits: time passes when it is told to, and connections are answered by hand."""

import asyncio
from collections.abc import Callable
from math import inf
from typing import Any

from tests.edge.wire_model.transports import Transport


class Dial:
    """A connection that is being made; `accept` or `refuse` says what comes of it."""

    def __init__(self, loop: "Loop") -> None:
        self.answered: asyncio.Future[None] = loop.create_future()
        self.transport: Transport | None = None

    @property
    def is_open(self) -> bool:
        """Whether nothing has come of it yet."""
        return not self.answered.done()

    def accept(self) -> None:
        """Let the connection be made, as soon as the loop turns."""
        if self.is_open:
            self.answered.set_result(None)

    def refuse(self) -> None:
        """Let nobody be there."""
        if self.is_open:
            self.answered.set_exception(ConnectionRefusedError())


class Loop(asyncio.BaseEventLoop):
    """Timers and callbacks as asyncio has them, on a clock that stands still by itself.

    `dials` are the connections asked for; with `accepts` they are made at once.
    """

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.dials: list[Dial] = []
        self.accepts = True
        self._selector = self  # what BaseEventLoop would wait in

    def time(self) -> float:
        """The time that it has been told."""
        return self.now

    def select(self, _: float | None) -> list[Any]:
        """No event, and no waiting for one."""
        return []

    def _process_events(self, _: list[Any]) -> None:
        pass

    async def create_connection(  # type: ignore[override]  # as far as the pool uses it
        self, factory: Callable[[], asyncio.Protocol], *_: object, **__: object
    ) -> tuple[Transport, asyncio.Protocol]:
        """Dial, and wait for what comes of it."""
        dial = Dial(self)
        self.dials.append(dial)
        if self.accepts:
            dial.accept()
        await dial.answered
        protocol = factory()
        dial.transport = transport = Transport(self, protocol)
        protocol.connection_made(transport)
        await asyncio.sleep(0)  # as in asyncio, it is made before it is handed out
        return transport, protocol

    def settle(self) -> None:
        """Run what is ready, and what that makes ready."""
        while self._ready:
            self.turn()

    def let_pass(self, seconds: float) -> None:
        """Have so much time pass, timers on the way run at their moment."""
        end = self.now + seconds
        self.settle()
        while (due := self._next_timer()) <= end:
            self.now = max(due, self.now)
            self.turn()
            self.settle()
        self.now = end

    def _next_timer(self) -> float:
        return min((one.when() for one in self._scheduled if not one.cancelled()), default=inf)

    def turn(self) -> None:
        """Run once what is ready now."""
        self.call_soon(self.stop)
        self.run_forever()

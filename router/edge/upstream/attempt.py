"""One request sent to one upstream, until there is an answer worth judging."""

import asyncio
from dataclasses import dataclass

from router.core.model import Upstream
from router.core.outcome import Fault, Outcome, Phase
from router.edge.requestbody import RequestBody
from router.edge.upstream.pool import NoConnection, Pool
from router.edge.upstream.wire import HIGH_WATER, Connection


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an attempt is to do.

    Past `within_s` seconds the attempt ends as a timeout. `hold` asks to wait for the whole
    body, or 64 KiB of it, so that an upstream that dies in mid-body can still be rescued. `fresh`
    asks for a connection that nothing was sent on before.
    """

    upstream: Upstream
    method: str
    head: bytes
    within_s: float
    hold: bool = False
    fresh: bool = False


class Attempt:
    """An attempt under way or ended. `outcome` is None until it ends, and if it is cancelled."""

    def __init__(self, wanted: Wanted, pool: Pool) -> None:
        self.wanted = wanted
        self.outcome: Outcome | None = None
        self.connection: Connection | None = None
        self._pool = pool
        self._pool.under_way += 1
        self._upload: asyncio.Task[None] | None = None

    def __repr__(self) -> str:
        return f"<Attempt at {self.wanted.upstream.name}: {self.outcome or self.connection}>"

    async def run(self, body: RequestBody | None) -> Outcome:
        """Send the request, wait for the answer, and tell how it ended.

        Raises what *body* raises where the client's upload, not the upstream, is at fault.
        """
        loop = asyncio.get_running_loop()
        until = loop.time() + self.wanted.within_s
        try:
            connection = await self._connect()
        except NoConnection:
            self.outcome = Outcome(Phase.CONNECT, Fault.REFUSED)
            return self.outcome
        self.connection = connection
        connection.send(self.wanted.method, self.wanted.head)
        if body is not None:
            self._upload = asyncio.create_task(body.pump(connection))
            self._upload.add_done_callback(connection.wake)
        timer = loop.call_at(until, connection.expire)
        try:
            await self._settle(connection)
        finally:
            timer.cancel()
        self.outcome = outcome_of(connection)
        return self.outcome

    async def _connect(self) -> Connection:
        kept = None if self.wanted.fresh else self._pool.kept()
        return kept or await self._pool.fresh(self.wanted.within_s)

    async def _settle(self, connection: Connection) -> None:
        while not is_settled(connection, hold=self.wanted.hold):
            await connection.changed()
            self._raise_upload_error()

    def _raise_upload_error(self) -> None:
        if self._upload is not None and self._upload.done():
            self._upload.result()

    async def close(self) -> None:
        """Let go of the connection: back to the pool if it is clean, else gone."""
        self._pool.under_way -= 1
        connection, self.connection = self.connection, None
        uploaded = False
        try:
            uploaded = await self._end_upload()
        finally:  # also where this is cancelled in turn
            if connection is not None and uploaded:
                self._pool.give_back(connection)
            elif connection is not None:
                connection.abort()

    async def _end_upload(self) -> bool:
        """Whether the body went out whole; what still runs is stopped, so that it reads no more."""
        upload, self._upload = self._upload, None
        if upload is None:
            return True
        if not upload.done():
            upload.cancel()
            await asyncio.wait([upload])
        return not upload.cancelled() and upload.exception() is None


def is_settled(connection: Connection, *, hold: bool) -> bool:
    """Whether enough is known to judge the attempt, or to commit its answer."""
    if connection.complete or connection.fault is not None:
        return True
    head = connection.head
    if head is None:
        return False
    if not hold or head.event_stream or head.status >= 500:
        return True
    return (head.length or 0) > HIGH_WATER or connection.buffered >= HIGH_WATER


def outcome_of(connection: Connection) -> Outcome:
    """The outcome as the connection tells it."""
    head = connection.head
    return Outcome(
        phase=connection.phase if connection.fault is not None else Phase.ANSWER,
        fault=connection.fault,
        status=head.status if head is not None else None,
        retry_after=head is not None and head.retry_after,
        reused=connection.reused,
    )

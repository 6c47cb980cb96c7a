"""An exchange played directly and through the router, on real sockets in one loop."""

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from tests.differential.answers import Said
from tests.differential.reading import Message, read_answer, read_request
from tests.differential.requests import Request
from tests.edge.stages import Stage
from tests.edge.upstreams import Line, Step

MOST_HEAD = 2**20
PATIENCE_S = 10.0


class Pair(NamedTuple):
    """What a client asks, and what it is answered."""

    request: Request
    answer: Said


@dataclass(slots=True)
class Played:
    """The messages of one exchange as they arrived: at the upstream, and at the client.

    Interim answers come before the final one.
    """

    asked: Message
    said: list[Message]


@dataclass(slots=True)
class Stand:
    """The router between clients and upstreams that answer from one script, in order."""

    stage: Stage
    script: deque[Said] = field(default_factory=deque)
    arrived: deque[Message] = field(default_factory=deque)

    @classmethod
    async def open(cls) -> "Stand":
        """Start everything."""
        stand = cls(Stage())
        step = Step("from the script", stand._answer, reads_body=False)
        await stand.stage.open([step], [step], route={}, default={}, address={})
        return stand

    async def _answer(self, line: Line) -> None:
        self.arrived.append(await read_request(line.request.head, line.reader))
        answer = self.script.popleft()
        await line.send(answer.wire)
        if answer.ends:
            line.close()

    async def directly(self, pair: Pair) -> Played:
        """Play one exchange at the upstream itself."""
        [played] = await self._play(self.stage.monolith.port, [pair])
        return played

    async def routed(self, run: Sequence[Pair], *, pipelined: bool, closes: bool) -> list[Played]:
        """Play exchanges on one connection to the router, all requests ahead if *pipelined*.

        With *closes* the router must close it behind the last one.
        """
        self.stage.expected += len(run)
        try:
            return await self._play(self.stage.port, run, pipelined=pipelined, closes=closes)
        except BaseException:
            await asyncio.sleep(0.05)  # what broke off is accounted for as well
            self.stage.expected = len(self.stage.ledger.records)
            raise

    async def _play(
        self, port: int, run: Sequence[Pair], *, pipelined: bool = False, closes: bool = False
    ) -> list[Played]:
        self.script = deque(pair.answer for pair in run)
        self.arrived.clear()
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=MOST_HEAD)
        try:
            async with asyncio.timeout(PATIENCE_S):
                if pipelined:
                    writer.write(b"".join(pair.request.wire for pair in run))
                played = [
                    await self._exchange(pair, reader, writer, sent=pipelined) for pair in run
                ]
                if closes:
                    assert await reader.read() == b"", "more than the answers"
                return played
        finally:
            writer.close()

    async def _exchange(
        self, pair: Pair, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, sent: bool
    ) -> Played:
        if not sent:
            writer.write(pair.request.wire)
        said = await read_answer(pair.request.method.encode(), reader)
        assert self.arrived, (said[-1], self.stage.ledger.records[-1])
        return Played(self.arrived.popleft(), said)

    async def close(self) -> None:
        """Stop everything, and check that nothing is left."""
        await self.stage.close()

"""A client's connection on which a row is played, with a sound request before and after it."""

from tests.conformance.ways import Way, descriptor, drip
from tests.conformance.writing import get
from tests.edge.clients import Caller, Got
from tests.edge.stages import Stage
from tests.edge.upstreams import Received

FIRST = get(path="/first")
AFTER = get(path="/after")
OF_THE_TEST = (b"GET /first HTTP/1.1", b"GET /after HTTP/1.1")


class Talk:
    """One connection: `ask` plays a row on it, `goes_on` and `is_over` tell what became of it."""

    def __init__(self, stage: Stage, caller: Caller, way: Way) -> None:
        self.stage = stage
        self.caller = caller
        self.way = way

    @classmethod
    async def begin(cls, stage: Stage, way: Way) -> "Talk":
        """Connect, and forget what reached the upstreams before."""
        stage.coach.received.clear()
        stage.monolith.received.clear()
        return cls(stage, await stage.dial(), way)

    async def ask(self, data: bytes, method: str = "GET", first: bytes = FIRST) -> Got:
        """Send *data* in this talk's way, perhaps behind *first*, and give the answer to it."""
        self.stage.expected += 1
        ahead = first if self.way is Way.BEHIND else b""
        await self.send(ahead + data)
        if ahead:
            self.stage.expected += 1
            assert (await self.caller.answer()).status == 200
        return await self.caller.answer(method)

    async def begin_asking(self, data: bytes) -> None:
        """Send *data*, behind a whole exchange where that is the way; its answer is left unread."""
        self.stage.expected += 1
        if self.way is Way.BEHIND:
            self.stage.expected += 1
            await self.send(FIRST + data)
            assert (await self.caller.answer()).status == 200
        else:
            await self.send(data)

    async def send(self, data: bytes) -> None:
        """Send *data*, byte by byte where that is the way."""
        if self.way is Way.SPLIT:
            await drip(descriptor(self.caller.writer), data)
        else:
            await self.caller.send(data)

    async def goes_on(self) -> bool:
        """Whether the connection takes another request, and answers it as if it were the first."""
        self.stage.expected += 1
        await self.caller.send(AFTER)
        got = await self.caller.answer()
        return got.status == 200 and got.body == b'{"from": "monolith"}'

    async def is_over(self) -> bool:
        """Whether the router closes without another byte."""
        return await self.caller.is_cut()

    @property
    def arrived(self) -> list[Received]:
        """What reached an upstream, apart from the requests before and after the row's own."""
        both = self.stage.coach.received + self.stage.monolith.received
        return [one for one in both if one.line not in OF_THE_TEST]

"""How a worker lets its clients go: no request that was sent is lost to it, as far as HTTP allows.

A kept connection cannot be closed safely by a server: the next request may be on its way, and
whoever sent it cannot know whether it was read (RFC 9112 9.6 asks for an answer with
`Connection: close` first). So idle connections stay for a while and have one more request
answered, with `close`: where a new worker has taken over that is no loss, and they have the whole
grace time; where the router is being stopped it is a second, for what is under way already.
"""

import asyncio

from router.edge.front import Front

LINGER_S = 1.0
STEP_S = 0.02


class Draining:
    """When it begins, and how long each part of it may take."""

    def __init__(self, grace_s: float) -> None:
        self._grace_s = grace_s
        self._keep_idle = False
        self._begun = asyncio.Event()

    def begin(self, *, keep_idle: bool) -> None:
        """Take no more connections; to be said again where idle ones are not to be kept longer."""
        self._keep_idle = keep_idle
        self._begun.set()

    async def begins(self) -> None:
        """Wait for the beginning."""
        await self._begun.wait()

    async def finish(self, front: Front) -> None:
        """Let everything that is under way finish, within the grace time."""
        front.draining = True  # from now on each answer says `Connection: close`
        clock = asyncio.get_running_loop().time
        began = hurried = clock()
        while front.connections:  # the front tells nobody when one goes
            if self._keep_idle:
                hurried = clock()
            if clock() - hurried >= LINGER_S or clock() - began >= self._grace_s:
                break
            await asyncio.sleep(STEP_S)
        await front.drain(max(0.0, self._grace_s - (clock() - began)))

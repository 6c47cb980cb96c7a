"""The background of keys: each source in use is kept up to date, and those gone are let go."""

import asyncio
import contextlib

from router.edge.current import Running
from router.edge.keysources import KeySource


class Keeping:
    """One task a source that can change."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._tasks: dict[KeySource, asyncio.Task[None]] = {}

    def keep(self, running: Running) -> None:
        """Keep the sources of *running*, which others may share with the one before."""
        for source in set(self._tasks) - set(running.sources):
            self._tasks.pop(source).cancel()
        for source in running.sources:
            if running.tokens is not None:
                source.changed = running.tokens.forget
            if source.is_watched and source not in self._tasks:
                self._tasks[source] = self._loop.create_task(source.keep())

    async def close(self) -> None:
        """Stop all of it."""
        for task in self._tasks.values():
            task.cancel()
        for task in self._tasks.values():
            with contextlib.suppress(asyncio.CancelledError):
                await task
        self._tasks.clear()

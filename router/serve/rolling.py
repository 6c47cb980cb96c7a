"""The replacement of all workers when somebody asks for it, one roll at a time."""

import asyncio
import logging
from typing import Any

from router.serve.crew import Crew

log = logging.getLogger("router")


class Rolling:
    """`ask` may come at any time: whoever asks gets a roll that began afterwards."""

    def __init__(self, crew: Crew) -> None:
        self._crew = crew
        self._asked = 0
        self._done = 0
        self._problem: str | None = None
        self._wake = asyncio.Event()

    def ask(self) -> None:
        """Have all workers replaced."""
        self._asked += 1
        self._wake.set()

    async def run(self) -> None:
        """Roll whenever asked to, until cancelled."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            asked = self._asked
            log.info("replacing %d workers, one after the other", len(self._crew.staying))
            self._problem = await self._roll()
            self._done = asked
            if self._problem is None:
                log.info("all workers are new")
            else:
                log.error("not all workers are new: %s", self._problem)

    async def _roll(self) -> str | None:
        try:
            return await self._crew.replace()
        except OSError as error:
            return f"no worker can be started: {error}"

    def report(self) -> dict[str, Any]:
        """For `/config`: how many rolls were asked for and are done, and how the last one went."""
        return {"asked": self._asked, "done": self._done, "problem": self._problem}

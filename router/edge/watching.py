"""The configuration file on disk: noticed when its content changes, taken when it stands still.

The directory is watched, never the file (editors rename, bind mounts and ConfigMaps swap links),
and the content is read every half second as well, since not every file system tells.
"""

import asyncio
import contextlib
import logging
from hashlib import sha256
from pathlib import Path

from watchfiles import awatch

from router.config.building import hash_of
from router.config.text import MAX_FILE
from router.edge.current import Current

POLL_S = 0.5
STILL_S = 0.2
"""A file written in two halves is often valid after the first: it must stand still this long."""

log = logging.getLogger("router")


class Watch:
    """Brings what is on disk to `Current`; `poke` (SIGHUP) has it look at once."""

    def __init__(self, path: Path, current: Current) -> None:
        self._path = path
        self._current = current
        self._seen = current.running.snapshot.hash
        self._poked = asyncio.Event()
        self._insist = False

    def poke(self) -> None:
        """Look at once, and judge again even what was judged before."""
        self._insist = True
        self._poked.set()

    async def run(self) -> None:
        """Look for changes until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._listen())
            while True:
                # Not wait_for: on Python 3.11 it loses a cancellation that comes with the event.
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(POLL_S):
                        await self._poked.wait()
                self._poked.clear()
                await self._look()

    async def _listen(self) -> None:
        """Let the file system shorten the wait; without it there is still the poll."""
        try:
            async for _ in awatch(self._path.parent, debounce=50, step=20, recursive=False):
                self._poked.set()
        except (OSError, RuntimeError) as error:
            log.warning("the directory of %s cannot be watched (%s): polling", self._path, error)

    async def _look(self) -> None:
        insist, self._insist = self._insist, False
        content = self._read()
        digest = digest_of(content)
        if digest == self._seen and not insist:
            return
        while True:
            await asyncio.sleep(STILL_S)
            again = self._read()
            if digest_of(again) == digest:
                break
            content, digest = again, digest_of(again)
        if digest != self._seen or insist:
            self._seen = digest
            await self._offer(content, digest)

    async def _offer(self, content: bytes | str, digest: str) -> None:
        if isinstance(content, bytes):
            await self._current.offer(self._path, content, digest)
        else:
            self._current.refuse(digest, (f"{self._path}: {content}",))

    def _read(self) -> bytes | str:
        """The file's content, or why there is none."""
        try:
            with self._path.open("rb") as file:
                return file.read(MAX_FILE + 1)
        except OSError as error:
            return f"cannot be read: {error.strerror}; put the file back or make it readable"


def digest_of(content: bytes | str) -> str:
    """What tells one content from another: the configuration's hash, or one of the failure."""
    if isinstance(content, bytes):
        return hash_of(content)
    return "unreadable-" + sha256(content.encode()).hexdigest()[:12]

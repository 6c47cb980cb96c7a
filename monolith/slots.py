"""Bounded waiting: so many at work, so many in the queue, the others are turned away at once."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore


class Slots:
    """Lets *running* callers work while at most *waiting* others wait, each *wait_s* at most."""

    def __init__(self, running: int, waiting: int, wait_s: float) -> None:
        self._admitted = BoundedSemaphore(running + waiting)
        self._working = BoundedSemaphore(running)
        self._wait_s = wait_s

    @contextmanager
    def taken(self) -> Iterator[bool]:
        """Give whether a slot was had; it is given back at the end of the block."""
        if not self._admitted.acquire(blocking=False):
            yield False
            return
        try:
            with self._work() as had:
                yield had
        finally:
            self._admitted.release()

    @contextmanager
    def _work(self) -> Iterator[bool]:
        if not self._working.acquire(timeout=self._wait_s):
            yield False
            return
        try:
            yield True
        finally:
            self._working.release()

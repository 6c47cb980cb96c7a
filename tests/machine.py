"""Who has the machine: tests run side by side, but for those that must be alone on it.

pytest-xdist has processes that each run a test at a time. What a test of the mark `alone` measures
others would spoil, or it would spoil theirs: it waits until they have finished, and they for it.
"""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

HERE = Path(__file__).parent


class Machine:
    """Locks on two files that are there anyway, since the processes share nothing else."""

    def __init__(self) -> None:
        self._gate = (HERE / "__init__.py").open("rb")
        self._room = (HERE / "machine.py").open("rb")

    @contextmanager
    def taken(self, *, alone: bool) -> Iterator[None]:
        """Have the machine, *alone* or beside others, until the end of the block.

        Who waits for the room stands in the gate meanwhile; or those who share it, coming and
        going, would never leave it to one who wants it alone.
        """
        with locked(self._gate, fcntl.LOCK_EX):
            fcntl.flock(self._room, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
        try:
            yield
        finally:
            fcntl.flock(self._room, fcntl.LOCK_UN)


@contextmanager
def locked(file: IO[bytes], how: int) -> Iterator[None]:
    """Hold a lock on *file*."""
    fcntl.flock(file, how)
    try:
        yield
    finally:
        fcntl.flock(file, fcntl.LOCK_UN)

"""The stream that the access log goes to, which all workers share."""

import contextlib
import fcntl
from collections.abc import Iterator
from io import UnsupportedOperation
from pathlib import Path
from typing import BinaryIO, cast

STDOUT = 1
OFF = "off"


def open_log(where: str) -> BinaryIO:
    """The access log's stream: `-` is standard output, else a file to append to.

    Unbuffered: a buffer would cut what is written in two, with another worker's lines between.
    """
    if where == "-":
        return cast(BinaryIO, open(STDOUT, "wb", buffering=0, closefd=False))
    return cast(BinaryIO, Path(where).open("ab", buffering=0))


def check_log(where: str) -> None:
    """Raise what is wrong with a log file before anybody needs it."""
    if where not in {"-", OFF}:
        open_log(where).close()


def append(stream: BinaryIO, data: bytes) -> None:
    """Write whole lines, which no other worker's come into."""
    with turn(stream):
        rest = memoryview(data)
        while rest:
            rest = rest[stream.write(rest) :]
        stream.flush()


@contextlib.contextmanager
def turn(stream: BinaryIO) -> Iterator[None]:
    """The only worker that writes, for the block.

    A file takes what is appended in one piece, but a pipe only up to PIPE_BUF (4 KiB) and a socket
    such as the journal's not even that. The lock is a process's, and goes when the process does.
    """
    try:
        number = stream.fileno()
    except (UnsupportedOperation, ValueError):
        number = -1
    if number < 0 or not locked(number, fcntl.LOCK_EX):
        yield
        return
    try:
        yield
    finally:
        locked(number, fcntl.LOCK_UN)


def locked(number: int, how: int) -> bool:
    """Whether the descriptor's lock was taken or given back; there are files without locks."""
    try:
        fcntl.lockf(number, how)
    except OSError:
        return False
    return True

"""The three ways in which bytes reach the router: what they mean may not depend on it."""

import asyncio
import fcntl
import os
import socket
import struct
import termios
import time
from enum import StrEnum

from tests.edge.upstreams import Line, Step

SOON_S = 10.0


class Way(StrEnum):
    """How the bytes of a row arrive."""

    WHOLE = "whole"
    SPLIT = "split"
    BEHIND = "behind"

    def __str__(self) -> str:
        return SAID[self]


SAID = {
    Way.WHOLE: "in one piece",
    Way.SPLIT: "byte by byte",
    Way.BEHIND: "behind another",
}


def other_end(fd: int) -> int | None:
    """The router's descriptor of the connection whose peer's is *fd*; both are in this process."""
    with socket.socket(fileno=os.dup(fd)) as mine:
        try:
            ends = mine.getpeername(), mine.getsockname()
        except OSError:
            return None  # the router has gone already
    return next((one for one in open_descriptors() if ends_of(one) == ends), None)


def open_descriptors() -> list[int]:
    """Every descriptor that this process has open."""
    return [int(name) for name in os.listdir("/proc/self/fd")]


def ends_of(fd: int) -> tuple[object, object] | None:
    """The addresses of this end and the other one, where *fd* is a connection."""
    try:
        sock = socket.socket(fileno=fd)
    except OSError:
        return None
    try:
        return sock.getsockname(), sock.getpeername()
    except OSError:
        return None
    finally:
        sock.detach()


def unread(fd: int) -> int | None:
    """How many bytes wait in the kernel to be read from *fd*, or None where it is closed."""
    try:
        return int(struct.unpack("i", fcntl.ioctl(fd, termios.FIONREAD, b"\0\0\0\0"))[0])
    except OSError:
        return None


async def drip(fd: int, data: bytes) -> None:
    """Send *data* on *fd* so that the router reads every byte by itself.

    The next byte is written when the router's end of the connection has nothing left to read.
    Nobody is sent more once the router has closed.
    """
    deadline = time.monotonic() + SOON_S
    while (reader := other_end(fd)) is None:  # the connection waits to be accepted
        assert time.monotonic() < deadline, "the router does not accept"
        await asyncio.sleep(0)
    for place in range(len(data)):
        try:
            os.write(fd, data[place : place + 1])
        except OSError:
            return
        if not await is_read(reader):
            return


async def is_read(reader: int) -> bool:
    """Whether what was written gets read; not, where the router closes instead."""
    deadline = time.monotonic() + SOON_S
    while waiting := unread(reader):
        assert time.monotonic() < deadline, "the router does not read"
        await asyncio.sleep(0)
    return waiting is not None


def descriptor(writer: asyncio.StreamWriter) -> int:
    """The descriptor below *writer*, to write to it directly: the stream would gather bytes."""
    return int(writer.get_extra_info("socket").fileno())


def says(data: bytes, way: Way, *, ends: bool = False) -> Step:
    """An upstream that answers with these bytes, in that way, and with *ends* closes."""

    async def play(line: Line) -> None:
        if way is Way.SPLIT:
            await drip(descriptor(line.writer), data)
        else:
            await line.send(data)
        if ends:
            line.close()

    return Step(f"says {data[:30]!r}", play)

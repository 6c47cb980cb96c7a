"""Where the stack's programs listen, and whether somebody else listens there already."""

import errno
import re
import socket
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """A listening address: whose it is, and what to set if it is taken."""

    owner: str
    host: str
    port: int
    remedy: str

    def __str__(self) -> str:
        """`HOST:PORT`, as gunicorn and the router take it."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def url(self) -> str:
        """The origin, for somebody on this machine."""
        return f"http://{self}".replace("0.0.0.0", "127.0.0.1").replace("[::]", "[::1]")  # noqa: S104


def place(owner: str, address: str, remedy: str) -> Place:
    """The place of `HOST:PORT`; ValueError if that is not what *address* is."""
    host, _, port = address.rpartition(":")
    if not host or not port.isdigit() or not 0 < int(port) < 65536:
        raise ValueError(f"{address!r} is not HOST:PORT with a port from 1 to 65535")
    return Place(owner, host.strip("[]"), int(port), remedy)


def unusable(places: Iterable[Place]) -> list[str]:
    """A sentence for each place that cannot be listened on, with what to set instead."""
    found = []
    for one in places:
        why = why_not(one)
        if why is not None:
            found.append(f"{one.owner}: {one} {why}; {one.remedy}")
    return found


def why_not(one: Place) -> str | None:
    """Why nobody can listen at *one* just now, or None."""
    try:
        family, kind, _, _, address = socket.getaddrinfo(
            one.host, one.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind(address)
            trial.listen()
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            return "is taken by another program"
        return f"cannot be listened on ({error.strerror})"
    return None


def with_ports(text: str, ports: Mapping[str, int | str]) -> str:
    """*text* with other ports of 127.0.0.1; in one pass, as 50019 begins like 5001."""
    return re.sub(
        r"127\.0\.0\.1:(\d+)", lambda found: f"127.0.0.1:{ports.get(found[1], found[1])}", text
    )


def free_ports(count: int) -> list[int]:
    """Different ports on the loopback address that nobody listens on just now."""
    with ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]

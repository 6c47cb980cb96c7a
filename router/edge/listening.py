"""Listening sockets: opened, and told in words when that fails."""

import errno
import socket

BACKLOG = 4096


class CannotListen(OSError):
    """A listening address cannot be had: which, why, and what to set instead."""


def listen(address: str, setting: str) -> socket.socket:
    """A listening socket on `HOST:PORT`; *setting* names what to change if it cannot be had."""
    host, port = split(address, setting)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((host, port))
        sock.listen(BACKLOG)
    except OSError as error:
        sock.close()
        why = "is taken by another program" if error.errno == errno.EADDRINUSE else error.strerror
        raise CannotListen(f"{address} {why}; choose another address with {setting}") from error
    sock.setblocking(False)
    return sock


def split(address: str, setting: str) -> tuple[str, int]:
    """Host and port of `HOST:PORT`; an IPv6 host stands in brackets."""
    host, separator, port = address.rpartition(":")
    if not separator or not port.isdigit() or int(port) > 65535:
        raise CannotListen(f"{address!r} is not HOST:PORT; mend {setting}")
    return host.strip("[]"), int(port)  # an empty host is every address

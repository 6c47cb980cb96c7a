"""A new connection to an upstream, or why there is none."""

import asyncio
import socket
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import cast

from router.core.model import Upstream
from router.core.outcome import Fault
from router.edge.upstream.wire import Connection


async def dial(
    loop: asyncio.AbstractEventLoop,
    upstream: Upstream,
    tls: ssl.SSLContext | None,
    within_s: float,
) -> Connection | Fault:
    """A new connection, or why there is none after *within_s* at the latest."""
    connection = Connection()
    make = cast("Callable[[], asyncio.Protocol]", lambda: connection)
    try:
        async with asyncio.timeout(min(within_s, upstream.connect_timeout_s)):
            await loop.create_connection(make, upstream.host, upstream.port, ssl=tls)
    except (OSError, TimeoutError, UnicodeError) as error:
        connection.abort()
        return fault_of(error)
    except asyncio.CancelledError:
        connection.abort()  # it may have been made in this very moment
        raise
    return connection


def fault_of(error: Exception) -> Fault:
    """What prevented a connection."""
    match error:
        case TimeoutError():
            return Fault.TIMEOUT
        case ConnectionRefusedError():
            return Fault.REFUSED
        case socket.gaierror() | UnicodeError():  # the last: no name at all
            return Fault.UNRESOLVED
        case ssl.SSLCertVerificationError():
            return Fault.UNTRUSTED
        case ssl.SSLError():
            return Fault.UNSECURED
    return Fault.UNREACHED


def tls_of(upstream: Upstream, folder: Path) -> ssl.SSLContext | None:
    """The context for an `https` upstream: names and certificates are always checked.

    A relative `ca_file` is looked up in *folder*; `OSError` where it cannot be used.
    """
    if not upstream.tls:
        return None
    ca_file = None if upstream.ca_file is None else folder / upstream.ca_file
    return ssl.create_default_context(cafile=ca_file)

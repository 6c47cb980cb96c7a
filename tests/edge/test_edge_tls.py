"""Upstreams behind TLS: names and certificates are always checked."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from router.core.model import Upstream
from router.core.outcome import Fault
from router.edge.upstream.pool import Pool
from tests.edge.certificates import CERTIFICATE, KEY
from tests.edge.pools import begin, connection_of, got_of
from tests.edge.stages import until

GET = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a folder with the certificate and its key."""
    (tmp_path / "ca.pem").write_text(CERTIFICATE)
    (tmp_path / "key.pem").write_text(KEY)
    return tmp_path


@pytest.fixture
async def port(folder: Path) -> AsyncIterator[int]:
    """Give the port of a server for `localhost`."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(folder / "ca.pem", folder / "key.pem")

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")
            await reader.read()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    yield server.sockets[0].getsockname()[1]
    server.close()


def pool_of(folder: Path, host: str, port: int, ca_file: str | None) -> Pool:
    """A pool of connections to that server."""
    upstream = Upstream("coach", host, port, tls=True, ca_file=ca_file)
    return Pool(upstream, asyncio.get_running_loop(), folder)


@pytest.mark.parametrize("absolute", [False, True])
async def test_an_authority_of_ones_own_is_trusted(folder: Path, port: int, absolute: bool) -> None:
    """From a file beside routes.yaml, or anywhere."""
    name = str(folder / "ca.pem") if absolute else "ca.pem"
    connection = await connection_of(pool_of(folder, "localhost", port, name))
    begin(connection, GET)
    await until(lambda: connection.complete, "the answer")
    assert connection.take() == b"hello"
    connection.abort()


@pytest.mark.parametrize(("host", "ca_file"), [("localhost", None), ("127.0.0.1", "ca.pem")])
async def test_whoever_is_not_vouched_for_is_no_upstream(
    folder: Path, port: int, host: str, ca_file: str | None
) -> None:
    """An unknown authority, or another name than the one asked for: nothing is sent."""
    pool = pool_of(folder, host, port, ca_file)
    assert await got_of(pool) is Fault.UNTRUSTED

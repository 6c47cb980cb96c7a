"""The supervisor: it holds the sockets, hears the signals, and serves the admin port."""

import asyncio
import contextlib
import logging
import signal
import socket
from collections.abc import AsyncIterator

import uvloop

from router import __version__
from router.edge.listening import CannotListen, listen
from router.edge.logfiles import check_log
from router.edge.logs import log_to_stderr
from router.serve.crew import Crew
from router.serve.failing import fail
from router.serve.hand import Hand
from router.serve.options import Options
from router.serve.rolling import Rolling

log = logging.getLogger("router")


def run(options: Options) -> int:
    """Serve until told to stop; the exit code: 0, or 1 where it could not begin."""
    log_to_stderr()
    try:
        door = listen(options.listen, "--listen or STRANGLER_LISTEN")
        admin = listen(options.admin, "--admin or STRANGLER_ADMIN")
        check_log(options.access_log)
    except CannotListen as error:
        return fail(str(error))
    except OSError as error:
        return fail(f"{error.filename}: {error.strerror}")
    return uvloop.run(Supervisor(options, door).supervise(admin))


class Supervisor:
    """It reads no configuration and serves no client, so that little can happen to it."""

    def __init__(self, options: Options, door: socket.socket) -> None:
        self._options = options
        self._door = door
        self._crew = Crew(door, options)
        self._rolling = Rolling(self._crew)
        self._stopping = asyncio.Event()

    async def supervise(self, admin: socket.socket) -> int:
        """Have workers serve until a signal, then drain; the exit code."""
        self._heed_signals()
        first = await self._crew.first()
        async with self._admin_port(admin):
            if not await self._begin(first):
                return 1
            rolling = asyncio.create_task(self._rolling.run())
            await self._stopping.wait()
            log.info("draining for %g s at most", self._options.grace_s)
            self._door.close()  # or connections would wait for workers that take no more
            await self._crew.stop(self._options.grace_s)
            rolling.cancel()
        log.info("stopped")
        return 0

    def _heed_signals(self) -> None:
        loop = asyncio.get_running_loop()
        for sign in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(sign, self._stopping.set)
        loop.add_signal_handler(signal.SIGHUP, self._crew.tell, "reload")
        loop.add_signal_handler(signal.SIGUSR1, self._crew.tell, "reopen")
        loop.add_signal_handler(signal.SIGUSR2, self._rolling.ask)

    async def _begin(self, first: Hand) -> bool:
        """Wait until all workers serve, or the stop comes; False if they cannot serve."""
        begun = asyncio.create_task(self._crew.begin(first))
        stopping = asyncio.create_task(self._stopping.wait())
        await asyncio.wait((begun, stopping), return_when=asyncio.FIRST_COMPLETED)
        if stopping.done():
            return True
        stopping.cancel()
        if begun.result():
            log.info("strangler %s serves", __version__, extra={"fields": self._about()})
        return begun.result()

    def _about(self) -> dict[str, object]:
        """Where it listens, and with which configuration, for the log."""
        return {
            "listen": self._options.listen,
            "admin": self._options.admin,
            "workers": self._options.workers,
            "config": str(self._options.config),
            "hash": self._crew.hash,
        }

    @contextlib.asynccontextmanager
    async def _admin_port(self, sock: socket.socket) -> AsyncIterator[None]:
        """The admin port, up before the first worker and until the last answer has gone."""
        # Imported while the first worker does its own imports: the start is that much quicker.
        from router.edge.admin import answering
        from router.serve.gathering import Gathering

        async with answering(Gathering(self._crew, self._rolling), sock):
            yield

"""Chromium without a window, told what to do by its DevTools protocol."""

import os
import subprocess
from itertools import count
from pathlib import Path
from typing import Any, Self

import aiohttp

from dev.stack import eventually
from tests.clients.needs import program

READY_S = 30.0
PATIENCE_S = 30.0
OPTIONS = (
    "--headless=new",
    "--remote-debugging-port=0",
    "--no-first-run",
    "--no-proxy-server",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-sync",
)


class Browser:
    """A browser with a new profile in *folder*."""

    def __init__(self, folder: Path) -> None:
        self._port_file = folder / "DevToolsActivePort"
        self._log = folder / "log"
        # Chromium has no sandbox for root, who runs tests in containers.
        options = [*OPTIONS, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [program("chromium"), *options, f"--user-data-dir={folder}", "about:blank"],
                stdout=log,
                stderr=log,
            )

    def __enter__(self) -> Self:
        """Wait until it can be told."""
        if not eventually(self._port_file.exists, READY_S):
            self.__exit__()
            raise AssertionError(self._log.read_text("utf-8", "replace"))
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self._process.terminate()
        self._process.wait(10)

    async def text(self, url: str, selector: str) -> str:
        """What stands in the DOM at *selector* once the page's promise `finished` is kept."""
        port = self._port_file.read_text("ascii").split()[0]
        timeout = aiohttp.ClientTimeout(total=PATIENCE_S)
        async with aiohttp.ClientSession(f"http://127.0.0.1:{port}", timeout=timeout) as session:
            async with session.put("/json/new") as answer:
                page = await answer.json()
            async with session.ws_connect(page["webSocketDebuggerUrl"], max_msg_size=0) as socket:
                told = Told(socket)
                await told.ask("Page.enable")
                await told.ask("Page.navigate", url=url)
                await told.until("Page.loadEventFired")
                expression = (
                    f"finished.then(() => document.querySelector('{selector}').textContent)"
                )
                got = await told.ask("Runtime.evaluate", expression=expression, awaitPromise=True)
                assert "exceptionDetails" not in got, got
                text: str = got["result"]["value"]
                return text


class Told:
    """One page's end of the protocol: questions with their answers, and events between them."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._numbers = count(1)
        self._seen: list[str] = []

    async def ask(self, method: str, **parameters: Any) -> dict[str, Any]:
        """The answer to one question."""
        number = next(self._numbers)
        await self._socket.send_json({"id": number, "method": method, "params": parameters})
        while (message := await self._next()).get("id") != number:
            pass
        assert "error" not in message, message
        result: dict[str, Any] = message["result"]
        return result

    async def until(self, event: str) -> None:
        """Wait for an event, which may have come while an answer was waited for."""
        while event not in self._seen:
            await self._next()

    async def _next(self) -> dict[str, Any]:
        message: dict[str, Any] = await self._socket.receive_json(timeout=PATIENCE_S)
        self._seen.append(message.get("method", ""))
        return message

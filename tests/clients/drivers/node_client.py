"""Node's own fetch, and undici's `request`: a program of Node that is told what to do."""

import base64
import json
import subprocess
from pathlib import Path

from tests.clients.drivers.client import Answer, Client, Request, TimedOut, shown

FOLDER = Path(__file__).resolve().parent.parent / "node"


class Node(Client):
    """One process; *name* says which of its clients."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._process = subprocess.Popen(
            ["node", FOLDER / "driver.mjs"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )

    def send(self, request: Request) -> Answer:
        """The answer."""
        process = self._process
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(as_json(self._name, request))
        process.stdin.flush()
        told = json.loads(process.stdout.readline())
        if "TimeoutError" in told.get("error", ""):
            raise TimedOut(told["error"])
        assert "error" not in told, told["error"]
        return shown(told["status"], told["fields"], base64.b64decode(told["body"]))

    def close(self) -> None:
        """End it: it reads no more lines."""
        self._process.communicate(timeout=10)


class Fetch(Node):
    """fetch, which undoes the compression."""

    decodes = True

    def __init__(self) -> None:
        super().__init__("fetch")


class Undici(Node):
    """undici as its documentation recommends it for speed."""

    def __init__(self) -> None:
        super().__init__("undici")


def as_json(client: str, request: Request) -> bytes:
    """A request for a program that reads lines."""
    body = None if request.body is None else base64.b64encode(request.body).decode()
    wish = {
        "client": client,
        "method": request.method,
        "url": request.url,
        "fields": list(request.fields),
        "body": body,
        "chunked": request.chunked,
        "follow": request.follow,
        "leave": request.leave,
        "timeoutMs": round(request.timeout_s * 1000),
    }
    return json.dumps(wish).encode() + b"\n"

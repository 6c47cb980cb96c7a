"""A monolith that does what a test tells it to, and remembers what it was asked."""

import json
import socket
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from tests.contract.catalogues import shipped


def catalogue() -> dict[str, Any]:
    """Give the shipped catalogue in the shape of the API."""
    return {"exercises": [api_exercise(item) for item in shipped()]}


def api_exercise(item: dict[str, Any]) -> dict[str, Any]:
    """Give one exercise in the shape of the API."""
    keys = ("id", "body_part", "difficulty", "base_weight")
    groups = [
        {"id": g, "name": f"group {g}", "body_part": part, "is_primary": True, "intensity": n}
        for g, part, n in item["works"]
    ]
    shown = {key: item[key] for key in keys}
    return shown | {"name": f"exercise {item['id']}", "description": "…", "muscle_groups": groups}


@dataclass
class Script:
    """What is answered, and how: change it while the server runs."""

    catalogue: Any = field(default_factory=catalogue)
    etag: str = '"1"'
    history: Any = field(default_factory=lambda: {"level": 3, "history": []})
    status: int = 200
    delay_s: float = 0.0
    drip_s: float = 0.0  # pause after each byte of a history
    keys: Any = None
    keys_status: int = 200
    keys_delay_s: float = 0.0


@dataclass
class Seen:
    """One request as it came."""

    path: str
    headers: dict[str, str]
    status: int
    connection: tuple[str, int]


class Server(ThreadingHTTPServer):
    """A server whose end is the end of its connections too, as that of a process would be."""

    daemon_threads = True

    def __init__(self, handler: type[BaseHTTPRequestHandler]) -> None:
        super().__init__(("127.0.0.1", 0), handler)
        self._open: set[socket.socket] = set()

    def process_request(self, request: Any, client_address: Any) -> None:
        """Serve a connection, and remember it."""
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Close a connection that has ended."""
        self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of a client that has gone: giving up is what coach is tested for."""

    def server_close(self) -> None:
        """Close the listener, and end the connections; their threads then close them."""
        super().server_close()
        for connection in list(self._open):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


class Monolith:
    """The scripted server; ``with Monolith() as monolith`` starts and ends it."""

    def __init__(self) -> None:
        self.script = Script()
        self.seen: list[Seen] = []
        self._server = Server(handler(self))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        """Begin to serve."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop serving: from then on connections are refused."""
        self.stop()

    def stop(self) -> None:
        """Stop serving; may be called twice."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
            self._server.server_close()

    def asked(self, path: str) -> list[Seen]:
        """Give the requests for *path* so far."""
        return [seen for seen in self.seen if seen.path.startswith(path)]


def handler(monolith: Monolith) -> type[BaseHTTPRequestHandler]:
    """Give the class that answers by the monolith's script."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # head and body are two writes: 40 ms apart otherwise

        def do_GET(self) -> None:
            script = monolith.script
            if self.path == "/.well-known/jwks.json":
                time.sleep(script.keys_delay_s)
                self.answer(script.keys_status, script.keys)
            elif self.path == "/fitness/exercises":
                same = self.headers.get("If-None-Match") == script.etag
                self.answer(304 if same else script.status, script.catalogue)
            else:
                time.sleep(script.delay_s)
                self.answer(script.status, script.history)

        def answer(self, status: int, content: Any) -> None:
            body = b"" if status == 304 else json.dumps(content).encode()
            monolith.seen.append(
                Seen(self.path, dict(self.headers), status, self.client_address[:2])
            )
            self.send_response(status)
            self.send_header("ETag", monolith.script.etag)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.write(body)

        def write(self, body: bytes) -> None:
            drip_s = monolith.script.drip_s if "history" in self.path else 0
            pieces = [bytes([byte]) for byte in body] if drip_s else [body]
            try:
                for piece in pieces:
                    self.wfile.write(piece)
                    time.sleep(drip_s)
            except OSError:
                self.close_connection = True  # coach has given up

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Handler

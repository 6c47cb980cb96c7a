"""An admin port that says what a test tells it to."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

Pages = dict[str, tuple[int, Any]]


@contextmanager
def admin_port(pages: Pages, *, posted: bytes | None = None) -> Iterator[str]:
    """HOST:PORT of a server that answers each path of *pages* with its status and document.

    Where *posted* is said it answers a POST of just that, and nothing else.
    """

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            assert self.rfile.read(int(self.headers["Content-Length"])) == posted
            self.say()

        def do_GET(self) -> None:
            assert posted is None
            self.say()

        def say(self) -> None:
            """Answer with the page."""
            status, document = pages.get(self.path, (404, "no"))
            body = json.dumps(document).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"127.0.0.1:{server.server_port}"
        server.shutdown()

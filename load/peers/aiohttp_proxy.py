"""What one writes first: an aiohttp Application that forwards by a ClientSession.

It only forwards, and logs a line a request; no tokens, no split, no fallback. What such a proxy
gets wrong (cookies, redirects, decoding) is switched off where an option does it. The log is
aiohttp's own; with `lean` as its argument it is a line made by hand, which costs a quarter less.
"""

import json
import logging
import os
import sys
import time
from collections.abc import AsyncIterator
from typing import TextIO

import aiohttp
import uvloop
from aiohttp import web

MONOLITH = f"http://127.0.0.1:{os.environ['BENCH_MONOLITH']}"
SINK = f"http://127.0.0.1:{os.environ['BENCH_SINK']}"
HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "te", "trailer", "upgrade"}
SESSION = web.AppKey("session", aiohttp.ClientSession)
PLACE = f"{os.environ['BENCH_FOLDER']}/access.log"
LOG = open(PLACE, "a", encoding="utf-8")  # noqa: SIM115 - as long as the process
LEAN = "lean" in sys.argv[1:]
LINE = '{"time":"%t","client":"%a","request":"%r","status":%s,"bytes":%b,"seconds":%Tf}'


async def forward(request: web.Request) -> web.StreamResponse:
    """Send the request on and the answer back, both as streams."""
    began = time.monotonic()
    upstream = SINK if request.path == "/sink" else MONOLITH
    async with request.app[SESSION].request(
        request.method,
        upstream + request.raw_path,
        headers={k: v for k, v in request.headers.items() if k.lower() not in HOP_BY_HOP},
        data=request.content if request.body_exists else None,
        allow_redirects=False,
    ) as answer:
        headers = {k: v for k, v in answer.headers.items() if k.lower() not in HOP_BY_HOP}
        response = web.StreamResponse(status=answer.status, headers=headers)
        await response.prepare(request)
        async for chunk in answer.content.iter_any():
            await response.write(chunk)
        await response.write_eof()
    if LEAN:
        log(request, answer.status, began)
    return response


def log(request: web.Request, status: int, began: float) -> None:
    """One JSON line a request."""
    ms = (time.monotonic() - began) * 1000
    story = {"time": time.time(), "method": request.method, "path": request.path}
    LOG.write(json.dumps({**story, "client": request.remote, "status": status, "ms": ms}) + "\n")


async def session(app: web.Application) -> AsyncIterator[None]:
    """One session for all requests."""
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(
        connector=connector, auto_decompress=False, cookie_jar=aiohttp.DummyCookieJar()
    ) as app[SESSION]:
        yield


class Buffered(logging.StreamHandler[TextIO]):
    """Writes when the file's buffer is full, as the other peers do: a write a line costs more."""

    def flush(self) -> None:
        """Leave it to the file."""


def access_log() -> logging.Logger:
    """aiohttp's own, written to the file."""
    made = logging.getLogger("aiohttp.access")
    made.setLevel(logging.INFO)
    made.addHandler(Buffered(LOG))
    return made


def main() -> None:
    """Serve until a signal ends it."""
    app = web.Application(client_max_size=2**31)
    app.cleanup_ctx.append(session)
    app.router.add_route("*", "/{path:.*}", forward)
    uvloop.install()
    web.run_app(
        app,
        host="127.0.0.1",
        port=int(os.environ["BENCH_PORT"]),
        access_log=None if LEAN else access_log(),
        access_log_format=LINE,
        backlog=4096,
        keepalive_timeout=3600,
        print=None,
    )


if __name__ == "__main__":
    main()

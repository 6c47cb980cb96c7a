"""The same in another fashion: a Starlette application on uvicorn that forwards by httpx.

It only forwards, and logs a line a request; no tokens, no split, no fallback.
"""

import json
import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import StreamingResponse
from starlette.routing import Route

MONOLITH = f"http://127.0.0.1:{os.environ['BENCH_MONOLITH']}"
SINK = f"http://127.0.0.1:{os.environ['BENCH_SINK']}"
HOP_BY_HOP = {b"connection", b"keep-alive", b"transfer-encoding", b"te", b"trailer", b"upgrade"}
LOG = open(f"{os.environ['BENCH_FOLDER']}/access.log", "w", encoding="utf-8")  # noqa: SIM115 - as long as the process


async def forward(request: Request) -> StreamingResponse:
    """Send the request on and the answer back, both as streams."""
    began = time.monotonic()
    client: httpx.AsyncClient = request.state.client
    has_body = "content-length" in request.headers or "transfer-encoding" in request.headers
    upstream = SINK if request.url.path == "/sink" else MONOLITH
    query = f"?{request.url.query}" if request.url.query else ""
    asked = client.build_request(
        request.method,
        f"{upstream}{request.scope['raw_path'].decode('ascii')}{query}",
        headers=[(k, v) for k, v in request.headers.raw if k not in HOP_BY_HOP],
        content=request.stream() if has_body else None,
    )
    answer = await client.send(asked, stream=True)
    log(request, answer.status_code, began)
    response = StreamingResponse(
        answer.aiter_raw(), answer.status_code, background=BackgroundTask(answer.aclose)
    )
    response.raw_headers = [
        (k.lower(), v) for k, v in answer.headers.raw if k.lower() not in HOP_BY_HOP
    ]
    return response


def log(request: Request, status: int, began: float) -> None:
    """One JSON line a request."""
    ms = (time.monotonic() - began) * 1000
    host = request.client.host if request.client else ""
    story = {"time": time.time(), "method": request.method, "path": request.url.path}
    LOG.write(json.dumps({**story, "client": host, "status": status, "ms": ms}) + "\n")


@asynccontextmanager
async def lifespan(app: Starlette) -> AsyncIterator[dict[str, httpx.AsyncClient]]:
    """One client for all requests."""
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=64)
    async with httpx.AsyncClient(limits=limits, timeout=60.0, trust_env=False) as client:
        yield {"client": client}


METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
APP = Starlette(routes=[Route("/{path:path}", forward, methods=METHODS)], lifespan=lifespan)

if __name__ == "__main__":
    uvicorn.run(
        APP,
        host="127.0.0.1",
        port=int(os.environ["BENCH_PORT"]),
        loop="uvloop",
        http="httptools",
        access_log=False,
        log_level="warning",
        backlog=4096,
        timeout_keep_alive=3600,
        server_header=False,
        date_header=False,
    )

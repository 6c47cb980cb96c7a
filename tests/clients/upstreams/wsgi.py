"""The offer as a Flask application, for gunicorn and waitress."""

import os
import threading
import time
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

from flask import Flask, Response, redirect, request, send_file

from tests.clients import offer

FOLDER = Path(os.environ["OFFER"])
WAIT_S = 10.0
POLL_S = 0.01

app = Flask(__name__)
heard: set[tuple[str, int]] = set()
changed = threading.Condition()
left: list[str] = []


@app.get("/<_>/told")
def told(_: str) -> dict[str, Any]:
    """Who asks, and for what."""
    environ = request.environ
    return {
        "method": request.method,
        "query": environ["QUERY_STRING"],
        "port": int(environ["REMOTE_PORT"]),
    }


@app.post("/<_>/echo")
def echo(_: str) -> Response:
    """The body as it came."""
    is_chunked = "chunked" in request.headers.get("Transfer-Encoding", "")
    framing = "chunked" if is_chunked else "length"
    return Response(request.get_data(), headers={"X-Framing": framing})


@app.post("/<_>/digest")
def digest(_: str) -> dict[str, Any]:
    """What the body is, read as a stream."""
    total, seen = sha256(), 0
    while piece := request.stream.read(offer.PIECE):
        total.update(piece)
        seen += len(piece)
    return {"bytes": seen, "sha256": total.hexdigest()}


@app.get("/<_>/large")
def large(_: str) -> Response:
    """The large file."""
    return send_file(FOLDER / "large", mimetype="application/octet-stream")


@app.get("/<_>/gzipped")
def gzipped(_: str) -> Response:
    """Compressed already."""
    body = (FOLDER / "gzipped").read_bytes()
    return Response(body, headers={"Content-Encoding": "gzip"}, mimetype="text/plain")


@app.get("/<_>/tagged")
def tagged(_: str) -> Response:
    """Flask makes the ETag, and the 304."""
    return send_file(FOLDER / "tagged", mimetype="text/plain", conditional=True)


@app.get("/<_>/empty")
def empty(_: str) -> Response:
    """Nothing to say."""
    return Response(status=204)


@app.get("/<_>/moved")
def moved(_: str) -> Any:
    """Elsewhere, relative to here."""
    return redirect("told")


@app.get("/<_>/broken")
def broken(_: str) -> Response:
    """An error of the application's own."""
    return Response(offer.BROKEN, 503, {"Retry-After": "7"}, mimetype="text/plain")


@app.get("/<_>/cookies")
def cookies(_: str) -> Response:
    """One field each."""
    answer = Response("eaten")
    for cookie in offer.COOKIES:
        answer.headers.add("Set-Cookie", cookie)
    return answer


@app.get("/<_>/endless")
def endless(_: str) -> Response:
    """Data until the server closes the generator, which it does when it cannot write."""

    def flow() -> Iterator[bytes]:
        try:
            while True:
                yield offer.LARGE[: offer.PIECE]
        finally:
            left.append("")

    return Response(flow(), mimetype="application/octet-stream")


@app.get("/<_>/left")
def gone(_: str) -> dict[str, int]:
    """How many left."""
    return {"left": len(left)}


@app.get("/<_>/held")
def held(_: str) -> dict[str, Any]:
    """Nothing before there is the file; bounded, should nobody make it."""
    end = time.monotonic() + WAIT_S
    while not Path(request.args["until"]).exists() and time.monotonic() < end:
        time.sleep(POLL_S)
    return {}


@app.get("/<_>/events")
def events(_: str) -> Response:
    """Events, each once the one before has been heard of."""
    stream, last = request.args["of"], request.headers.get("Last-Event-ID")

    def flow() -> Iterator[bytes]:
        for number in offer.numbers(last):
            yield offer.event(number)
            with changed:
                if not changed.wait_for(lambda at=number: (stream, at) in heard, WAIT_S):
                    raise TimeoutError(f"event {number} was not heard of")

    return Response(flow(), mimetype="text/event-stream")


@app.post("/<_>/heard")
def hear(_: str) -> Response:
    """An event has arrived."""
    with changed:
        heard.add((request.args["of"], int(request.args["n"])))
        changed.notify_all()
    return Response(status=204)


@app.get("/<_>/page")
def page(_: str) -> Response:
    """What the browser is given."""
    return send_file(Path(__file__).parent.parent / "pages" / "page.html")


@app.get("/health")
def health() -> dict[str, Any]:
    """It serves."""
    return {}

"""JSON logs, one object a line, each with the id of the request it belongs to."""

import json
import logging
import time
from datetime import UTC, datetime
from uuid import uuid4

from flask import Flask, Response, g, has_request_context, request

ACCESS = logging.getLogger("coach.access")


class JsonFormatter(logging.Formatter):
    """Writes a record as one JSON object; fields given as ``extra={"fields": …}`` join it."""

    def format(self, record: logging.LogRecord) -> str:
        """Give the line."""
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if has_request_context() and "request_id" in g:
            line["request_id"] = g.request_id
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line)


def log_requests(app: Flask) -> None:
    """Give every request of *app* an id, which it is answered with, and a line in the log."""

    @app.before_request
    def begin() -> None:
        g.request_id = sane(request.headers.get("X-Request-ID")) or uuid4().hex
        g.started_s = time.perf_counter()

    @app.after_request
    def end(response: Response) -> Response:
        response.headers["X-Request-ID"] = g.request_id
        ACCESS.info("request", extra={"fields": access_fields(response)})
        return response


def access_fields(response: Response) -> dict[str, object]:
    """Give what is logged of a request: never a header, a query string or a body."""
    return {
        "method": request.method,
        "path": request.path,
        "status": response.status_code,
        "bytes": response.content_length,
        "ms": round((time.perf_counter() - g.started_s) * 1000, 1),
    }


def sane(request_id: str | None) -> str | None:
    """Give a client's request id if it can stand in a header and a log: visible ASCII, ≤ 128."""
    if request_id and len(request_id) <= 128 and all("!" <= c <= "~" for c in request_id):
        return request_id
    return None

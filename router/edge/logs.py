"""The access log, one JSON line an exchange, and the program's own log.

Lines are encoded and written by a thread of their own, so that a full disk or a reader that
stopped costs log lines and never a request.
"""

import json
import logging
import os
import sys
import threading
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, BinaryIO

from router.core.record import Record
from router.edge.logfiles import append

MOST_WAITING = 20_000
EVERY_S = 0.05

log = logging.getLogger("router")


class AccessLog:
    """Takes records for the cost of an append; `lost` is told how many had to be dropped.

    *again* opens the file that bears the log's name now, as the old one may have been moved away;
    then the stream is closed here, too.
    """

    def __init__(
        self,
        stream: BinaryIO,
        *,
        query: bool,
        lost: Callable[[int], None],
        again: Callable[[], BinaryIO] | None = None,
    ) -> None:
        self.query = query
        self._stream = stream
        self._lost = lost
        self._again = again
        self._moved = threading.Event()
        self._waiting: deque[tuple[float, Record]] = deque()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="access-log", daemon=True)
        self._thread.start()

    def write(self, wall: float, record: Record) -> None:
        """Have *record*, which ended at *wall*, written soon."""
        if len(self._waiting) >= MOST_WAITING:
            self._lost(1)
        else:
            self._waiting.append((wall, record))

    def reopen(self) -> None:
        """Have what is written from now on go to the file that bears the log's name then."""
        self._moved.set()

    def close(self) -> None:
        """Write what waits, for a second at most."""
        self._stop.set()
        self._thread.join(1.0)
        if self._again is not None and not self._thread.is_alive():
            self._stream.close()

    def _run(self) -> None:
        while not self._stop.wait(EVERY_S):
            self._flush()
        self._flush()

    def _flush(self) -> None:
        if self._moved.is_set():
            self._moved.clear()
            self._open_again()
        lines = []
        while self._waiting:
            wall, record = self._waiting.popleft()
            lines.append(line_of(wall, record, query=self.query))
        if not lines:
            return
        try:
            append(self._stream, "".join(lines).encode("utf-8", "backslashreplace"))
        except (OSError, ValueError):
            self._lost(len(lines))

    def _open_again(self) -> None:
        if self._again is None:
            return
        try:
            self._stream, old = self._again(), self._stream
        except OSError as error:
            log.warning("the access log stays as it is: %s: %s", error.filename, error.strerror)
        else:
            old.close()


def line_of(wall: float, record: Record, *, query: bool) -> str:
    """The access-log line: the whole story, never a token, the query only if asked for."""
    story: dict[str, Any] = {
        "time": stamp(wall),
        "log": "access",
        "request_id": record.request_id,
        "trace_id": record.trace_id,
        "client": record.client,
        "method": record.method,
        "path": record.path,
        "route": record.route,
        "cohort": record.cohort,
        "reason": record.reason,
        "served": record.served,
        "fate": record.fate,
        "status": record.status,
        "bytes": record.sent,
        "ms": ms(record.seconds),
        "attempts": [
            {"upstream": one.upstream, "outcome": one.outcome, "ms": ms(one.seconds)}
            for one in record.attempts
        ],
    }
    told = {"auth": record.refusal, "cause": record.cause, "why": record.why}
    story |= {key: value for key, value in told.items() if value is not None}
    if query and record.query:
        story["query"] = record.query
    return json.dumps(story, separators=(",", ":")) + "\n"


def ms(seconds: float) -> float:
    """Milliseconds to a hundredth."""
    return round(seconds * 1000, 2)


def stamp(wall: float) -> str:
    """RFC 3339 in UTC."""
    return datetime.fromtimestamp(wall, UTC).isoformat(timespec="milliseconds")


class JsonLines(logging.Formatter):
    """The program's own log as JSON lines; fields given as `extra={"fields": …}` are joined in."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": stamp(record.created),
            "log": "router",
            "pid": os.getpid(),
            "level": record.levelname.lower(),
            "message": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str, ensure_ascii=False)


def log_to_stderr() -> logging.Logger:
    """The logger `router`, set up to write JSON lines to standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    log = logging.getLogger("router")
    log.handlers[:] = [handler]
    log.setLevel(logging.INFO)
    log.propagate = False
    return log

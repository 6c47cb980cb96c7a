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
from functools import lru_cache
from json.encoder import encode_basestring_ascii as text
from typing import BinaryIO, Final

from router.core.record import Attempted, Record
from router.edge.logfiles import append

MOST_WAITING: Final = 20_000
IDLE_S: Final = 0.05
BUSY_S: Final = 0.01
"""How long the writer waits for more: less where there was something, so that few lines at a time
are made, and nobody who serves waits long for that."""

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
        self._writer = threading.Thread(target=self._run, name="access-log", daemon=True)
        self._writer.start()

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
        self._writer.join(1.0)
        if self._again is not None and not self._writer.is_alive():
            self._stream.close()

    def _run(self) -> None:
        wait_s = IDLE_S
        while not self._stop.wait(wait_s):
            wait_s = BUSY_S if self._flush() else IDLE_S
        self._flush()

    def _flush(self) -> bool:
        """Write what waits; whether there was anything."""
        if self._moved.is_set():
            self._moved.clear()
            self._open_again()
        lines = []
        while self._waiting:
            wall, record = self._waiting.popleft()
            lines.append(line_of(wall, record, query=self.query))
        if not lines:
            return False
        try:
            append(self._stream, "".join(lines).encode("utf-8", "backslashreplace"))
        except (OSError, ValueError):
            self._lost(len(lines))
        return True

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
    """The access-log line: the whole story, never a token, the query only if asked for.

    Written out by hand, at a tenth of what an encoder of mappings costs: one line a request. Only
    what a client may spell as it likes has to be escaped; its method is a token, and names are the
    configuration's.
    """
    what = what_of(
        record.client,
        record.method,
        record.path,
        record.route,
        record.cohort,
        record.reason,
        record.served,
        record.fate,
        record.status,
    )
    attempts = ",".join([attempt_of(one) for one in record.attempts])
    return (
        f'{{"time":"{stamp(wall)}","log":"access","request_id":"{record.request_id}",'
        f'"trace_id":"{record.trace_id}",{what},"bytes":{record.sent},'
        f'"ms":{ms(record.seconds)},"attempts":[{attempts}]{seldom(record, query=query)}}}\n'
    )


@lru_cache(maxsize=256)
def what_of(
    client: str,
    method: str,
    path: str,
    route: str,
    cohort: str,
    reason: str,
    served: str,
    fate: str | None,
    status: int,
) -> str:
    """What was asked for and how it ended: the part of a line that many others have, too."""
    return (
        f'"client":{text(client)},"method":"{method}","path":{text(path)},"route":"{route}",'
        f'"cohort":"{cohort}","reason":"{reason}","served":"{served}","fate":"{fate}",'
        f'"status":{status}'
    )


def attempt_of(attempted: Attempted) -> str:
    """One attempt as the line has it."""
    upstream, outcome = attempted.upstream, attempted.outcome
    return f'{{"upstream":"{upstream}","outcome":"{outcome}","ms":{ms(attempted.seconds)}}}'


def seldom(record: Record, *, query: bool) -> str:
    """What few lines have."""
    told = ""
    if record.refusal is not None:
        told += f',"auth":"{record.refusal}"'
    cause = record.cause or record.rescue_of
    if cause is not None:
        told += f',"cause":"{cause}"'
    if record.why is not None:
        told += f',"why":"{record.why}"'
    if query and record.query:
        told += f',"query":{text(record.query)}'
    return told


def ms(seconds: float) -> str:
    """Milliseconds to a hundredth."""
    hundredths = int(seconds * 100_000 + 0.5)
    return str(hundredths // 100) + HUNDREDTHS[hundredths % 100]


def stamp(wall: float) -> str:
    """RFC 3339 in UTC, to the millisecond."""
    thousandths = int(wall * 1000)
    return whole_second(thousandths // 1000) + THOUSANDTHS[thousandths % 1000]


HUNDREDTHS: Final = tuple(f".{number:02d}" for number in range(100))
THOUSANDTHS: Final = tuple(f".{number:03d}+00:00" for number in range(1000))


@lru_cache(maxsize=2)
def whole_second(second: int) -> str:
    """*second* without its zone, remembered: thousands of lines share one."""
    return datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%S")


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

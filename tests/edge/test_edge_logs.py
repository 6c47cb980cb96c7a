"""The access log: whole stories, one line each, and never in the way of a request."""

import io
import json
import logging
import os
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from router.core.fates import Fate
from router.core.model import Cohort
from router.core.record import Attempted, Record
from router.edge.logfiles import open_log
from router.edge.logs import AccessLog, JsonLines, line_of, log_to_stderr
from tests.stories import story


def told(**also: object) -> Record:
    """A finished exchange."""
    record = story(path="/fitness/wod", fate=Fate.RESCUED, status=200, cohort=Cohort.CANDIDATE)
    record.attempts = [Attempted("coach", "timeout", 2.0), Attempted("monolith", "ok", 0.0123456)]
    for name, value in also.items():
        setattr(record, name, value)
    return record


def wait_for(holds: Callable[[], object]) -> None:
    """Wait until *holds* does."""
    deadline = time.monotonic() + 5
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_a_line_is_the_whole_story() -> None:
    """Everything that a question about one exchange will ask."""
    line = json.loads(line_of(0.5, told(query="token=secret", why=None), query=False))
    assert line["time"] == "1970-01-01T00:00:00.500+00:00"
    assert (line["fate"], line["status"], line["cohort"]) == ("rescued", 200, "candidate")
    assert line["attempts"] == [
        {"upstream": "coach", "outcome": "timeout", "ms": 2000.0},
        {"upstream": "monolith", "outcome": "ok", "ms": 12.35},
    ]
    assert "secret" not in str(line)
    assert "why" not in line


def test_the_query_only_if_asked_for() -> None:
    """It often holds what nobody should read later."""
    record = told(query="page=2")
    assert json.loads(line_of(0, record, query=True))["query"] == "page=2"
    assert "query" not in json.loads(line_of(0, record, query=False))


@pytest.mark.parametrize("path", ["/\udce4\udcff", '/"\\\n\x00', "/\u2028é"])
def test_one_line_whatever_the_client_sent(path: str) -> None:
    """No line can be forged or broken by what is in it."""
    line = line_of(0, told(path=path), query=True)
    assert line.isascii()
    assert line.count("\n") == 1
    assert json.loads(line)["path"] == path


def test_lines_come_in_order_and_close_writes_the_rest(tmp_path: Path) -> None:
    """What was accounted for before the end is in the file after it."""
    path = tmp_path / "access.log"
    with path.open("ab") as stream:
        log = AccessLog(stream, query=False, lost=lambda _: None)
        for number in range(1000):
            log.write(number, told(request_id=str(number)))
        log.close()
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert [line["request_id"] for line in lines] == [str(number) for number in range(1000)]


def test_a_reader_that_stopped_costs_lines_and_never_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What cannot be written waits up to a bound; beyond it lines are dropped and counted."""
    monkeypatch.setattr("router.edge.logs.MOST_WAITING", 2000)
    lost: list[int] = []
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb") as reader, os.fdopen(writing, "wb") as stream:
        log = AccessLog(stream, query=False, lost=lost.append)
        longest_s = 0.0
        for _ in range(50_000):
            began = time.perf_counter()
            log.write(0, told_once)
            longest_s = max(longest_s, time.perf_counter() - began)
        wait_for(lambda: sum(lost))
        assert longest_s < 5.0
        drain = threading.Thread(target=reader.read)
        drain.start()
        log.close()
        stream.close()
        drain.join(5)
    assert sum(lost) > 1000


told_once = told()


def test_a_full_disk_costs_lines_and_no_more() -> None:
    """They are counted, and once there is room again the log goes on."""
    stream, lost = Full(), []
    log = AccessLog(stream, query=False, lost=lost.append)
    log.write(0, told())
    log.write(0, told())
    wait_for(lambda: sum(lost) == 2)
    stream.full = False
    log.write(0, told(request_id="after"))
    wait_for(lambda: b"after" in stream.getvalue())
    log.close()
    assert sum(lost) == 2


def test_a_log_that_was_moved_away_is_opened_again(tmp_path: Path) -> None:
    """The next lines are in the new file; where none can be had, the old one has them."""
    path = tmp_path / "logs" / "access.log"
    path.parent.mkdir()
    again = partial(open_log, str(path))
    log = AccessLog(again(), query=False, lost=lambda _: None, again=again)
    log.write(0, told(request_id="first"))
    wait_for(lambda: b"first" in path.read_bytes())
    path.rename(tmp_path / "old.log")
    log.reopen()
    log.write(0, told(request_id="second"))
    wait_for(lambda: path.exists() and b"second" in path.read_bytes())
    assert b"second" not in (tmp_path / "old.log").read_bytes()
    path.rename(tmp_path / "older.log")
    path.parent.rmdir()
    log.reopen()
    log.write(0, told(request_id="third"))
    log.close()
    assert b"third" in (tmp_path / "older.log").read_bytes()


class Full(io.BytesIO):
    """A file on a disk without room."""

    full = True

    def write(self, data: bytes) -> int:  # type: ignore[override]
        """Write *data*, or say that there is no room."""
        if self.full:
            raise OSError(28, "No space left on device")
        return super().write(data)


def test_a_stream_that_was_closed_costs_lines_too() -> None:
    """Standard output may be gone; requests are served all the same."""
    stream, lost = io.BytesIO(), []
    stream.close()
    log = AccessLog(stream, query=False, lost=lost.append)
    log.write(0, told())
    log.close()
    assert sum(lost) == 1


def test_the_programs_own_log_is_json_with_its_fields(capsys: pytest.CaptureFixture[str]) -> None:
    """One line an event, what is told beside the message as fields of their own."""
    log = log_to_stderr()
    try:
        log.info("reloaded: %s", "wod.percent 10 → 25", extra={"fields": {"hash": "abc"}})
        try:
            int("broken")
        except ValueError:
            log.exception("internal error")
    finally:
        log.handlers[:], log.propagate = [], True
        log.setLevel(logging.NOTSET)
    first, second = map(json.loads, capsys.readouterr().err.splitlines())
    assert (first["message"], first["hash"]) == ("reloaded: wod.percent 10 → 25", "abc")
    assert (first["level"], first["log"]) == ("info", "router")
    assert "ValueError: invalid literal" in second["traceback"]


def test_fields_that_are_no_json_are_told_as_text() -> None:
    """A log call must never be the thing that fails."""
    record = logging.LogRecord("router", logging.INFO, "", 0, "said", None, None)
    record.fields = {"path": Path("/x")}
    assert json.loads(JsonLines().format(record))["path"] == "/x"

"""The users of the soak: what they asked is told exactly, also by those who are behind."""

import pytest

from dev.soak.asking import asked
from tests.bench.test_bench_loads import good, upstream


def test_what_was_asked_and_what_failed_is_told() -> None:
    """All are good but one, on whose connection the router hangs up."""
    with upstream(lambda number: b"" if number == 30 else good(number)) as port:
        told = asked(port, 200.0, 0.5)
    assert told["failed"] == 1
    assert 60 < told["asked"] < 140
    assert told["worst_p99_ms"] > 0


def test_who_is_behind_catches_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is overdue at the end of the time is asked all the same, and counted."""
    monkeypatch.setattr("dev.soak.asking.LAST_ANSWERS_S", 0.0)
    heard: list[int] = []

    def counted(number: int) -> bytes:
        heard.append(number)
        return good(number)

    with upstream(counted) as port:
        told = asked(port, 5000.0, 0.1)
    assert (told["asked"], told["failed"]) == (len(heard), 0)

"""`strangler restart` signals the supervisor that the admin port names, and waits."""

import os
import signal
from collections.abc import Iterator
from typing import Any

import pytest

from router.cli import main
from router.edge.identity import started
from tests.cli.admin_port import Pages, admin_port

READY = [{"pid": 11, "state": "ready"}, {"pid": 12, "state": "ready"}]


@pytest.fixture
def heard() -> Iterator[list[int]]:
    """Give what this process, which plays the supervisor, is signalled."""
    numbers: list[int] = []
    old = signal.signal(signal.SIGUSR2, lambda number, _: numbers.append(number))
    yield numbers
    signal.signal(signal.SIGUSR2, old)


def page(**also: Any) -> dict[str, Any]:
    """What `/config` says of this process as the supervisor."""
    supervisor = {"pid": os.getpid(), "started": started(os.getpid())}
    restart = {"asked": 0, "done": 0, "problem": None}
    return {"supervisor": supervisor, "workers": READY, "restart": restart, **also}


def after(pages: Pages, heard: list[int], **restart: Any) -> None:
    """Have the page change once the signal was heard."""
    new = [{"pid": 21, "state": "ready"}, {"pid": 22, "state": "ready"}]
    left = [{"pid": 12, "state": "draining"}]
    done = {"asked": 1, "done": 1, "problem": None, **restart}

    def hear(number: int, _: object) -> None:
        heard.append(number)
        pages["/config"] = (200, page(workers=new + left, restart=done))

    signal.signal(signal.SIGUSR2, hear)


def test_it_waits_until_all_are_new_and_says_which(
    heard: list[int], capsys: pytest.CaptureFixture[str]
) -> None:
    """And which old ones are still finishing."""
    pages: Pages = {"/config": (200, page())}
    after(pages, heard)
    with admin_port(pages) as admin:
        assert main(["restart", "--admin", admin]) == 0
    assert heard == [signal.SIGUSR2]
    said = capsys.readouterr().out
    assert said == "new workers: 21, 22\nold ones that finish what they have: 12\n"


def test_a_restart_that_stopped_is_a_failure(
    heard: list[int], capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 1 and the supervisor's reason."""
    pages: Pages = {"/config": (200, page())}
    after(pages, heard, problem="the new worker did not become ready")
    with admin_port(pages) as admin:
        assert main(["restart", "--admin", admin]) == 1
    assert capsys.readouterr().err == "the new worker did not become ready\n"


def test_waiting_has_an_end(heard: list[int], capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 1: nobody may take it for done."""
    with admin_port({"/config": (200, page())}) as admin:
        assert main(["restart", "--timeout", "300ms", "--admin", admin]) == 1
    assert heard == [signal.SIGUSR2]
    assert "not all workers are new after 0.3 s" in capsys.readouterr().err


@pytest.mark.parametrize("supervisor", [{"started": 1}, {"started": None}])
def test_a_process_that_is_not_the_supervisor_is_left_alone(
    supervisor: dict[str, Any], heard: list[int], capsys: pytest.CaptureFixture[str]
) -> None:
    """The port may be a container's or another machine's, and its pid here somebody else's."""
    told = {"pid": os.getpid(), **supervisor}
    with admin_port({"/config": (200, page(supervisor=told))}) as admin:
        assert main(["restart", "--admin", admin]) == 1
    assert heard == []
    assert f"kill -USR2 {os.getpid()}" in capsys.readouterr().err


def test_a_router_without_a_supervisor(capsys: pytest.CaptureFixture[str]) -> None:
    """An older version, or something else that listens there."""
    with admin_port({"/config": (200, {"hash": "x"})}) as admin:
        assert main(["restart", "--admin", admin]) == 1
    assert "names no supervisor" in capsys.readouterr().err


def test_nobody_there(capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 1 and why."""
    assert main(["restart", "--admin", "127.0.0.1:1"]) == 1
    assert "no answer from the admin port" in capsys.readouterr().err

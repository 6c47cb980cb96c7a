"""How many workers, how long to wait for the next, how it is started and what it is told."""

import asyncio
import json
import os
import socket
import sys
from pathlib import Path

import pytest

import router
from router.edge.channel import Channel
from router.edge.identity import started
from router.serve import Options
from router.serve.crew import LONGEST_PAUSE_S, pause_s
from router.serve.gathering import Gathering
from router.serve.hand import Hand, State
from router.serve.processors import fitting, processors
from router.serve.starting import MODULE, command


@pytest.mark.parametrize(
    ("allowed", "quota", "fits"),
    [
        (8, "max 100000\n", 8),
        (8, "max", 8),
        (8, "200000 100000\n", 2),
        (8, "150000 100000\n", 2),
        (8, "10000 100000\n", 1),
        (2, "800000 100000\n", 2),
        (4, "", 4),
        (4, "200000 0", 4),
    ],
)
def test_a_container_gets_as_many_workers_as_its_share_is_for(
    allowed: int, quota: str, fits: int
) -> None:
    """Not one for each processor of the machine that it is on."""
    assert fitting(allowed, quota) == fits


def test_this_machine_has_processors() -> None:
    """At least one, and no more than there are."""
    assert 1 <= processors() <= (os.cpu_count() or 1)


def test_a_worker_that_dies_at_its_start_is_waited_for_longer_and_longer() -> None:
    """The first death costs no pause; the longest is bounded, however often it dies."""
    pauses = [pause_s(deaths) for deaths in range(100)]
    assert pauses[0] == 0
    assert pauses == sorted(pauses)
    assert pauses[-1] == LONGEST_PAUSE_S


class Lasting:
    """A process that has not ended yet."""

    pid = returncode = 0

    def __init__(self) -> None:
        self.ended = asyncio.Event()

    async def wait(self) -> None:
        """Wait until it has."""
        await self.ended.wait()


async def test_a_worker_that_has_no_more_to_say_is_hung_up_on() -> None:
    """It waits for that: only then is it sure that its last words were heard."""
    raw, other = socket.socketpair()
    raw.setblocking(False)
    process = Lasting()
    hand = Hand(process, await Channel.over(other), lambda *_: None, lambda *_: None)  # type: ignore[arg-type]
    raw.shutdown(socket.SHUT_WR)
    assert await asyncio.wait_for(asyncio.get_running_loop().sock_recv(raw, 1), 5) == b""
    assert not hand.is_gone
    process.ended.set()
    await hand.gone()
    assert hand.is_gone
    raw.close()


async def test_a_worker_that_says_what_cannot_be_read_is_heard_on(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Its figures so far stay, and its end is noticed."""
    raw, other = socket.socketpair()
    process, took = Lasting(), list[tuple[str, str]]()
    channel = await Channel.over(other)
    hand = Hand(process, channel, lambda *it: took.append(it), lambda *_: None)  # type: ignore[arg-type]
    for said in (
        {"told": "totals", "totals": 7},
        {"told": "took", "hash": 1, "content": 2},
        {"told": "took", "hash": "a", "content": "b", "more": "c"},
        {"told": "totals", "totals": [{"name": "requests"}]},
        {"told": "ready"},
    ):
        text = json.dumps(said).encode()
        raw.sendall(len(text).to_bytes(4, "big") + text)
    await asyncio.wait_for(hand.settled.wait(), 5)
    assert hand.is_ready
    assert took == [("a", "b")]
    process.ended.set()
    raw.close()
    await asyncio.wait_for(hand.gone(), 5)
    assert len(caplog.records) == 1


class Speaker:
    """A worker that answers every question alike."""

    pid, state, is_ready = 1, State.READY, True

    def __init__(self, answer: object) -> None:
        self.answer = answer

    async def ask(self, _: str, **__: object) -> object:
        """Its one answer."""
        return self.answer


class Crew:
    """Workers that answer so."""

    wanted = 1

    def __init__(self, *answers: object) -> None:
        self.hands = self.ready = [Speaker(answer) for answer in answers]


class Rolling:
    """Nothing is being replaced."""

    def report(self) -> None:
        """Nothing."""


@pytest.mark.parametrize("answer", [7, "so", [], [1], {"problem": 1}, {"wod": 7}, {"wod": {}}])
async def test_pages_are_shown_whatever_a_worker_of_another_version_tells(answer: object) -> None:
    """Without what cannot be read of it, and never with an error of ours."""
    desk = Gathering(Crew(answer), Rolling())  # type: ignore[arg-type]
    assert (await desk.config())[0] == 503
    assert (await desk.explain({}))[0] == 503
    assert (await desk.plan(b"", "routes.yaml"))[0] == 503
    assert await desk.compare() == (200, {})
    status, shown = await desk.status()
    assert status == (200 if isinstance(answer, dict) else 503)
    assert not shown.get("wod", {}).get("breaker")
    well = {"hash": "a", "since": 1.0, "last_reload": {"ok": True}}
    desk = Gathering(Crew(answer, well), Rolling())  # type: ignore[arg-type]
    status, shown = await desk.config()
    assert (status, shown["hash"], len(shown["workers"])) == (200, "a", 2)


def test_options_go_over_the_wire() -> None:
    """A worker has the very options of its supervisor."""
    options = Options(Path("a.yaml"), {"coach": "http://coach"}, grace_s=1.5, workers=3)
    assert Options.from_wire(json.loads(json.dumps(options.to_wire()))) == options


def test_options_of_another_version_are_taken_as_far_as_they_are_known() -> None:
    """A worker of the new version is started by the supervisor of the old one."""
    said = {"config": "a.yaml", "workers": 3, "a later option": 7}
    assert Options.from_wire(said) == Options(Path("a.yaml"), workers=3)


@pytest.mark.parametrize("first", ["", "/usr/bin", "the package's folder"])
def test_a_worker_finds_the_package_where_the_supervisor_did(
    first: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder named `router` where the command happens to be typed is not imported."""
    folder = str(Path(router.__file__).parents[1])
    is_here = first == "the package's folder"
    monkeypatch.setattr(sys, "path", [folder if is_here else first, *sys.path])
    flags = () if is_here else ("-P",)
    assert command(3, 4) == (sys.executable, *flags, "-m", MODULE, "3", "4")


def test_a_process_is_told_from_another_with_its_pid() -> None:
    """By when it began; where that cannot be known there is no process, or no /proc."""
    if not Path("/proc/self/stat").exists():
        pytest.skip("there is no /proc here")
    assert isinstance(started(os.getpid()), int)
    assert started(os.getpid()) != started(1)
    assert started(2**22 + 1) is None

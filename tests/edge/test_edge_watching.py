"""routes.yaml on disk, changed in every way that people and programs change files."""

import asyncio
import os
import threading
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from router.config.building import hash_of
from router.config.complaints import ConfigError
from router.config.loading import reload
from router.config.text import MAX_FILE
from router.core.model import Snapshot
from router.edge.current import Current, Running, Surroundings, Verdict
from router.edge.keyring import KeyProblem
from router.edge.tokens import Identity
from router.edge.watching import Watch
from tests.edge.certificates import CERTIFICATE
from tests.edge.requests import SECRET, token
from tests.edge.stages import until

TEXT = """\
upstreams: {monolith: http://127.0.0.1:5001, coach: http://127.0.0.1:5002}
jwt: {issuer: fit-api, secret_env: JWT_SECRET}
default: monolith
routes:
  wod: {match: GET /fitness/wod, candidate: coach, percent: PERCENT}
"""


def at(percent: float) -> str:
    """The file with that percentage."""
    return TEXT.replace("PERCENT", str(percent))


class Desk:
    """A file, who watches it, and what was made of it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.environ = {"JWT_SECRET": SECRET}
        self.current = Current.first(path, Surroundings(self.environ, time.time, time.monotonic))
        self.accepted: list[Running] = []
        self.refused: list[Verdict] = []
        self.current.accepted.append(self.accepted.append)
        self.current.refused.append(self.refused.append)
        self.watch = Watch(path, self.current)

    @property
    def percent(self) -> float:
        """The percentage in force."""
        return self.current.running.snapshot.routes[0].percent

    async def until_percent(self, percent: float) -> None:
        """Wait until *percent* is in force."""
        await until(lambda: self.percent == percent, f"{percent} in force, not {self.percent}")

    async def until_refused(self, words: str) -> None:
        """Wait until what is on disk was refused with *words*, and nothing has changed."""
        await until(lambda: self.refused, f"a refusal with {words!r}")
        report = self.current.report()
        assert not report["ok"]
        assert words in " ".join(report["problems"])
        assert self.percent == 10


@pytest.fixture
async def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Desk]:
    """Give a watched file at 10 per cent, looked at more often than in earnest."""
    monkeypatch.setattr("router.edge.watching.POLL_S", 0.05)
    monkeypatch.setattr("router.edge.watching.STILL_S", 0.05)
    path = tmp_path / "routes.yaml"
    path.write_text(at(10))
    one = Desk(path)
    task = asyncio.create_task(one.watch.run())
    yield one
    task.cancel()
    await asyncio.wait([task])
    assert task.cancelled()


def write(path: Path) -> None:
    """Write into the file that is there."""
    path.write_text(at(20))


def rename(path: Path) -> None:
    """Write beside it, and rename: what careful editors do."""
    other = path.with_name("routes.yaml.tmp")
    other.write_text(at(20))
    other.replace(path)


def away_and_new(path: Path) -> None:
    """Rename the old one to a backup, and make a new one: what vi does."""
    path.rename(path.with_name("routes.yaml~"))
    path.write_text(at(20))


def become_a_link(path: Path) -> None:
    """A link in its place: what a bind mount or a deployment by links does."""
    other = path.with_name("elsewhere.yaml")
    other.write_text(at(20))
    path.unlink()
    path.symlink_to(other)


@pytest.mark.parametrize("change", [write, rename, away_and_new, become_a_link])
async def test_a_change_is_taken(desk: Desk, change: Callable[[Path], None]) -> None:
    """However it was made, it is in force soon, once."""
    change(desk.path)
    await desk.until_percent(20)
    assert len(desk.accepted) == 1
    assert desk.current.report() == {
        "ok": True,
        "hash": hash_of(at(20).encode()),
        "problems": [],
    }


async def test_a_swap_of_links_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A ConfigMap: the file is a link through `..data`, and only that link is ever replaced."""
    monkeypatch.setattr("router.edge.watching.POLL_S", 0.05)
    for name, percent in (("one", 10), ("two", 20)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "routes.yaml").write_text(at(percent))
    (tmp_path / "..data").symlink_to("one")
    (tmp_path / "routes.yaml").symlink_to("..data/routes.yaml")
    desk = Desk(tmp_path / "routes.yaml")
    task = asyncio.create_task(desk.watch.run())
    (tmp_path / "..tmp").symlink_to("two")
    (tmp_path / "..tmp").replace(tmp_path / "..data")
    await desk.until_percent(20)
    task.cancel()
    await asyncio.wait([task])


def become_a_directory(path: Path) -> None:
    """As a container engine makes one where the file to mount is missing."""
    path.unlink()
    path.mkdir()


def dangle(path: Path) -> None:
    """A link to nowhere."""
    path.unlink()
    path.symlink_to("nowhere")


BAD = {
    "deleted": (Path.unlink, "cannot be read: No such file"),
    "a directory": (become_a_directory, "cannot be read: Is a directory"),
    "a dangling link": (dangle, "cannot be read: No such file"),
    "emptied": (lambda path: path.write_text(""), "routes.yaml:1:1"),
    "latin-1": (lambda path: path.write_bytes(b"# gr\xf6\xdfer\n" + at(20).encode()), "UTF-8"),
    "too large": (lambda path: path.write_text(at(20) + "#" * MAX_FILE), "large"),
    "cut short": (lambda path: path.write_text(at(20)[:150]), "routes.yaml:"),
    "101 per cent": (lambda path: path.write_text(at(101)), "routes.wod.percent: 101"),
}


@pytest.mark.parametrize(("change", "words"), BAD.values(), ids=BAD.keys())
async def test_a_bad_file_changes_nothing_and_says_why(
    desk: Desk, change: Callable[[Path], object], words: str
) -> None:
    """The last good one serves on; once a good one is there again, it is taken."""
    change(desk.path)
    await desk.until_refused(words)
    if desk.path.is_dir():
        desk.path.rmdir()
    desk.path.unlink(missing_ok=True)
    desk.path.write_text(at(20))
    await desk.until_percent(20)
    assert desk.current.report()["ok"]


async def test_a_bad_file_that_is_put_back_is_good_again(desk: Desk) -> None:
    """The verdict is that of what is on disk now, though nothing else changes."""
    desk.path.write_text(at(101))
    await desk.until_refused("101")
    desk.path.write_text(at(10))
    await until(lambda: desk.current.report()["ok"], "a good verdict")
    assert desk.percent == 10


async def test_judging_a_file_holds_nobody_up(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The loop goes on meanwhile; what was written during it is judged next, and wins."""
    began, may_end = threading.Event(), threading.Event()

    def slowly(*args: Any) -> Snapshot:
        began.set()
        assert may_end.wait(5), "the loop did not go on"
        return reload(*args)

    monkeypatch.setattr("router.edge.current.reload", slowly)
    desk.path.write_text(at(20))
    await until(began.is_set, "the judgement")
    desk.path.write_text(at(30))
    desk.watch.poke()
    assert desk.percent == 10
    may_end.set()
    await desk.until_percent(30)
    assert [one.snapshot.routes[0].percent for one in desk.accepted] == [20, 30]


async def test_a_bad_file_is_judged_once(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    """It is looked at many times a second, and told of in the log but once."""
    desk.path.write_text(at(101))
    await desk.until_refused("101")
    await asyncio.sleep(0.3)
    assert len(desk.refused) == 1
    assert caplog.text.count("reload refused") == 1


async def test_a_file_in_two_halves_is_taken_when_it_stands_still(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first half is a good file by itself, and is never in force."""
    monkeypatch.setattr("router.edge.watching.STILL_S", 0.8)
    whole = at(20) + "  more: {match: /more, upstream: coach}\n"
    with desk.path.open("w") as file:
        file.write(at(20))
        file.flush()
        await asyncio.sleep(0.15)
        file.write(whole.removeprefix(at(20)))
    await desk.until_percent(20)
    assert [len(one.snapshot.routes) for one in desk.accepted] == [2]


async def test_a_touch_is_no_change(desk: Desk) -> None:
    """What counts is the content, not the time on the file."""
    os.utime(desk.path)
    rename_to_same = desk.path.with_name("same")
    rename_to_same.write_text(at(10))
    rename_to_same.replace(desk.path)
    await asyncio.sleep(0.3)
    assert not desk.accepted + desk.refused


async def test_a_poke_has_it_judged_again(desk: Desk) -> None:
    """SIGHUP: also what was refused, since what refused it may lie outside the file."""
    desk.environ["OTHER"] = "too-short"
    desk.path.write_text(at(20).replace("JWT_SECRET", "OTHER"))
    await desk.until_refused("jwt: the environment variable OTHER has 9 bytes")
    desk.environ["OTHER"] = SECRET + SECRET
    desk.watch.poke()
    await desk.until_percent(20)


async def test_what_moved_is_logged(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    """As an operator would say it."""
    caplog.set_level("INFO", "router")
    desk.path.write_text(at(25))
    await desk.until_percent(25)
    assert "wod.percent 10 → 25" in caplog.text


async def test_without_word_from_the_file_system_there_is_the_poll(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Not every file system tells of changes; the log says so once."""

    def no_watch(*_: object, **__: object) -> None:
        raise OSError("no inotify here")

    monkeypatch.setattr("router.edge.watching.awatch", no_watch)
    monkeypatch.setattr("router.edge.watching.POLL_S", 0.05)
    path = tmp_path / "routes.yaml"
    path.write_text(at(10))
    desk = Desk(path)
    task = asyncio.create_task(desk.watch.run())
    path.write_text(at(20))
    await desk.until_percent(20)
    task.cancel()
    await asyncio.wait([task])
    assert "cannot be watched" in caplog.text


async def test_remembered_tokens_live_on_while_keys_and_rules_stay(desk: Desk) -> None:
    """A new percentage must not have every token verified anew; another issuer must."""
    shown = token().encode()
    tokens = desk.current.running.tokens
    assert tokens is not None
    assert isinstance(tokens.identify(shown), Identity)
    desk.path.write_text(at(20))
    await desk.until_percent(20)
    assert desk.current.running.tokens is tokens
    desk.path.write_text(at(30).replace("fit-api", "other"))
    await desk.until_percent(30)
    assert desk.current.running.tokens is not tokens
    assert desk.current.running.tokens.identify(shown) == "issuer"


async def test_a_new_secret_is_taken_with_the_next_reload(desk: Desk) -> None:
    """The old tokens are not remembered with it."""
    old = desk.current.running.tokens
    desk.environ["JWT_SECRET"] = "another-secret-with-more-than-32-bytes"
    desk.watch.poke()
    await until(lambda: desk.accepted, "the reload")
    tokens = desk.current.running.tokens
    assert tokens is not old
    assert tokens is not None
    assert tokens.identify(token().encode()) == "signature"


async def test_what_cannot_be_built_is_refused_whole(desk: Desk) -> None:
    """A certificate file that is not there: nothing of the new file comes into force."""
    address = "coach: {url: https://coach.example, ca_file: ca.pem}"
    desk.path.write_text(at(20).replace("coach: http://127.0.0.1:5002", address))
    await desk.until_refused("upstreams.coach.ca_file: ca.pem cannot be used: No such file")


async def test_a_certificate_file_is_looked_up_beside_routes_yaml(desk: Desk) -> None:
    """Wherever the program was started from; what is in it must be certificates."""
    address = "coach: {url: https://coach.example, ca_file: ca.pem}"
    desk.path.with_name("ca.pem").write_text("no certificate")
    desk.path.write_text(at(20).replace("coach: http://127.0.0.1:5002", address))
    await desk.until_refused("upstreams.coach.ca_file: ca.pem cannot be used")
    desk.path.with_name("ca.pem").write_text(CERTIFICATE)
    desk.watch.poke()
    await desk.until_percent(20)


def test_a_bad_file_at_the_start_is_fatal(tmp_path: Path) -> None:
    """There is no last good one: what is wrong is raised, for the command line to print."""
    around = Surroundings({}, time.time, time.monotonic)
    path = tmp_path / "routes.yaml"
    with pytest.raises(ConfigError, match="No such file"):
        Current.first(path, around)
    path.write_text(at(101))
    with pytest.raises(ConfigError, match="101"):
        Current.first(path, around)
    path.write_text(at(10))
    with pytest.raises(KeyProblem, match="JWT_SECRET"):
        Current.first(path, around)

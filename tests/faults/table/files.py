"""routes.yaml on disk, spoiled or replaced in every way."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from router.config.text import MAX_FILE
from tests.edge.requests import request
from tests.edge.scripts import ok
from tests.faults.house import House, another, until
from tests.faults.rows import FROM_COACH, NONE, RIGHT, Row, Way

Change = Callable[[Path, str], object]
SERVES_ON = "last good one serves on, the verdict says why"
TAKEN = "taken as soon as it stands still"


def verdict(house: House) -> dict[str, Any]:
    """What the worker says of the last reload."""
    [worker] = json.loads(house.stack.page("/config"))["workers"]
    found: dict[str, Any] = worker["last_reload"]
    return found


def put_back(path: Path, text: str) -> None:
    """The file as it was."""
    if path.is_dir() and not path.is_symlink():
        path.rmdir()
    path.unlink(missing_ok=True)
    path.write_text(text, "utf-8")


def spoiled(change: Change, words: str) -> Way:
    """What is on disk is no configuration: it is said why, and nothing changes."""

    async def try_it(house: House) -> None:
        path, text = house.stack.config, house.text()
        house.play([ok()])
        change(path, text)
        try:
            await until(lambda: not verdict(house)["ok"])
            assert words in " ".join(verdict(house)["problems"])
            assert house.stack.total("config_reload_success") == 0
            assert await served_by(house) == FROM_COACH
        finally:
            put_back(path, text)
        await until(lambda: verdict(house)["ok"])

    return try_it


def taken(change: Change) -> Way:
    """What is on disk is another good configuration: it is in force."""

    async def try_it(house: House) -> None:
        path, text = house.stack.config, house.text()
        house.play([ok()])
        assert await served_by(house) == FROM_COACH
        change(path, text.replace("percent: 100", "percent: 0"))
        try:
            await until(lambda: house.stack.total("percent", route="wod") == 0)
            assert verdict(house)["ok"]
            assert await served_by(house) == RIGHT
        finally:
            put_back(path, text)
        await until(lambda: house.stack.total("percent", route="wod") == 100)

    return try_it


async def served_by(house: House) -> bytes:
    """Who answers just now."""
    got, _ = await house.ask(await house.dial(), request())
    assert got.status == 200
    return got.body


async def unreadable(house: House) -> None:
    """Nobody may read it; root may all the same, so a router that is root's has to renounce it."""
    renounce: tuple[str, ...] = ()
    if os.geteuid() == 0:
        if shutil.which("setpriv") is None:
            pytest.skip("setpriv is not installed (Debian: apt install util-linux)")
        renounce = ("setpriv", "--bounding-set=-dac_override,-dac_read_search")
    way = spoiled(lambda path, _: path.chmod(0), "cannot be read: Permission denied")
    async with another(house, "unreadable", wrapper=renounce) as one:
        await way(one)


def a_directory(path: Path, _: str) -> None:
    """As a container engine makes one where the file to mount is missing."""
    path.unlink()
    path.mkdir()


def dangling(path: Path, _: str) -> None:
    """A link to nowhere."""
    path.unlink()
    path.symlink_to("nowhere")


def by_rename(path: Path, text: str) -> None:
    """Write beside it, and rename."""
    beside = path.with_name("routes.yaml.new")
    beside.write_text(text, "utf-8")
    beside.replace(path)


def by_link(path: Path, text: str) -> None:
    """A link in its place, swapped in one step."""
    elsewhere, link = path.with_name("elsewhere.yaml"), path.with_name("link.new")
    elsewhere.write_text(text, "utf-8")
    link.symlink_to(elsewhere.name)
    link.replace(path)


def in_two_halves(path: Path, text: str) -> None:
    """The first half is no good file, and is there for a moment only."""
    with path.open("w", encoding="utf-8") as file:
        file.write(text[: len(text) // 2])
        file.flush()
        file.write(text[len(text) // 2 :])


def aliases(path: Path, text: str) -> None:
    """A thousand million of them, in ten lines."""
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 8)}]" for n in range(1, 10)]
    path.write_text("\n".join([*lines, text]), "utf-8")


def huge(path: Path, text: str) -> None:
    """100 MB of comments behind it."""
    with path.open("wb") as file:
        file.write(text.encode() + b"#")
        file.truncate(100 * 1000**2)
    assert path.stat().st_size > MAX_FILE


ROWS = (
    Row(
        "emptied",
        NONE,
        SERVES_ON,
        {"emptied": spoiled(lambda path, _: path.write_text(""), "1:1")},
    ),
    Row(
        "deleted",
        NONE,
        SERVES_ON,
        {"deleted": spoiled(lambda path, _: path.unlink(), "cannot be read: No such file")},
    ),
    Row(
        "made unreadable",
        NONE,
        SERVES_ON,
        {"unreadable": unreadable},
        ("config/test_config_files.py::test_an_unreadable_file_is_told",),
    ),
    Row(
        "a directory",
        NONE,
        SERVES_ON,
        {"a directory": spoiled(a_directory, "cannot be read: Is a directory")},
    ),
    Row(
        "a dangling link",
        NONE,
        SERVES_ON,
        {"a dangling link": spoiled(dangling, "cannot be read: No such file")},
    ),
    Row("replaced by rename", NONE, TAKEN, {"by rename": taken(by_rename)}),
    Row(
        "by link swap",
        NONE,
        TAKEN,
        {"by link": taken(by_link)},
        ("edge/test_edge_watching.py::test_a_swap_of_links_is_taken",),
    ),
    Row(
        "written in two halves",
        NONE,
        TAKEN,
        {"in two halves": taken(in_two_halves)},
        ("edge/test_edge_watching.py::test_a_file_in_two_halves_is_taken_when_it_stands_still",),
    ),
    Row("100 MB", NONE, SERVES_ON, {"100 MB": spoiled(huge, "larger than")}),
    Row("full of aliases", NONE, SERVES_ON, {"aliases": spoiled(aliases, "alias")}),
    Row(
        "with a BOM",
        NONE,
        TAKEN,
        {"a BOM": taken(lambda path, text: path.write_bytes(text.encode("utf-8-sig")))},
    ),
    Row(
        "CRLF",
        NONE,
        TAKEN,
        {
            "CRLF": taken(
                lambda path, text: path.write_bytes(text.replace("\n", "\r\n").encode("utf-8"))
            )
        },
    ),
    Row(
        "latin-1",
        NONE,
        SERVES_ON,
        {
            "latin-1": spoiled(
                lambda path, text: path.write_bytes(b"# gr\xf6\xdfer\n" + text.encode()), "UTF-8"
            )
        },
    ),
)

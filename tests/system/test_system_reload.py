"""The file is edited while the router serves."""

import asyncio
import json
import signal
from functools import partial

import pytest

from tests.system.conftest import OpenSite, Site, at, until

pytestmark = pytest.mark.system


def hash_in_force(one: Site) -> str:
    """The hash that the router says it serves on."""
    document = json.loads(one.stack.page("/config"))
    return str(document["hash"])


def is_in_force(one: Site, wanted: str) -> bool:
    """Whether the router serves on the file with that hash."""
    return hash_in_force(one) == wanted


async def test_an_edit_is_in_force_within_a_second_and_no_request_fails(site: OpenSite) -> None:
    """The file is renamed into place under a steady load, ten times."""
    one = await site(at(0))
    text = one.stack.config.read_text("utf-8")
    took: list[float] = []
    async with one.load() as seen:
        for percent in (100, 0) * 5:
            wanted = one.stack.write(text.replace("percent: 0", f"percent: {percent}"))
            took.append(await until(partial(is_in_force, one, wanted)))
            served = "coach" if percent else "monolith"
            assert (await one.get()).body == served.encode()
    assert sorted(took)[len(took) // 2] < 1.0, took
    assert {answer.status for answer in seen} == {200}
    assert {answer.served for answer in seen} == {"coach", "monolith"}


async def test_a_broken_file_is_refused_with_its_place_and_changes_nothing(site: OpenSite) -> None:
    """Log, `/config`, the metric and `strangler check` say where; the old rules serve on."""
    one = await site(at(100))
    old = hash_in_force(one)
    text = one.stack.config.read_text("utf-8")
    broken = one.stack.write(text.replace("percent: 100", "percent: 101"))
    line = 1 + text[: text.index("percent: 100")].count("\n")
    place = f"{one.stack.config}:{line}:14: routes.wod.percent: "
    await until(lambda: f"reload refused: {place}" in one.stack.log("router"))
    verdict = json.loads(one.stack.page("/config"))["last_reload"]
    assert (verdict["ok"], verdict["hash"]) == (False, broken)
    assert verdict["problems"][0].startswith(place)
    assert one.stack.total("config_reload_success") == 0
    checked = one.stack.strangler("check", str(one.stack.config))
    assert (checked.returncode, place in checked.stderr) == (1, True)
    assert hash_in_force(one) == old
    assert (await one.get()).body == b"coach"
    one.stack.write(text)
    await until(lambda: one.stack.total("config_reload_success") == 1)


async def test_sighup_has_the_file_read_again(site: OpenSite) -> None:
    """Also where it has not changed: each is told in the log."""
    one = await site()
    one.stack.processes["router"].send(signal.SIGHUP)
    await until(lambda: one.stack.log("router").count("configuration reloaded") == 1)
    assert (await one.get()).status == 200


async def test_set_changes_one_number_and_waits_for_the_router(site: OpenSite) -> None:
    """`strangler set --wait` returns when the next request is already decided by it."""
    one = await site(at(0))
    assert (await one.get()).body == b"monolith"
    before = one.stack.config.read_text("utf-8")
    said = await asyncio.to_thread(one.stack.set, "wod", 100)
    assert "+    percent: 100" in said
    assert (await one.get()).body == b"coach"
    assert one.stack.config.read_text("utf-8") == before.replace("percent: 0", "percent: 100")

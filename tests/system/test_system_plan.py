"""`strangler plan` against a router of several workers: what it foresees is what then happens."""

import asyncio

import pytest

from router.cli import main
from tests.system.conftest import OpenSite, at, until

pytestmark = pytest.mark.system


async def test_a_plan_comes_true(site: OpenSite, capsys: pytest.CaptureFixture[str]) -> None:
    """Those who move are as many as the plan has said, whichever worker had seen them."""
    one = await site(at(10), environment={"STRANGLER_WORKERS": "2"})
    users = [f"user-{number}@example.com" for number in range(300)]
    before = await one.get_all(users)
    following = one.stack.folder / "next.yaml"
    following.write_text(one.stack.config.read_text("utf-8").replace("percent: 10", "percent: 40"))
    code = await asyncio.to_thread(main, ["plan", str(following), "--admin", one.stack.admin])
    said = capsys.readouterr().out.splitlines()
    assert code == 0
    assert said[0] == "wod.percent 10 → 40"

    one.stack.config.write_text(following.read_text("utf-8"), "utf-8")
    await until(lambda: one.stack.total("percent") == 40)
    after = await one.get_all(users)
    moved = sum(after[user].body != before[user].body for user in users)
    assert moved > 0
    assert f"wod: moves {moved} of 300 recently seen users" in said[1]
    assert said[1].endswith("monolith → coach, 0 back")
    assert {after[user].body for user in users if before[user].body == b"coach"} == {b"coach"}
    assert said[2].startswith("wod: ")

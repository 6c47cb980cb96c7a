"""Three replicas behind HAProxy, with the file of deploy/: stopped, killed, upgraded, ramped."""

import asyncio
import json
import re
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from functools import partial
from pathlib import Path

import httpx
import pytest

from dev.plan import ROOT
from dev.process import DIRECT
from router import __version__
from router.core.bucketing import bucket
from tests.docs.fronts import SEARCHED, Front
from tests.replicas.crowd import USERS, Crowd
from tests.replicas.fleet import Fleet, Replica, fleet
from tests.system.conftest import WOD, until

pytestmark = pytest.mark.system

NEXT = f"{__version__}.post1"
FILE = "haproxy/replicas.cfg"
ENOUGH = 60
"""Requests at a replica after each event: each client has met it, on kept connections."""


@pytest.fixture
async def three(tmp_path: Path) -> AsyncIterator[Fleet]:
    """Give three replicas at 50 per cent."""
    async with fleet(tmp_path) as running:
        yield running


@pytest.fixture
def balancer(three: Fleet, tmp_path: Path) -> Iterator[Front]:
    """Give HAProxy before them."""
    require_haproxy()
    with Front("haproxy", tmp_path, three.ports, FILE) as running:
        yield running


@pytest.fixture
def crowd(three: Fleet, balancer: Front) -> Crowd:
    """Give the clients of all three."""
    return Crowd(balancer.url, three.checkout.token)


def require_haproxy() -> None:
    """Skip where it is not installed."""
    if shutil.which("haproxy", path=SEARCHED) is None:
        pytest.skip("haproxy is not installed")


def side(user: str, percent: float) -> str:
    """Who serves *user*, by the formula that is documented."""
    return "coach" if bucket("wod", user) < percent * 1000 else "monolith"


async def more(one: Replica, count: float) -> None:
    """Wait until the replica has served so many more requests."""
    before = await asyncio.to_thread(one.total, "requests_total")
    await until(lambda: one.total("requests_total") >= before + count)


async def test_a_user_is_on_the_same_side_at_each(three: Fleet) -> None:
    """Each replica by itself says what the formula says; they have never met."""
    async with httpx.AsyncClient(trust_env=False) as client:
        for user in USERS:
            headers = {"Authorization": f"Bearer {three.checkout.token(user)}"}
            said = {(await client.get(r.url + WOD, headers=headers)).text for r in three.replicas}
            assert said == {side(user, 50)}, user
    assert {side(user, 50) for user in USERS} == {"coach", "monolith"}
    await three.reckon(len(USERS) * len(three.replicas))


def test_its_file_is_good(tmp_path: Path) -> None:
    """`haproxy -c` has nothing to say against it."""
    require_haproxy()
    ports = {str(port): port for port in (8080, 8081, 8082, 9901, 9902, 9903)}
    line = Front("haproxy", tmp_path, ports, FILE).command(check=True)
    done = subprocess.run(line, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "warn" not in (done.stdout + done.stderr).lower()


async def test_one_is_stopped_and_no_request_fails(three: Fleet, crowd: Crowd) -> None:
    """SIGTERM under load, writes included: what it has is finished, the others take the rest."""
    one, *others = three.replicas
    async with crowd.asking(("GET", "POST")) as seen:
        await more(one, ENOUGH)
        assert await asyncio.to_thread(one.stop) == 0
        await asyncio.gather(*(more(other, ENOUGH) for other in others))
        await asyncio.to_thread(one.start)
        await more(one, ENOUGH)
    assert set(seen.ended) == {"GET: 200", "POST: 200"}, seen.ended
    assert seen.served == {user: {side(user, 50)} for user in USERS}
    await three.reckon(seen.answers)


async def test_one_is_killed_and_no_safe_request_fails(three: Fleet, crowd: Crowd) -> None:
    """SIGKILL under load: HAProxy asks another, at once, for what the dead one had."""
    one, *others = three.replicas
    async with crowd.asking() as seen:
        await more(one, ENOUGH)
        await asyncio.to_thread(one.kill)
        await asyncio.gather(*(more(other, ENOUGH) for other in others))
        await asyncio.to_thread(one.start)
        await more(one, ENOUGH)
    assert set(seen.ended) == {"GET: 200"}, seen.ended
    assert seen.served == {user: {side(user, 50)} for user in USERS}


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_what_the_killed_one_had_begun(three: Fleet, balancer: Front, method: str) -> None:
    """A GET is answered by another replica; a write is 502 and never sent twice."""
    async with httpx.AsyncClient(timeout=20, trust_env=False) as client:
        url = f"{balancer.url}/held"
        asked = asyncio.create_task(client.request(method, url))
        await asyncio.wait_for(three.monolith.held.wait(), 10)
        three.monolith.held.clear()
        [holder] = [one for one in three.replicas if one.total("inflight") == 1]
        await asyncio.to_thread(holder.kill)
        if method == "POST":
            assert (await asked).status_code == 502
            assert not three.monolith.held.is_set()
            return
        await asyncio.wait_for(three.monolith.held.wait(), 10)
        three.monolith.released.set()
        answer = await asked
    assert (answer.status_code, answer.text) == (200, "monolith")


async def test_all_are_upgraded_and_no_request_fails(
    three: Fleet, crowd: Crowd, tmp_path: Path
) -> None:
    """One after the other, as a Deployment rolls; users stay where they are."""
    upgraded = next_version(tmp_path / "next")
    async with crowd.asking(("GET", "POST")) as seen:
        for one in three.replicas:
            await more(one, ENOUGH)
            assert one.total("build_info", version=__version__) == 1
            assert await asyncio.to_thread(one.stop) == 0
            await asyncio.to_thread(one.start, upgraded)
            await more(one, ENOUGH)
            assert one.total("build_info", version=NEXT) == 1
    assert set(seen.ended) == {"GET: 200", "POST: 200"}, seen.ended
    assert seen.served == {user: {side(user, 50)} for user in USERS}
    await three.reckon(seen.answers)


def next_version(folder: Path) -> dict[str, str]:
    """The variables that have a router start as the version after this one."""
    shutil.copytree(ROOT / "router", folder / "router", ignore=shutil.ignore_patterns("*.so"))
    about = folder / "router" / "__init__.py"
    text = about.read_text("utf-8")
    assert f'"{__version__}"' in text
    about.write_text(text.replace(f'"{__version__}"', f'"{NEXT}"'), "utf-8")
    # Without the second Python would look in the working directory first.
    return {"PYTHONPATH": str(folder), "PYTHONSAFEPATH": "1"}


class Setting:
    """`strangler set wod PERCENT --wait` in the checkout, as somebody types it."""

    def __init__(self, three: Fleet, percent: float, *options: str) -> None:
        file = str(three.checkout.config)
        line = ["set", "wod", f"{percent:g}", file, "--wait", *three.admins, *options]
        pipe = subprocess.PIPE
        self._popen = subprocess.Popen(
            [sys.executable, "-m", "router", *line], cwd=ROOT, stdout=pipe, stderr=pipe, text=True
        )

    @property
    def waits(self) -> bool:
        """Whether it has not ended."""
        return self._popen.poll() is None

    def end(self) -> tuple[int, str, str]:
        """Its exit code, and what it said."""
        out, err = self._popen.communicate(timeout=30)
        return self._popen.returncode, out, err


def has(one: Replica, digest: str) -> bool:
    """Whether the replica serves by the file of that hash."""
    with DIRECT.open(f"http://{one.admin}/config", timeout=5.0) as answer:
        return bool(json.load(answer)["hash"] == digest)


async def test_set_says_when_all_have_it(three: Fleet) -> None:
    """The file comes to one after the other; until the last has it, it waits."""
    setting = Setting(three, 75, "--timeout", "30s")
    await until(lambda: "percent: 75" in three.text)
    *first, last = three.replicas
    for one in first:
        digest = one.put(three.text)
        await until(partial(has, one, digest))
    assert setting.waits
    last.put(three.text)
    code, out, err = await asyncio.to_thread(setting.end)
    assert (code, err) == (0, "")
    assert out.endswith(f"in force at 3 replicas (hash {digest})\n")
    async with httpx.AsyncClient(trust_env=False) as client:
        for user in USERS:
            headers = {"Authorization": f"Bearer {three.checkout.token(user)}"}
            said = {(await client.get(r.url + WOD, headers=headers)).text for r in three.replicas}
            assert said == {side(user, 75)}, user


async def test_set_names_who_did_not_follow(three: Fleet) -> None:
    """One that the file did not reach, one that is gone; the third has it."""
    one, late, gone = three.replicas
    await asyncio.to_thread(gone.kill)
    digest = one.put(three.text.replace("percent: 50", "percent: 75"))
    await until(partial(has, one, digest))
    code, _, err = await asyncio.to_thread(Setting(three, 75, "--timeout", "1s").end)
    assert code == 1
    head, first, second = err.splitlines()
    assert head == "not in force at 2 of 3 replicas after 1 s:"
    assert re.fullmatch(rf"{late.admin}: the router serves \S+ with hash \w+", first)
    assert second.startswith(f"{gone.admin}: no answer from the admin port")


async def test_set_names_who_refused_it(three: Fleet) -> None:
    """A replica that lacks what the file asks for says so itself, and serves on by the old one."""
    *rest, strange = three.replicas
    text = three.text.replace("secret_env: JWT_SECRET", "secret_file: key")
    for one in rest:
        one.mount.put({"routes.yaml": three.text, "key": three.checkout.secret})
    three.checkout.config.write_text(text, "utf-8")
    setting = Setting(three, 75, "--timeout", "30s")
    await until(lambda: "percent: 75" in three.text)
    for one in rest:
        one.mount.put({"routes.yaml": three.text, "key": three.checkout.secret})
    strange.put(three.text)
    code, _, err = await asyncio.to_thread(setting.end)
    assert code == 1
    head, line = err.splitlines()
    assert head == "not in force at 1 of 3 replicas:"
    assert line.startswith(f"{strange.admin}: refused it: ")
    assert "key" in line

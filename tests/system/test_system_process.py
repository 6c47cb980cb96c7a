"""The router as a process: how it stops, what it exposes, why it would not start."""

import asyncio
import shutil
import subprocess
import urllib.error

import pytest

from dev.stack import Stack
from tests.system.conftest import OpenSite, until

pytestmark = pytest.mark.system


def readiness(stack: Stack) -> int:
    """The status of `/readyz`; 0 if nobody answers."""
    try:
        stack.page("/readyz")
    except urllib.error.HTTPError as error:
        error.close()
        return error.code
    except OSError:
        return 0
    return 200


async def test_sigterm_lets_a_request_under_way_finish(site: OpenSite) -> None:
    """It is answered whole, `/readyz` is 503 meanwhile, and the exit code is 0."""
    one = await site()
    assert readiness(one.stack) == 200
    under_way = asyncio.create_task(one.request("GET", "/held"))
    await asyncio.wait_for(one.monolith.held.wait(), 20)
    router = one.stack.processes["router"]
    router.terminate()
    await until(lambda: readiness(one.stack) == 503)
    assert not under_way.done()
    one.monolith.released.set()
    answer = await under_way
    assert (answer.status, answer.body) == (200, b"monolith")
    await until(lambda: router.has_ended)
    router.wait()
    assert router.exit_code == 0


async def test_promtool_finds_nothing_to_complain_about(site: OpenSite) -> None:
    """The exposition passes `promtool check metrics`."""
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("promtool is not installed: it comes with Debian's package prometheus")
    one = await site()
    await one.get()
    await one.settle()
    page = one.stack.page("/metrics").encode()
    checked = await asyncio.to_thread(
        subprocess.run, [promtool, "check", "metrics"], input=page, capture_output=True, check=False
    )
    assert (checked.returncode, checked.stdout + checked.stderr) == (0, b"")


async def test_without_its_secret_it_does_not_start(site: OpenSite) -> None:
    """The variable is named, and the exit code is 1."""
    one = await site()
    await asyncio.to_thread(one.stack.stop_one, "router")  # which has the address
    program = one.stack.plan.router
    environment = {k: v for k, v in program.environment.items() if k != "JWT_SECRET"}
    done = await asyncio.to_thread(
        subprocess.run,
        program.command,
        env={"PATH": "/usr/bin:/bin", **environment},
        capture_output=True,
        check=False,
        text=True,
        timeout=20,
    )
    assert (done.returncode, "JWT_SECRET" in done.stderr) == (1, True)

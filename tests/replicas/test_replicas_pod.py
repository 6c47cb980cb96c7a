"""What the Deployment says is enough for the router: it starts, is ramped, re-keyed and stopped."""

import asyncio
import contextlib
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from dev.plan import ROOT
from dev.secret import token
from dev.stack import eventually
from router.config.building import hash_of
from tests.replicas.manifests import BASE, rendering
from tests.replicas.pods import Pod
from tests.system.conftest import WOD, StandIn, until

pytestmark = [pytest.mark.system, rendering]

SECRET, NEXT = ("secret-of-the-tests-" + "0" * 20, "secret-of-the-tests-" + "1" * 20)
USER = "user-1@example.com"
START_S = 30.0


@contextlib.asynccontextmanager
async def upstreams() -> AsyncIterator[str]:
    """The shipped routes.yaml, with a stand-in for each of the Services that it names."""
    coach, monolith = StandIn("coach"), StandIn("monolith")
    async with coach.open(), monolith.open():
        text = (BASE / "routes.yaml").read_text("utf-8")
        for one, shipped in ((monolith, "monolith:5001"), (coach, "coach:5002")):
            text = text.replace(f"http://{shipped}", f"http://127.0.0.1:{one.port}")
        yield text


async def served(pod: Pod, secret: str) -> str:
    """Who serves a user whose token is signed with *secret*; the status where nobody does."""
    headers = {"Authorization": f"Bearer {token(secret, USER, 'fit-api')}"}
    async with httpx.AsyncClient(trust_env=False) as client:
        answer = await client.get(pod.url + WOD, headers=headers)
    return answer.text if answer.status_code == 200 else str(answer.status_code)


def waited(pod: Pod, text: str) -> subprocess.CompletedProcess[str]:
    """`strangler wait` for the file *text*, as a neighbour of the pod that lacks it."""
    line = ["wait", "--hash", hash_of(text.encode()), "--admin", pod.admin]
    command = [sys.executable, "-m", "router", *line]
    return subprocess.run(
        command, capture_output=True, text=True, timeout=30, cwd=ROOT, check=False
    )


async def test_a_pod_from_its_start_to_its_end(tmp_path: Path) -> None:
    """The probes, a new ConfigMap, a new Secret, SIGTERM: each by the words of the manifests."""
    async with upstreams() as text:
        pod = Pod(tmp_path, text, SECRET)
        assert not pod.probe("startup")
        process = pod.start()
        try:
            await until(lambda: pod.probe("startup"), START_S)
            assert pod.probe("liveness")
            assert pod.probe("readiness")
            assert await served(pod, SECRET) == "monolith"

            ramped = pod.apply(text.replace("percent: 0", "percent: 100"))
            said = await asyncio.to_thread(waited, pod, ramped)
            assert said.returncode == 0, said.stderr
            assert await served(pod, SECRET) == "coach"

            pod.keys.put({"jwt-secret": NEXT})
            end = asyncio.get_running_loop().time() + START_S
            while await served(pod, NEXT) != "coach":
                assert asyncio.get_running_loop().time() < end
                await asyncio.sleep(0.05)
            assert await served(pod, SECRET) == "401"

            process.send(signal.SIGTERM)
            await until(lambda: not pod.probe("readiness"))
            assert await asyncio.to_thread(eventually, lambda: process.has_ended, pod.longest_s)
            assert process.exit_code == 0
        finally:
            process.kill()
            process.wait()

"""undici, the client that pipelines: many requests on one connection ahead of their answers."""

import json
import subprocess

import pytest

from tests.clients import offer
from tests.clients.conftest import must_be_there
from tests.clients.needs import FOLDER
from tests.clients.running import UPSTREAMS

pytestmark = pytest.mark.system
COUNT = 60


@pytest.mark.parametrize("upstream", UPSTREAMS)
def test_answers_come_in_the_order_of_the_requests(url: str) -> None:
    """Sixty requests, ten at a time ahead: each its own answer, on one connection."""
    must_be_there("undici")
    command = ["node", FOLDER / "node" / "pipelined.mjs", url, str(COUNT), "10"]
    done = subprocess.run(command, capture_output=True, check=False, timeout=30)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["connections"] == 1
    answers = told["answers"]
    assert [one["status"] for one in answers] == [200, 200, 204, 503] * (COUNT // 4)
    assert [json.loads(one["body"])["query"] for one in answers[::4]] == [
        f"n={number}" for number in range(0, COUNT, 4)
    ]
    bodies = {one["status"]: one["body"].encode() for one in answers[1:4]}
    assert bodies == {200: offer.PLAIN, 204: b"", 503: offer.BROKEN}

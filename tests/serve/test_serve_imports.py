"""What a process imports it keeps in memory for ever, and waits for at its start."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

WORKER = """
from pathlib import Path
from router.serve.options import Options
from router.serve.worker import prepared
prepared(Options(config=Path("config/routes.yaml")), None)
"""
SUPERVISOR = """
from router.cli import main
from router.edge import admin
from router.serve import gathering, supervising
supervising.run = lambda options: 0
assert main(["serve", "--workers", "auto"]) == 0
"""
SPARED = {
    # A key set's address loads the client, in a worker that has one; nobody serves by these.
    WORKER: {"aiohttp.client", "aiohttp.connector", "aiohttp.web", "prometheus_client", "argparse"},
    # It reads no configuration and meets no client.
    SUPERVISOR: {
        *("aiohttp.client", "aiohttp.connector", "cryptography", "jwt", "pydantic", "watchfiles"),
        *("yaml", "router.exchange", "router.serve.worker"),
    },
}


def imported(program: str) -> set[str]:
    """The modules that *program* ends with, in an interpreter of its own."""
    told = f"{program}\nimport json, sys\nprint(json.dumps(list(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", told],
        cwd=ROOT,
        env={
            **os.environ,
            "JWT_SECRET": "a-secret-for-tests-that-is-long-enough",
            "STRANGLER_UPSTREAMS": "coach=http://coach:5002",
        },
        check=True,
        capture_output=True,
        text=True,
    )
    return set(json.loads(done.stdout))


@pytest.mark.parametrize("program", [WORKER, SUPERVISOR], ids=["worker", "supervisor"])
def test_what_is_not_needed_is_not_imported(program: str) -> None:
    """On the shipped configuration; the rest was counted when it was let in."""
    assert not SPARED[program] & imported(program)


@pytest.mark.parametrize(
    "asks",
    [
        "assert aiohttp.ClientSession and aiohttp.ClientTimeout",
        "from aiohttp import ClientSession, web",
        "from aiohttp.client import ClientSession; assert aiohttp.ClientSession is ClientSession",
        "whole = aiohttp.__version__; assert aiohttp.FormData and whole == aiohttp.__version__",
        "assert not hasattr(aiohttp, 'nothing_of_that_name')",
    ],
)
def test_aiohttp_is_whole_for_whoever_asks(asks: str) -> None:
    """Piece by piece or not makes no difference to what it gives."""
    first = "from router.edge.client import heads\nimport aiohttp\nassert heads.http_parser\n"
    subprocess.run([sys.executable, "-c", first + asks], cwd=ROOT, check=True)

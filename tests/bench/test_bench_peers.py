"""The peers as they are configured: right answers, refusals, rescue; and wrong ones noticed."""

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from dev.bench.answers import PERCENT, judge
from dev.bench.installing import TOOLS, missing, why_not
from dev.bench.peers import BY_NAME, FOLDER, PEERS
from dev.bench.running import NoBench
from dev.bench.upstream import BODY, upstreams
from dev.plan import ROOT

pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(bool(missing(TOOLS)), reason=f"not installed: {missing(TOOLS)}"),
]


@pytest.fixture(scope="module")
def places(tmp_path_factory):
    """The fast upstream."""
    with upstreams(tmp_path_factory.mktemp("upstreams")) as places:
        yield places


@pytest.fixture
def folder() -> Iterator[Path]:
    """Give a folder of a short name: a socket's may have 97 characters, and pytest's are long."""
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


@pytest.mark.parametrize("peer", PEERS, ids=lambda peer: peer.name)
def test_each_peer_gives_right_answers(peer, places, folder):
    """The very split of the router, where it knows users."""
    why = why_not(peer)
    if why is not None:
        pytest.skip(why)
    judge(peer, folder, places, ROOT)


def test_a_peer_that_only_forwards_is_not_taken_for_one_that_does_the_job(places, folder):
    """It sends everybody to the monolith."""
    boastful = replace(BY_NAME["nginx"], does="all")
    with pytest.raises(NoBench, match=r"200 by monolith with 640 bytes; right were 200 by coach"):
        judge(boastful, folder, places, ROOT)


def test_all_configurations_split_alike():
    """Half of the users, wherever it stands."""
    said = {
        "routes.yaml": f"percent: {PERCENT}\n",
        "wod.js": f"PERCENT = {PERCENT};",
        "haproxy.cfg": f"mod(100000) lt {PERCENT * 1000} ",
    }
    for name, words in said.items():
        assert words in (FOLDER / name).read_text("utf-8"), name


def test_the_body_is_as_long_as_a_workout():
    """As the tables say."""
    assert len(BODY) == 640

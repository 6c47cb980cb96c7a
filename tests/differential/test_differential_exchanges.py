"""Thousands of valid exchanges, directly and through the router: the same but for what is listed.

`pytest --hypothesis-profile=long tests/differential` plays many more.
"""

import asyncio
from collections.abc import Iterator
from itertools import groupby

import pytest
import uvloop
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.differential import changes
from tests.differential.answers import Answer, answers
from tests.differential.judging import judge
from tests.differential.playing import Pair, Played, Stand
from tests.differential.requests import Request, requests

EXAMPLES = 2 * settings.default.max_examples
"""Of up to sixteen exchanges each: so many of the answers to so many of the requests."""


@pytest.fixture(scope="module")
def runner() -> Iterator[asyncio.Runner]:
    """Give the one loop that everything runs on."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as one:
        yield one


@pytest.fixture(scope="module")
def stand(runner: asyncio.Runner) -> Iterator[Stand]:
    """Give the router and its upstreams."""
    one = runner.run(Stand.open())
    yield one
    runner.run(one.close())


@settings(
    max_examples=EXAMPLES,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(
    asked=st.lists(requests, min_size=3, max_size=4),
    said=st.lists(answers, min_size=4, max_size=4),
    pipelined=st.booleans(),
)
def test_an_exchange_through_the_router_is_the_direct_one(
    runner: asyncio.Runner,
    stand: Stand,
    asked: list[Request],
    said: list[Answer],
    pipelined: bool,
) -> None:
    """What the upstream gets, what the client gets, and what becomes of the connection."""
    pairs = [Pair(request, answer.to(request)) for request in asked for answer in said]
    runner.run(play(stand, pairs, pipelined=pipelined))


async def play(stand: Stand, pairs: list[Pair], *, pipelined: bool) -> None:
    """Play the exchanges both ways: on as few connections to the router as may be."""
    direct = [await stand.directly(pair) for pair in pairs]
    for closes, run in runs(direct):
        chosen = [pairs[place] for place in run]
        routed = await stand.routed(chosen, pipelined=pipelined, closes=closes)
        for pair, place, one in zip(chosen, run, routed, strict=True):
            judge(pair.request, direct[place], one)


def runs(direct: list[Played]) -> list[tuple[bool, list[int]]]:
    """The exchanges that share a connection, by their places, and whether its last one ends it."""
    closing = [not changes.stays(one.asked, one.said[-1]) for one in direct]
    ended = [sum(closing[:place]) for place in range(len(direct))]
    grouped = groupby(range(len(direct)), key=ended.__getitem__)
    return [(closing[run[-1]], run) for run in (list(places) for _, places in grouped)]

"""A stage for each test: what is opened is closed, and nothing may be left or unaccounted for."""

import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
import uvloop

from tests.edge.requests import request
from tests.edge.scripts import ok
from tests.edge.stages import Seen, Stage

Open = Callable[..., Awaitable[Stage]]
Scene = Callable[..., Awaitable[Seen]]


def pytest_asyncio_loop_factories(config: pytest.Config, item: pytest.Item) -> dict[str, Any]:
    """Run these tests on the loop that the router runs on."""
    return {"uvloop": uvloop.new_event_loop}


@pytest.fixture
async def stage(caplog: pytest.LogCaptureFixture) -> AsyncIterator[Open]:
    """Give a function that opens a stage; afterwards nothing may be left of it."""
    stages: list[Stage] = []

    async def opened(
        coach: list[Any] | None = None,
        monolith: list[Any] | None = None,
        *,
        route: dict[str, Any] | None = None,
        default: dict[str, Any] | None = None,
        address: dict[str, Any] | None = None,
        **settings: Any,
    ) -> Stage:
        one = Stage()
        stages.append(one)
        await one.open(
            coach or [ok()],
            monolith or [ok()],
            route=route or {},
            default=default or {},
            address=address or {},
            **settings,
        )
        return one

    yield opened
    for one in reversed(stages):  # a stage knows the tasks of those before it
        await one.close()
    said = [line.getMessage() for line in caplog.get_records("call")]
    assert not [line for line in said if line], said


@pytest.fixture
def scene(stage: Open) -> Scene:
    """Give a function that plays one request, and tells what was seen on every side.

    With `reused` another exchange goes ahead, so that coach is met on a kept connection.
    """

    async def played(
        *pieces: bytes,
        reused: bool = False,
        method: str = "GET",
        coach: list[Any] | None = None,
        **also: Any,
    ) -> Seen:
        one = await stage([ok()] * reused + (coach or [ok()]), **also)
        if reused:
            await one.ask(request())
            await one.quiet()
            one.coach.received.clear()
        got = await one.ask(*(pieces or [request(method)]), method=method)
        return await one.seen(got)

    return played


@pytest.fixture(autouse=True)
def _in_haste(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    """Count warnings of anybody as said, and do not linger for uploads that were refused."""
    caplog.set_level(logging.WARNING)
    monkeypatch.setattr("router.edge.client.line.LINGER_S", 0.2)

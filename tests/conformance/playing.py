"""A row is played on one stage in each of its ways; every way that goes wrong is told."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any, Protocol

import pytest

from tests.conformance.ways import Way
from tests.edge.stages import Stage


class Row(Protocol):
    """What every row has."""

    @property
    def name(self) -> str:
        """What it is about, in words."""
        ...

    @property
    def unless(self) -> Mapping[Way, str]:
        """Ways that make no sense for it, and why."""
        ...


async def in_each_way(
    row: Row,
    opened: Callable[[], Awaitable[Stage]],
    play: Callable[[Stage, Way], Awaitable[None]],
) -> None:
    """Have *play* play *row* in each way; what went wrong is raised at the end, all of it.

    A stage on which something went wrong is left, and no more is asked of its accounts.
    """
    one: Stage | None = None
    wrong: dict[Way, Exception] = {}
    for way in Way:
        if way in row.unless:
            continue
        one = one or await opened()
        try:
            await play(one, way)
        except Exception as error:
            error.add_note(f"sent {way}")
            one.expected = len(one.ledger.records)
            wrong[way], one = error, None
    if wrong:
        ways = ", ".join(map(str, wrong))
        raise ExceptionGroup(f"{row.name}: wrong {ways}", list(wrong.values()))


def cases(tables: Mapping[str, Iterable[Any]]) -> list[Any]:
    """Every row, as pytest wants them."""
    return [
        pytest.param(row, id=f"{topic}: {row.name}")
        for topic, rows in tables.items()
        for row in rows
    ]

"""Every row of the fault matrix, through the real router."""

import pytest

from tests.faults.house import House
from tests.faults.rows import Way
from tests.faults.table import ROWS

pytestmark = [pytest.mark.system, pytest.mark.asyncio(loop_scope="module")]

CROWDED = {"SIGKILL", "SIGSTOP", "restart", "idle", "silent"}
"""Ways with crowds in them, beside which nobody else would be on time."""
WAYS = [
    pytest.param(
        way,
        id=f"{row.fault.partition(';')[0][:40]}: {name}",
        marks=[pytest.mark.alone] * (name in CROWDED),
    )
    for _, row in ROWS
    for name, way in row.ways.items()
]


@pytest.mark.parametrize("way", WAYS)
async def test_a_fault(house: House, way: Way) -> None:
    """What the client sees, and what is told of it, is what the row says."""
    try:
        await way(house)
    finally:
        house.leave()

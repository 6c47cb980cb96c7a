"""Exchanges, each a function of the seed and its number."""

import random
from functools import cache

from dev.chaos.rescue.cohorts import CANDIDATES
from dev.chaos.rescue.scripts import answer_of
from dev.chaos.rescue.table import BEFORE, cells
from dev.chaos.rescue.words import KEPT, USERS, Cell, Leaves, Plan

SMALLEST, SMALLISH = 40, 30_000
LARGEST = 4 * KEPT
"""Well away from what is held back: how an answer is cut into reads must not matter."""


@cache
def shuffled(seed: int) -> list[Cell]:
    """The table in an order by lot: however few exchanges there are, they are of all kinds."""
    every = cells()
    random.Random(seed).shuffle(every)  # noqa: S311 - no secret
    return every


def plan_of(seed: int, number: int) -> Plan:
    """Exchange *number*; every field of the table is had once before any is had again."""
    lot = random.Random(f"{seed}:{number}")  # noqa: S311 - no secret
    every = shuffled(seed)
    cell = every[number % len(every)]
    user = lot.choice(CANDIDATES) if cell.leaves is not Leaves.NEVER else lot.randrange(USERS)
    size = lot.randint(LARGEST - KEPT, LARGEST) if cell.large else lot.randint(SMALLEST, SMALLISH)
    return Plan(
        number=number,
        cell=cell,
        user=user,
        size=size,
        cut=cut_of(lot, number, cell, size),
        chunked_upload=lot.random() < 0.5,
        keeps=cell.reused or lot.random() < 0.5,
    )


def cut_of(lot: random.Random, number: int, cell: Cell, size: int) -> int:
    """How many bytes of the answer are sent."""
    head, body = answer_of(number, cell, size)
    first_line, end = head.index(b"\r\n"), len(head)
    behind = end + len(body)
    match cell.where:
        case "in the status line":
            return lot.randint(1, first_line)
        case "in a field":
            return lot.randint(first_line + 1, end - 3)
        case "a byte before the head's end":
            return end - 1
        case "at the end of the head":
            return end
        case "at the first byte":
            return end + 1
        case "in mid-body" if cell.large:
            return end + lot.randint(len(body) // 2, len(body) - 100)
        case "in mid-body":
            return end + lot.randint(2, len(body) - 8)
        case "at the last byte":
            return behind - 1
        case str(where):
            return 0 if where == BEFORE else behind

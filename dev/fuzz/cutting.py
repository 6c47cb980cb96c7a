"""Bytes in pieces: where they are cut is told by the bytes themselves, so that a run can be had
again.
"""

import random
import zlib
from collections.abc import Iterator

MOST = 8
"""Pieces of one cut; one byte a piece is tried as well, where there are few bytes."""
FEW = 120


def cuts(data: bytes) -> Iterator[list[bytes]]:
    """Some ways to cut *data*."""
    chance = random.Random(zlib.crc32(data))  # noqa: S311 - no secret
    for _ in range(2):
        places = sorted(chance.randrange(len(data) + 1) for _ in range(chance.randrange(1, MOST)))
        pairs = zip([0, *places], [*places, len(data)], strict=True)
        yield [data[a:b] for a, b in pairs if a < b]  # sockets give no empty pieces
    if len(data) <= FEW:
        yield [data[at : at + 1] for at in range(len(data))]

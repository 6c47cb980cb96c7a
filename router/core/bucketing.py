"""Sticky percentage: which users are the candidate's."""

from functools import lru_cache
from hashlib import sha256

from router.core.model import BUCKETS


@lru_cache(maxsize=10_000)  # as many as tokens are remembered
def bucket(salt: str, unit: str) -> int:
    """Place *unit* in one of 100,000 buckets: the same one in every process, forever.

    Raising a percentage only ever adds users, because a bucket never moves.
    """
    return digest(salt, unit) % BUCKETS


def digest(salt: str, unit: str) -> int:
    """A number that stands for *unit* where its name has no business: the same everywhere."""
    return int.from_bytes(sha256(f"{salt}:{unit}".encode()).digest()[:8], "big")

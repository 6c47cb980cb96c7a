"""Whether what another process tells has the shape that this version knows."""

from collections.abc import Iterable
from typing import Any


def has(said: Any, keys: Iterable[str]) -> bool:
    """Whether it is an object with all of *keys*."""
    return isinstance(said, dict) and said.keys() >= {*keys}

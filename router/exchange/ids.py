"""Random ids of exchanges, drawn many at a time, since each draw costs more than its digits."""

import random

AT_ONCE = 64
EACH = 80
"""Exchanges that one draw lasts for, and hexadecimal digits that each of them gets."""


class Ids:
    """Digits for ids: unique, and no secrets."""

    __slots__ = ("_at", "_chance", "_drawn")

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._drawn = ""
        self._at = 0

    def draw(self) -> str:
        """80 hexadecimal digits: a request's id, a trace's (32 each) and a span's (16)."""
        begin, end = self._at, self._at + EACH
        if end > len(self._drawn):
            many = AT_ONCE * EACH // 2
            self._drawn = self._chance.getrandbits(8 * many).to_bytes(many, "big").hex()
            begin, end = 0, EACH
        self._at = end
        return self._drawn[begin:end]

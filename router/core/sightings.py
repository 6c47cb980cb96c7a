"""Whether bytes have come before: what comes but once is not worth being remembered."""

MOST = 1024


class Sightings:
    """Remembers that bytes came, by a number made of them, and forgets all when full."""

    __slots__ = ("_seen",)

    def __init__(self) -> None:
        self._seen: set[int] = set()

    def again(self, what: bytes) -> bool:
        """Whether *what* came before, as far as is remembered; it counts as come from now on."""
        number = hash(what)
        if number in self._seen:
            return True
        if len(self._seen) >= MOST:
            self._seen.clear()
        self._seen.add(number)
        return False

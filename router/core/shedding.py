"""Who is told to come back later where an upstream has no room: diverted traffic first.

Diverted is what legacy is asked for users who were meant for the candidate: a rescue, or what an
open breaker sends there. docs/adr/0025-native-traffic-first.md has the figures behind the numbers.
"""

from typing import Final

RESERVED: Final = 10
"""One place in so many is native traffic's alone."""

NATIVE_RETRY_S: Final = 1
"""Native traffic is back in time for the next place: they come free all the time."""

DIVERTED_RETRY_S: Final = 5
"""What is diverted comes back when the candidate may be well: a breaker's first open time."""


def places_for_diverted(connections: int) -> int:
    """How many of *connections* may be in use where diverted traffic still gets a place.

    The last tenth, one at least, is kept for native traffic; of a single place nothing can be.
    """
    return connections if connections == 1 else connections - max(1, connections // RESERVED)


def retry_after(*, diverted: bool) -> str:
    """The seconds after which it is worth asking again."""
    return str(DIVERTED_RETRY_S if diverted else NATIVE_RETRY_S)

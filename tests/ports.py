"""The ports that `make up` listens on, which no test takes: both may run on one machine."""

import sys
from typing import Any, Final

SHIPPED: Final = frozenset({5001, 5002, 8080, 9901})
"""Where monolith, coach and router listen unless told otherwise."""


def spare(event: str, arguments: tuple[Any, ...]) -> None:
    """Refuse to bind a shipped port, whichever code in this process asks for it (PEP 578)."""
    if event != "socket.bind":
        return
    _, address = arguments
    if isinstance(address, tuple) and address[1] in SHIPPED:
        raise AssertionError(f"a test binds {address[0]}:{address[1]}, which is not its own")


def spare_shipped() -> None:
    """Have no test bind a shipped port, from now on."""
    sys.addaudithook(spare)

"""Where our own faults end: none that a step of an exchange raises reaches the edge that called."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Protocol, TypeVar


class Failing(Protocol):
    """What can end because of a fault of ours."""

    def fail(self) -> None: ...


Step = TypeVar("Step", bound=Callable[..., None])


def step(method: Step) -> Step:
    """Make *method* one that edges call: our own faults end here, at one place."""

    @wraps(method)
    def guarded(self: Failing, *args: Any) -> None:
        try:
            method(self, *args)
        except Exception:  # noqa: BLE001 - the one place where our own faults end
            self.fail()

    return guarded  # type: ignore[return-value]  # the same signature, which cannot be said

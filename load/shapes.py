"""How many users there are at a moment of the run: pure, so that each shape is a table."""

from collections.abc import Callable

ARRIVAL_S = 5.0
QUIET = 0.2
"""The share of users before and after a spike."""

Shape = Callable[[float, float, int], tuple[int, float]]


def steady(_: float, __: float, users: int) -> tuple[int, float]:
    """All of them, arriving in the first seconds."""
    return users, max(1.0, users / ARRIVAL_S)


def ramp(now_s: float, seconds: float, users: int) -> tuple[int, float]:
    """Ever more, all of them for the last fifth."""
    share = min(1.0, now_s / (seconds * 0.8))
    return max(1, round(users * share)), max(1.0, users / ARRIVAL_S)


def spike(now_s: float, seconds: float, users: int) -> tuple[int, float]:
    """A fifth of them, in the middle third suddenly all, then a fifth again."""
    is_peak = seconds / 3 <= now_s < seconds * 2 / 3
    return max(1, users if is_peak else round(users * QUIET)), float(max(1, users))


SHAPES: dict[str, Shape] = {"steady": steady, "ramp": ramp, "spike": spike}


def users_at(shape: str, now_s: float, seconds: float, users: int) -> tuple[int, float] | None:
    """Users wanted, and how many may come or go a second; None once the run is over."""
    return SHAPES[shape](now_s, seconds, users) if now_s < seconds else None

"""Numbers with units, as the file writes them: `200ms`, `10MiB`."""

import re
from typing import Final

DURATION = re.compile(r"([0-9]+(?:\.[0-9]+)?)(ms|s|m|h)")
SIZE = re.compile(r"([0-9]+)(B|KiB|MiB|GiB)")
SECONDS: Final = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
BYTES: Final = {"GiB": 1024**3, "MiB": 1024**2, "KiB": 1024, "B": 1}
MAX_DURATION_S = 24 * 3600.0
MAX_SIZE = 1024 * BYTES["GiB"]


def seconds(text: str) -> float:
    """The seconds of a duration, or `ValueError` with the words for it; at most a day."""
    found = DURATION.fullmatch(text)
    if found is None or len(text) > 16:
        raise ValueError(f'"{text[:40]}" is no duration; write 200ms, 2s or 1m')
    value = round(float(found[1]) * SECONDS[found[2]], 6)
    if value > MAX_DURATION_S:
        raise ValueError(f"{text} is longer than a day")
    return value


def duration(value_s: float) -> str:
    """The shortest form of *value_s* that `seconds` reads back as the same."""
    if value_s % 60 == 0 and value_s:
        return f"{value_s / 60:g}m"
    if value_s < 1 and value_s:
        return f"{decimal(value_s * 1000)}ms"
    return f"{decimal(value_s)}s"


def decimal(value: float) -> str:
    """*value* to the microsecond that durations are kept to, without trailing zeros."""
    return f"{value:.6f}".rstrip("0").rstrip(".")


def size(text: str) -> int:
    """The bytes of a size, or `ValueError` with the words for it; at most 1,024 GiB."""
    found = SIZE.fullmatch(text)
    if found is None or len(text) > 16:
        raise ValueError(f'"{text[:40]}" is no size; write 64KiB, 10MiB or 1GiB')
    value = int(found[1]) * BYTES[found[2]]
    if value > MAX_SIZE:
        raise ValueError(f"{text} is more than 1024GiB")
    return value


def size_text(value: int) -> str:
    """The shortest form of *value* bytes that `size` reads back as the same."""
    unit = (
        next(unit for unit, factor in BYTES.items() if value % factor == 0 and value >= factor)
        if value
        else "B"
    )
    return f"{value // BYTES[unit]}{unit}"

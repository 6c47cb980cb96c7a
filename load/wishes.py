"""What a run is asked to be, by environment variables: the same in a shell and in a container."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from load.shapes import SHAPES

MIXES = ("app", "wod")


@dataclass(frozen=True, slots=True)
class Wishes:
    """LOAD_USERS, LOAD_SECONDS, LOAD_SHAPE, LOAD_MIX, LOAD_THINK, LOAD_PERCENT, LOAD_SUMMARY.

    `percent` is what routes.yaml says; with it, and `debug_headers: true` there, sides are judged.
    """

    users: int = 100
    seconds: float = 60.0
    shape: str = "steady"
    mix: str = "app"
    think_s: tuple[float, float] = (5.0, 10.0)
    percent: float | None = None
    summary: Path | None = None


def wishes(environ: Mapping[str, str]) -> Wishes:
    """What *environ* asks for; ValueError says which variable is wrong, and what would be right."""
    percent, summary = environ.get("LOAD_PERCENT"), environ.get("LOAD_SUMMARY")
    low, _, high = (environ.get("LOAD_THINK") or "5-10").partition("-")
    return Wishes(
        users=int(amount("LOAD_USERS", environ.get("LOAD_USERS") or "100", 1)),
        seconds=amount("LOAD_SECONDS", environ.get("LOAD_SECONDS") or "60", 1),
        shape=one_of("LOAD_SHAPE", environ.get("LOAD_SHAPE") or "steady", tuple(SHAPES)),
        mix=one_of("LOAD_MIX", environ.get("LOAD_MIX") or "app", MIXES),
        think_s=(amount("LOAD_THINK", low, 0), amount("LOAD_THINK", high or low, 0)),
        percent=amount("LOAD_PERCENT", percent, 0) if percent else None,
        summary=Path(summary) if summary else None,
    )


def amount(variable: str, text: str, least: float) -> float:
    """A number that is not too small."""
    try:
        number = float(text)
    except ValueError:
        raise ValueError(f"{variable}: {text!r} is not a number") from None
    if not number >= least:
        raise ValueError(f"{variable}: {text} is less than {least:g}")
    return number


def one_of(variable: str, text: str, choices: tuple[str, ...]) -> str:
    """One of the *choices*."""
    if text not in choices:
        raise ValueError(f"{variable}: {text!r} is none of {', '.join(choices)}")
    return text

"""Reading variables of the environment, and the files that some of them name."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

Number = TypeVar("Number", int, float)


class SettingsError(Exception):
    """A variable is missing or unusable; the message names it and says how to mend it."""


def secret(environ: Mapping[str, str], name: str) -> str:
    """Give the variable *name*, or what the file that ``NAME_FILE`` names holds, or ``""``.

    The plain variable wins. Container engines hand secrets over as files, so that they appear in
    no process listing and in no ``inspect``.
    """
    file = environ.get(f"{name}_FILE", "")
    if environ.get(name) or not file:
        return environ.get(name, "")
    try:
        value = Path(file).read_text("utf-8").strip()
    except OSError as error:
        raise SettingsError(f"{name}_FILE: {file} cannot be read: {error.strerror}") from None
    except ValueError:
        raise SettingsError(f"{name}_FILE: {file} is not UTF-8 text") from None
    if not value:
        raise SettingsError(f"{name}_FILE: {file} is empty; it must hold the value of {name}")
    return value


def number(
    environ: Mapping[str, str],
    name: str,
    kind: Callable[[str], Number],
    default: Number,
    *,
    least: Number,
) -> Number:
    """Give the variable *name* as a number of at least *least*."""
    text = environ.get(name, "")
    if not text:
        return default
    try:
        value = kind(text)
    except ValueError:
        raise SettingsError(f"{name}: {text!r} is not a number") from None
    if not least <= value < 1_000_000:  # also refuses nan
        raise SettingsError(f"{name}: {text} is not between {least} and 1000000")
    return value

"""Places in JSON as text: `$.exercises[*].id`. All elements of an array are one place.

A path is a tuple of steps, each already as it is told, so that a path of the file and one that was
found are equal where they mean the same.
"""

import json
import re
from collections.abc import Iterable, Iterator
from typing import Final

Path = tuple[str, ...]

ROOT: Final = "$"
EACH: Final = "[*]"
ANY_KEY: Final = ".*"
PLAIN: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
STEP: Final = re.compile(r"\.([A-Za-z_][A-Za-z0-9_-]*|\*)|\[(\*|\"(?:[^\"\\]|\\.)*\")\]")
LONGEST = 200
"""Characters of a path that are told: keys are the upstreams' and may be of any length."""


def key_step(key: str) -> str:
    """The step to what an object has under *key*, fit for a terminal whatever is in it."""
    if PLAIN.fullmatch(key):
        return f".{key}"
    return f"[{json.dumps(key, ensure_ascii=not key.isprintable())}]"


def told(path: Path) -> str:
    """*path* as text, cut where it is too long to be read."""
    text = ROOT + "".join(path)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def read_path(text: str) -> Path:
    """The path that *text* says, `$` left out or not; `ValueError` where it says none.

    `.*` is any key of an object, `[*]` each element of an array.
    """
    rest = text.removeprefix(ROOT)
    if rest and rest[0] not in ".[":
        rest = f".{rest}"
    steps = list(steps_of(rest))
    if not steps:
        raise ValueError(f'"{text[:40]}" is no path: write generated_at or exercises[*].id')
    return tuple(steps)


def steps_of(text: str) -> Iterator[str]:
    """The steps that *text* is made of; none where a part of it is no step."""
    found = list(STEP.finditer(text))
    if "".join(one[0] for one in found) != text:
        return
    for one in found:
        key = one[2]
        quoted = key is not None and key != "*"
        yield key_step(json.loads(key)) if quoted else one[0]


class Places:
    """Some paths of the file, and whether a path that was found is one of them."""

    __slots__ = ("_exact", "_wild")

    def __init__(self, texts: Iterable[str]) -> None:
        paths = [() if text == ROOT else read_path(text) for text in texts]
        self._exact = frozenset(path for path in paths if ANY_KEY not in path)
        self._wild = tuple(path for path in paths if ANY_KEY in path)

    def __contains__(self, path: Path) -> bool:
        return path in self._exact or any(fits(pattern, path) for pattern in self._wild)


def fits(pattern: Path, path: Path) -> bool:
    """Whether *path* is what *pattern*, with its wild cards, says."""
    return len(pattern) == len(path) and all(
        step == wanted or (wanted == ANY_KEY and step != EACH)
        for wanted, step in zip(pattern, path, strict=True)
    )

"""Where two answers differ: class of the status first, then type, presence and value by path."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import Any

from router.core.comparing.paths import EACH, Path, Places, key_step, told
from router.core.comparing.reading import Seen, Text, canonical
from router.core.model import Compare
from router.core.words import Word

MOST = 50
"""Paths of a pair that are told: two answers that share nothing need not be told to the end."""
MOST_TRIED = 100
"""Elements of an unordered array that are tried with each other, as that takes their square."""

STATUS = "status"
"""The path of what is no path: the statuses are of different classes."""


class Kind(Word):
    """In what way two answers differ at a path."""

    STATUS = "status"
    TYPE = "type"
    PRESENCE = "presence"
    VALUE = "value"


class Absent:
    """What stands where only the other answer has something."""

    def __repr__(self) -> str:
        return "absent"


ABSENT = Absent()


@dataclass(frozen=True, slots=True)
class Difference:
    """Legacy says one thing at a path, the candidate another."""

    path: str
    kind: Kind
    legacy: Any
    candidate: Any


@dataclass(frozen=True, slots=True)
class Rules:
    """What counts as a difference on a route."""

    ignore: Places
    unordered: Places
    tolerance: float = 0.0


@lru_cache(maxsize=64)
def rules_of(compare: Compare) -> Rules:
    """The rules as routes.yaml says them, read once."""
    return Rules(Places(compare.ignore), Places(compare.unordered), compare.tolerance)


def differences(legacy: Seen, candidate: Seen, rules: Rules) -> tuple[Difference, ...]:
    """Each path at which the two differ, once, with the first example of it.

    Where the classes of the statuses differ the bodies mean different things: nothing else is told.
    """
    if legacy.status != candidate.status:
        classes = (f"{legacy.status}xx", f"{candidate.status}xx")
        return (Difference(STATUS, Kind.STATUS, *classes),)
    found: dict[str, Difference] = {}
    for one in Walk(rules).walk((), legacy.value, candidate.value):
        found.setdefault(one.path, one)
        if len(found) == MOST:
            break
    return tuple(found.values())


class Walk:
    """Two values gone through side by side."""

    __slots__ = ("_rules",)

    def __init__(self, rules: Rules) -> None:
        self._rules = rules

    def walk(self, path: Path, legacy: Any, candidate: Any) -> Iterator[Difference]:
        """Each difference at *path* and below."""
        if path in self._rules.ignore:
            return
        match legacy, candidate:
            case dict(), dict():
                yield from self._objects(path, legacy, candidate)
            case list(), list():
                yield from self._arrays(path, legacy, candidate)
            case _ if kind_of(legacy) != kind_of(candidate):
                absent = legacy is ABSENT or candidate is ABSENT
                kind = Kind.PRESENCE if absent else Kind.TYPE
                yield Difference(told(path), kind, legacy, candidate)
            case _ if not self._equal(legacy, candidate):
                yield Difference(told(path), Kind.VALUE, legacy, candidate)

    def _objects(
        self, path: Path, legacy: dict[str, Any], candidate: dict[str, Any]
    ) -> Iterator[Difference]:
        for key in [*legacy, *(key for key in candidate if key not in legacy)]:
            below = (*path, key_step(key))
            yield from self.walk(below, legacy.get(key, ABSENT), candidate.get(key, ABSENT))

    def _arrays(self, path: Path, legacy: list[Any], candidate: list[Any]) -> Iterator[Difference]:
        below = (*path, EACH)
        if path in self._rules.unordered:
            legacy, candidate = self._unmatched(below, legacy, candidate)
        for place in range(max(len(legacy), len(candidate))):
            yield from self.walk(below, at(legacy, place), at(candidate, place))

    def _equal(self, legacy: Any, candidate: Any) -> bool:
        if legacy == candidate:
            return True
        return kind_of(legacy) == "number" and abs(legacy - candidate) <= self._rules.tolerance

    def _unmatched(
        self, path: Path, legacy: list[Any], candidate: list[Any]
    ) -> tuple[list[Any], list[Any]]:
        """What is left of two arrays once elements that have an equal are taken out of both."""
        left, right = without_common(legacy, candidate)
        if max(len(left), len(right)) > MOST_TRIED:
            return left, right
        rest = []
        for one in left:
            equal = (n for n, other in enumerate(right) if not any(self.walk(path, one, other)))
            place = next(equal, None)
            if place is None:
                rest.append(one)
            else:
                del right[place]
        return rest, right


def without_common(legacy: list[Any], candidate: list[Any]) -> tuple[list[Any], list[Any]]:
    """Both arrays in canonical order, less what they have in common."""
    left = sorted(legacy, key=canonical)
    right = sorted(candidate, key=canonical)
    common = Counter(map(canonical, left)) & Counter(map(canonical, right))
    return list(less(left, common)), list(less(right, common))


def less(values: Iterable[Any], common: Counter[str]) -> Iterator[Any]:
    """*values* without those that are *common*, each as often as it is."""
    left = common.copy()
    for value in values:
        text = canonical(value)
        if left[text]:
            left[text] -= 1
        else:
            yield value


def at(values: list[Any], place: int) -> Any:
    """The element at *place*, or that there is none."""
    return next(islice(values, place, None), ABSENT)


def kind_of(value: Any) -> str:
    """The type of a value as JSON names it (RFC 8259 3); `text` is a body that is no JSON."""
    match value:
        case Text():
            return "text"
        case str():
            return "string"
        case bool():
            return "boolean"
        case int() | float():
            return "number"
        case dict():
            return "object"
        case list():
            return "array"
        case None:
            return "null"
    return "absent"

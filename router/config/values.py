"""Names, texts, numbers and lists of routes.yaml.

Each check gives the value in its one form, or raises `ValueError` with the words for the operator.
"""

import re
from collections.abc import Callable
from typing import Any, TypeVar

from router.config import units
from router.config.vocabulary import ALGORITHMS, CAUSES, RESERVED, UPGRADES, one_of
from router.core.comparing import paths
from router.core.keysets import KID
from router.core.model import Auth

N = TypeVar("N", int, float)
NAME = re.compile(r"[a-z][a-z0-9_-]{0,62}")
VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,254}")
CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
MAX_TEXT = 1024


def check_name(name: str) -> str:
    """A name that can be a metric's label as it is."""
    if NAME.fullmatch(name) is None:
        raise ValueError(f'"{name[:64]}" is no name: a to z first, then a to z, 0 to 9, - or _')
    if name in RESERVED:
        raise ValueError(f'"{name}" is a word that the metrics use; choose another name')
    return name


def check_text(text: str) -> str:
    """Text for one line of a log: there, not too long, no controls."""
    if not text.strip() or len(text) > MAX_TEXT or CONTROLS.search(text):
        raise ValueError(f"must be 1 to {MAX_TEXT} printable characters")
    return text


def check_variable(name: str) -> str:
    """The name of an environment variable; never shown, lest it is the secret itself."""
    if VARIABLE.fullmatch(name) is None:
        raise ValueError("is no name of an environment variable (the secret does not belong here)")
    return name


def check_kid(kid: str) -> str:
    """The name of a key, as a token's header may say it."""
    if KID.fullmatch(kid) is None:
        raise ValueError("must be 1 to 256 printable ASCII characters")
    return kid


def check_algorithm(algorithm: str) -> str:
    """A signature algorithm that tokens can be verified by."""
    if algorithm not in ALGORITHMS:
        raise ValueError(f'"{algorithm[:40]}" is not supported; supported: {", ".join(ALGORITHMS)}')
    return algorithm


def check_auth(word: str) -> str:
    """Whether a token is asked for."""
    if word not in list(Auth):
        raise ValueError(one_of(word[:40], list(Auth)))
    return word


def check_upgrade(word: str) -> str:
    """Whether a route tunnels what asks for another protocol."""
    if word not in UPGRADES:
        raise ValueError(one_of(word[:40], UPGRADES))
    return word


def check_json_path(text: str) -> str:
    """A path into the JSON of an answer."""
    paths.read_path(text)
    return text


def check_array_path(text: str) -> str:
    """A path to an array, which the whole answer may be."""
    return text if text == paths.ROOT else check_json_path(text)


def check_three_decimals(percent: float) -> float:
    """A percentage as fine as buckets are."""
    if round(percent, 3) != percent:
        raise ValueError(f"{percent} has more than three decimals; a bucket is 0.001")
    return percent


def check_duration(value: Any) -> float:
    """A duration, in seconds."""
    if isinstance(value, str):
        return units.seconds(value)
    raise ValueError(f"{shown(value)} has no unit; write a duration like 200ms, 2s or 1m")


def check_positive(value_s: float) -> float:
    """A duration that is not nothing."""
    if value_s <= 0:
        raise ValueError("must be longer than nothing")
    return value_s


def check_patience(value_s: float) -> float:
    """How long somebody may do nothing: long enough for any network, short enough to end."""
    return between(value_s, 0.1, 24 * 3600.0, units.duration)


def check_late(value_s: float) -> float:
    """How long an answer that nobody gets is waited for."""
    if value_s > 60:
        raise ValueError("is more than 1m; each holds a connection for so long")
    return value_s


def check_leeway(value_s: float) -> float:
    """Clock skew, not a second life for expired tokens."""
    if value_s > 300:
        raise ValueError("is more than 5m; clocks that far apart should be set")
    return value_s


def check_size(value: Any) -> int:
    """A size, in bytes."""
    if isinstance(value, str):
        return units.size(value)
    raise ValueError(f"{shown(value)} has no unit; write a size like 64KiB or 10MiB")


def check_head_size(value: int) -> int:
    """Bytes of a head: enough for what browsers send, and no more than anybody needs."""
    return between(value, 1024, 1024**2, units.size_text)


def check_buffer_size(value: int) -> int:
    """Bytes held in one direction: a few reads of a socket, and no cache."""
    return between(value, 4 * 1024, 16 * 1024**2, units.size_text)


def between(value: N, least: N, most: N, told: Callable[[N], str]) -> N:
    """*value*, if it is neither less than *least* nor more than *most*; told in its own unit."""
    if value < least:
        raise ValueError(f"{told(value)} is less than {told(least)}")
    if value > most:
        raise ValueError(f"{told(value)} is more than {told(most)}")
    return value


def check_claim_value(value: Any) -> str:
    """A claim's value, spelled as JSON does."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str | int):
        return check_text(str(value))
    raise ValueError(f"must be text, not {shown(value)}")


def check_fallback_item(item: Any) -> str | int:
    """A cause, or a single status."""
    if isinstance(item, int) and not isinstance(item, bool):
        if not 400 <= item <= 599:
            raise ValueError(f"status {item} is not between 400 and 599")
        return item
    if item in CAUSES:
        return str(item)
    if isinstance(item, str) and item.isdigit():
        raise ValueError(f"write the status {item[:10]} without quotes")
    raise ValueError(one_of(item[:40], CAUSES) if isinstance(item, str) else NO_FALLBACK)


NO_FALLBACK = "must be all, none, or a list of causes and statuses"


def lift_fallback(value: Any) -> Any:
    """`all` and `none` as the lists they stand for."""
    if value in ("all", "none"):
        return list(CAUSES) if value == "all" else []
    if isinstance(value, list):
        return check_list(value)
    raise ValueError(f"{NO_FALLBACK}, not {shown(value)}")


MAX_LIST = 1000


def check_some(values: list[Any]) -> list[Any]:
    """A list that says something, and no more than anybody would write."""
    if not values:
        raise ValueError("is an empty list; leave the key out")
    if len(values) > MAX_LIST:
        raise ValueError(f"has {len(values)} members; at most {MAX_LIST} are taken")
    return values


def check_list(values: list[Any]) -> list[Any]:
    """A list that says something, each thing once."""
    check_some(values)
    twice = [value for place, value in enumerate(values) if value in values[:place]]
    if twice:
        raise ValueError(f"has {shown(twice[0])} twice")
    return values


def listed(value: Any) -> Any:
    """A single value as a list of one."""
    return value if isinstance(value, list) else [value]


def shown(value: Any) -> str:
    """*value* about as the operator wrote it, and never at length."""
    match value:
        case None:
            return "nothing"
        case bool():
            return str(value).lower()
        case dict():
            return "a mapping"
        case list():
            return "a list"
        case str():
            return f'"{value[:80]}"'
    return str(value)

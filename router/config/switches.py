"""How a field is turned off or on, for whoever writes `off` or `false` and means it.

The word differs by field, and none of them takes true or false: `none` is a word of its own there,
a duration or a number has its nothing, and some keys are left out.
"""

from collections.abc import Mapping
from typing import Any, Final

from router.config.nodes import Loc

OFF: Final[Mapping[str, str]] = {
    "auth": "pass",
    "breaker": "none",
    "budget": "none",
    "control": "0",
    "fallback": "none",
    "late": "0s",
    "percent": "0",
    "pool": "0",
    "queue": "0",
    "sample": "0",
    "upgrade": "refuse",
}
"""What is written for nothing of it."""
ELSEWHERE: Final[Mapping[str, str]] = {"queue_timeout": "queue: 0"}
"""What is turned off by another field: without a queue nobody waits in one."""
BY_DEFAULT: Final = frozenset(
    {"compare", "idempotent", "percent", "pin", "require", "trusted_proxies", "upgrade"}
)
"""What is off where the key is not there."""
ON: Final[Mapping[str, str]] = {
    "auth": "required",
    "breaker": "{}",
    "budget": "{}",
    "compare": "{}",
    "fallback": "all",
    "upgrade": "allow",
}

NO: Final = frozenset(
    {"0", "0s", "disabled", "false", "n", "never", "no", "none", "nothing", "null", "off"}
)
YES: Final = frozenset({"enabled", "on", "true", "y", "yes"})


def hint(loc: Loc, value: Any) -> str:
    """`; to turn it off, write breaker: none`, or nothing where *value* means no such thing."""
    match meant(value):
        case False:
            return off(loc)
        case True if field_of(loc) in ON:
            return f"; to turn it on, write {field_of(loc)}: {ON[field_of(loc)]}"
    return ""


def hint_at_nothing(loc: Loc) -> str:
    """The same where nothing is written at *loc*, and where to leave it out would leave it on."""
    return "" if field_of(loc) in BY_DEFAULT else off(loc)


def off(loc: Loc) -> str:
    """How the field at *loc* is turned off, in the words of `hint`, if it can be."""
    field = field_of(loc)
    written = f"{field}: {OFF[field]}" if field in OFF else ELSEWHERE.get(field)
    if written is not None:
        return f"; to turn it off, write {written}"
    return f"; to turn it off, leave {field} out" if field in BY_DEFAULT else ""


def field_of(loc: Loc) -> str:
    """The key that *loc* is about, also where it is about a member of its list.

    Two keys down are the names of routes and upstreams, which may be any word.
    """
    keys = [step for step in loc if isinstance(step, str)]
    return "" if len(keys) in {0, 2} else keys[-1]


def meant(value: Any) -> bool | None:
    """Whether whoever wrote *value* wants it off (False) or on (True); None for anything else."""
    if isinstance(value, dict | list):
        return None
    word = "null" if value is None else str(value).lower()
    if word in NO:
        return False
    return True if word in YES else None

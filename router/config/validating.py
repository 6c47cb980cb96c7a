"""Tree → model: every problem of the file at once, in words, where it stands."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from router.config.complaints import Complaint
from router.config.entries import JwtEntry, KeyEntry
from router.config.limit_entries import LimitsEntry
from router.config.nodes import Loc, Node, Step, dotted, is_private, place
from router.config.protection_entries import BreakerEntry, BudgetEntry
from router.config.route_entries import MatchEntry, PinEntry, RouteEntry
from router.config.scalars import BOOLEANS
from router.config.schema import RoutesFile
from router.config.switches import hint
from router.config.upstream_entries import UpstreamEntry
from router.config.values import NAME, shown
from router.config.vocabulary import nearest

KEY = "[key]"
"""How pydantic ends the way to a mapping's key, as opposed to its value."""

TYPES = {
    "string_type": "text",
    "float_type": "a number",
    "int_type": "a whole number",
    "bool_type": "true or false",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "list_type": "a list",
}


def validate(data: Mapping[str, Any]) -> tuple[RoutesFile | None, list[ErrorDetails]]:
    """The model of *data*, or None and what is wrong with it."""
    upstreams = data.get("upstreams")
    context = {"upstreams": list(upstreams) if isinstance(upstreams, dict) else []}
    try:
        return RoutesFile.model_validate(data, context=context), []
    except ValidationError as error:
        return None, error.errors(include_url=False)


def validate_rest(
    data: Mapping[str, Any], errors: Iterable[ErrorDetails]
) -> tuple[RoutesFile | None, frozenset[Loc]]:
    """The model of what is sound in *data*, so that the rest of it can be judged in the same go.

    First the fields with *errors* are left out, then, if they were needed, the routes they are in.
    With it comes what was left out.
    """
    pruned: frozenset[Loc] = frozenset()
    for depth in (3, 2):
        pruned |= {blamed(error["loc"], depth) for error in errors}
        model, errors = validate(stood_in(data, without(data, pruned)))
        if model is not None:
            return model, pruned
    return None, pruned


STAND_IN = "stand-in"


def stood_in(data: Mapping[str, Any], rest: Mapping[str, Any]) -> Mapping[str, Any]:
    """*rest* with something in the place of what was left out of *data* and is needed."""
    named = data.get("upstreams")
    names = [STAND_IN, *named] if isinstance(named, dict) else [STAND_IN]
    upstreams = {name: "http://stand-in" for name in names if NAME.fullmatch(name)}
    return {
        "default": STAND_IN,
        "routes": {},
        **rest,
        "upstreams": upstreams | rest.get("upstreams", {}),
    }


def blamed(loc: Loc, depth: int) -> Loc:
    """The part of the file to leave out for an error at *loc*."""
    return loc[: {"routes": depth, "upstreams": 2}.get(str(loc[0]), 1)]


def without(data: Any, pruned: Iterable[Loc]) -> Any:
    """*data* less the fields at *pruned*."""
    if not isinstance(data, Mapping):
        return data
    below = defaultdict[Step, list[Loc]](list)
    for loc in pruned:
        below[loc[0]].append(loc[1:])
    return {
        key: without(value, below[key]) if key in below else value
        for key, value in data.items()
        if () not in below.get(key, ())
    }


def complaint_of(source: str, root: Node, error: ErrorDetails) -> Complaint:
    """One error of pydantic's, as the operator is told it."""
    loc: Loc = error["loc"]
    at_key = loc[-1:] == (KEY,) or error["type"] in {"extra_forbidden", "missing"}
    loc = loc[:-1] if loc[-1:] == (KEY,) else loc
    mark, found = place(root, loc, at_key=at_key)
    told = words(error, loc) if at_key else words(error, loc) + hint(loc, error["input"])
    return Complaint(source, mark.line, mark.column, dotted(found), told)


def knows_better(error: ErrorDetails) -> bool:
    """Whether an *error* says more of a word like `off` than that YAML tools read it differently.

    `true` or `false` is no remedy in a field that takes neither.
    """
    word = error["input"]
    is_word = isinstance(word, str) and BOOLEANS.fullmatch(word) is not None
    return is_word and error["type"] not in {"bool_type", "extra_forbidden"}


def words(error: ErrorDetails, loc: Loc) -> str:
    """What is wrong, without jargon; a value that could be a secret is not repeated."""
    kind, value, context = error["type"], error["input"], error.get("ctx", {})
    match kind:
        case "missing":
            return f'"{loc[-1]}" is missing'
        case "extra_forbidden":
            return f"unknown key{nearest(str(loc[-1]), known_keys(loc[:-1]))}"
        case "value_error":
            return str(context["error"])
        case "greater_than_equal":
            return f"{value} is less than {context['ge']:g}"
        case "less_than_equal":
            return f"{value} is greater than {context['le']:g}"
        case "too_short":
            return "is empty"
        case "too_long":
            return (
                f"has {context['actual_length']} members; at most {context['max_length']} are taken"
            )
    if kind in TYPES:
        return f"must be {TYPES[kind]}" + ("" if is_private(loc) else f", not {shown(value)}")
    return error["msg"]


def known_keys(loc: Loc) -> Iterable[str]:
    """The keys that the mapping at *loc* may have."""
    shape: type[BaseModel] = RoutesFile
    match loc:
        case ("upstreams", _):
            shape = UpstreamEntry
        case ("jwt",):
            shape = JwtEntry
        case ("jwt", "keys", _):
            shape = KeyEntry
        case ("limits",):
            shape = LimitsEntry
        case ("routes", _):
            shape = RouteEntry
        case ("routes", _, "match", _):
            shape = MatchEntry
        case ("routes", _, "pin"):
            shape = PinEntry
        case ("routes", _, "breaker"):
            shape = BreakerEntry
        case ("routes", _, "budget"):
            shape = BudgetEntry
    return shape.model_fields

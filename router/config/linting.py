"""What no field shows alone: rules on how the fields of a file fit together.

A rule is skipped where one of the fields it looks at is itself wrong: that was said already.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from router.config.building import match_of, times_of
from router.config.keylinting import lint_jwt
from router.config.limit_entries import LimitsEntry
from router.config.nodes import Loc, Step
from router.config.route_entries import RouteEntry
from router.config.schema import RoutesFile
from router.config.units import duration, size_text

Finding = tuple[Loc, str]
"""Where something is wrong, and what, in words."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A route with what its rules need to know: the keys it was given, and the file around it."""

    entry: RouteEntry
    given: frozenset[str]
    legacy: str
    has_jwt: bool


def lint(file: RoutesFile, data: Mapping[str, Any], pruned: frozenset[Loc]) -> Iterator[Finding]:
    """Every finding in *file*, which was made of *data* less what was *pruned*."""
    yield from lint_upstreams(file, pruned)
    if file.jwt is not None:
        yield from lint_jwt(file.jwt)
    if file.limits is not None:
        yield from lint_limits(file.limits)
    pruned_fields = defaultdict[Step, set[Step]](set)
    for loc in pruned:
        if loc[0] == "routes" and len(loc) > 2:
            pruned_fields[loc[1]].add(loc[2])
    for name, entry in file.routes.items():
        listed = Listed(
            entry=entry,
            given=frozenset(data["routes"][name]),
            legacy=entry.legacy or file.default,
            has_jwt="jwt" in data,
        )
        wrong = pruned_fields[name]
        for rule in RULES:
            if not wrong & rule.fields:
                yield from ((("routes", name, *way), words) for way, words in rule.check(listed))
    yield from lint_matches(file)


def lint_upstreams(file: RoutesFile, pruned: frozenset[Loc]) -> Iterator[Finding]:
    """Authorities have a use only where there is TLS."""
    for name, entry in file.upstreams.items():
        loc: Loc = ("upstreams", name)
        if entry.ca_file is not None and not entry.url.startswith("https:") and loc not in pruned:
            yield (*loc, "ca_file"), "has no use with an http URL"


def lint_limits(entry: LimitsEntry) -> Iterator[Finding]:
    """No part may be more than the whole it is of."""
    for key, size in (("line", entry.line), ("field", entry.field)):
        if size is not None and size > entry.head:
            words = f"{size_text(size)} is more than head, {size_text(entry.head)}"
            yield ("limits", key), words
    each = entry.connections_per_client
    if each is not None and each > entry.connections:
        words = f"{each} is more than connections, {entry.connections}"
        yield ("limits", "connections_per_client"), words


def lint_matches(file: RoutesFile) -> Iterator[Finding]:
    """A match has one path, and no two have the same path and a method in common."""
    seen: dict[tuple[str, bool], list[tuple[str, frozenset[str] | None]]] = {}
    for name, route in file.routes.items():
        for place, entry in enumerate(route.match):
            loc: Loc = ("routes", name, "match", place)
            if (entry.path is None) == (entry.prefix is None):
                yield loc, "give path or prefix, one of the two"
                continue
            match = match_of(entry)
            others = seen.setdefault((match.path, match.is_prefix), [])
            other = next((one for one, methods in others if overlap(match.methods, methods)), None)
            if other is None:
                others.append((name, match.methods))
            else:
                where = "twice" if other == name else f"by route {other} as well"
                yield loc, f'"{match}" is matched {where}'


def overlap(one: frozenset[str] | None, other: frozenset[str] | None) -> bool:
    """Whether two matches of one path are equal in rank: a listed method beats *every method*."""
    if one is None or other is None:
        return one is other
    return bool(one & other)


def both_sides(route: Listed) -> Iterator[Finding]:
    """A route is being strangled, or it is plain."""
    if {"candidate", "upstream"} <= route.given:
        yield ("upstream",), "give candidate (users are being moved) or upstream, not both"


def same_side(route: Listed) -> Iterator[Finding]:
    """Moving users from an upstream to itself is a slip."""
    if route.entry.candidate == route.legacy:
        yield ("candidate",), f'"{route.legacy}" is legacy already; the candidate must be another'


NEEDS_CANDIDATE = (
    "percent",
    "by",
    "salt",
    "pin",
    "timeout",
    "fallback",
    "late",
    "compare",
    "breaker",
    "budget",
)


def idle_fields(route: Listed) -> Iterator[Finding]:
    """What only a candidate gives a meaning to is a leftover, or a candidate is missing."""
    if "candidate" not in route.given:
        for field in NEEDS_CANDIDATE:
            if field in route.given:
                yield (field,), "has no meaning without a candidate"


def nothing_read(route: Listed) -> Iterator[Finding]:
    """Only GET is compared: a route that does not list it compares nothing."""
    methods = [match.methods for match in route.entry.match]
    if route.entry.compare is not None and not any(one is None or "GET" in one for one in methods):
        yield ("compare",), "only GET is compared, and this route does not list it"


def never_longer(route: Listed) -> Iterator[Finding]:
    """The longest open time is not less than the first."""
    rules = route.entry.breaker
    if rules is not None and rules.longest_open is not None and rules.longest_open < rules.open:
        words = f"{duration(rules.longest_open)} is less than open, {duration(rules.open)}"
        yield ("breaker", "longest_open"), words


def idle_tunnel(route: Listed) -> Iterator[Finding]:
    """How long a tunnel may rest says nothing where there is none."""
    if "upgrade_idle" in route.given and route.entry.upgrade == "refuse":
        yield ("upgrade_idle",), "has no meaning without upgrade: allow"


def needs_keys(route: Listed) -> Iterator[Finding]:
    """A token cannot be verified without a key."""
    if route.entry.auth == "required" and not route.has_jwt:
        yield ("auth",), "needs a valid token, but the file has no jwt; add it, or say auth: pass"


def nobody_bucketed(route: Listed) -> Iterator[Finding]:
    """Where nobody is verified, nobody can be bucketed."""
    if route.entry.auth == "pass" and route.entry.percent > 0:
        yield ("percent",), "nobody can be bucketed with auth: pass, which verifies no token"


def nobody_known(route: Listed) -> Iterator[Finding]:
    """Where nobody is verified, nobody can be pinned or asked for a role."""
    if route.entry.auth == "pass":
        for field in ("pin", "require"):
            if field in route.given:
                yield (field,), "nobody can be known with auth: pass, which verifies no token"


def no_time_left(route: Listed) -> Iterator[Finding]:
    """The candidate's time must leave legacy some."""
    if route.entry.candidate is None:
        return
    timeout_s, deadline_s = times_of(route.entry)
    too_long = timeout_s >= deadline_s if route.entry.fallback else timeout_s > deadline_s
    if too_long:
        field = "timeout" if "timeout" in route.given else "deadline"
        yield (
            (field,),
            f"the timeout of {duration(timeout_s)} leaves legacy nothing of the deadline of "
            f"{duration(deadline_s)}",
        )


@dataclass(frozen=True, slots=True)
class Rule:
    """A check on one route, and the fields it looks at."""

    check: Callable[[Listed], Iterator[Finding]]
    fields: frozenset[str]


RULES = (
    Rule(both_sides, frozenset({"candidate", "upstream"})),
    Rule(same_side, frozenset({"candidate", "legacy"})),
    Rule(idle_fields, frozenset({"candidate"})),
    Rule(nothing_read, frozenset({"match", "compare"})),
    Rule(never_longer, frozenset({"breaker"})),
    Rule(idle_tunnel, frozenset({"upgrade"})),
    Rule(needs_keys, frozenset({"auth"})),
    Rule(nobody_bucketed, frozenset({"auth", "percent"})),
    Rule(nobody_known, frozenset({"auth"})),
    Rule(no_time_left, frozenset({"candidate", "timeout", "deadline", "fallback"})),
)

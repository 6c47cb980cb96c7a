"""What is allowed and probably not meant: told at start, at each reload and by `check`."""

from collections import defaultdict
from collections.abc import Iterator

from router.config.linting import Finding
from router.config.nodes import Loc
from router.config.units import duration, size_text
from router.config.vocabulary import METHODS
from router.core.model import Match, Route, Snapshot


def warnings_of(snapshot: Snapshot) -> Iterator[Finding]:
    """Every warning, with the place of the field it is about."""
    for route in snapshot.routes:
        yield from unrescued(route)
        yield from hurried(route)
        yield from uncontrolled(route)
        yield from shown(route)
    yield from unreachable(snapshot)
    yield from too_long(snapshot)
    yield from gullible(snapshot)


def unrescued(route: Route) -> Iterator[Finding]:
    """Users are on the candidate, and nothing catches its failures."""
    if route.candidate is not None and route.percent > 0 and not route.falls_back:
        words = (
            f"{route.percent:g} percent of the users see every failure of {route.candidate.name}"
        )
        yield ("routes", route.name, "fallback"), words


def hurried(route: Route) -> Iterator[Finding]:
    """Legacy is left less time than the candidate was given."""
    left_s = route.deadline_s - route.timeout_s
    if route.falls_back and left_s < route.timeout_s:
        words = (
            f"after a timeout of {duration(route.timeout_s)} the deadline of "
            f"{duration(route.deadline_s)} leaves legacy only {duration(left_s)}"
        )
        yield ("routes", route.name, "deadline"), words


def uncontrolled(route: Route) -> Iterator[Finding]:
    """Without knowing how often legacy differs from itself, nothing can be proven."""
    compare = route.compare
    if compare is not None and compare.sample > 0 and compare.control == 0:
        words = "legacy is never asked twice, so that no difference is ever called a mismatch"
        yield ("routes", route.name, "compare", "control"), words


def shown(route: Route) -> Iterator[Finding]:
    """Users' answers on the admin port."""
    if route.compare is not None and route.compare.show_values:
        words = "whoever reaches the admin port sees values out of the answers to users"
        yield ("routes", route.name, "compare", "show_values"), words


def unreachable(snapshot: Snapshot) -> Iterator[Finding]:
    """A match for every method, where other matches of the same path take each one."""
    listed = defaultdict[tuple[str, bool], set[str]](set)
    for _, match in matches_of(snapshot):
        listed[match.path, match.is_prefix] |= match.methods or set()
    for loc, match in matches_of(snapshot):
        if match.methods is None and listed[match.path, match.is_prefix] >= METHODS:
            yield loc, f'no request can reach "{match}": other matches list every method'


def too_long(snapshot: Snapshot) -> Iterator[Finding]:
    """A match with a longer path than a request may have."""
    line = snapshot.limits.line
    for loc, match in matches_of(snapshot):
        if len(match.path) > line:
            yield loc, f"no request can reach it: limits.line is {size_text(line)}"


def gullible(snapshot: Snapshot) -> Iterator[Finding]:
    """A network that holds every client: then none is told from another."""
    for place, network in enumerate(snapshot.trusted_proxies):
        if network.prefixlen == 0:
            words = f"{network} is everybody: any client can say that it is another"
            yield ("trusted_proxies", place), words


def matches_of(snapshot: Snapshot) -> Iterator[tuple[Loc, Match]]:
    """Every match and its place."""
    for route in snapshot.routes:
        for place, match in enumerate(route.matches):
            yield ("routes", route.name, "match", place), match

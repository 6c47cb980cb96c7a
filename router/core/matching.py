"""Which route a request belongs to: the most specific match wins, and order never matters."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from router.core.model import Auth, Match, Route, Snapshot
from router.core.paths import is_plain, readings
from router.core.problems import Problem, bad_request
from router.core.targets import Target, read_target


class Matched(NamedTuple):
    """A route, and whether its methods hold: if not, the request is legacy's all the same."""

    route: Route
    by_method: bool


@dataclass(frozen=True, slots=True)
class Owner:
    """One claim on a path: these methods of it are the route's."""

    route: Route
    match: Match


@dataclass(frozen=True, slots=True)
class Table:
    """Every match of a snapshot, laid out once so that a request costs a dictionary look-up."""

    exact: Mapping[str, tuple[Owner, ...]]
    prefixes: tuple[tuple[str, tuple[Owner, ...]], ...]
    default: Matched


def table_of(snapshot: Snapshot) -> Table:
    """The look-up table of *snapshot*: exact paths, then prefixes from the longest."""
    exact: dict[str, list[Owner]] = {}
    prefixes: dict[str, list[Owner]] = {}
    for owner in owners(snapshot):
        side = prefixes if owner.match.is_prefix else exact
        side.setdefault(owner.match.path, []).append(owner)
    return Table(
        exact={path: ranked(claims) for path, claims in exact.items()},
        prefixes=tuple(
            (path, ranked(prefixes[path])) for path in sorted(prefixes, key=len, reverse=True)
        ),
        default=Matched(snapshot.default, by_method=True),
    )


def owners(snapshot: Snapshot) -> Iterator[Owner]:
    """Every (route, match) pair of the snapshot's listed routes."""
    for route in snapshot.routes:
        for match in route.matches:
            yield Owner(route, match)


def ranked(claims: list[Owner]) -> tuple[Owner, ...]:
    """*claims* on one path with the strictest route first, so that file order never matters.

    The first one also owns the methods that no route lists: they still need its token.
    """
    return tuple(sorted(claims, key=lambda owner: (-len(demands(owner.route)), owner.route.name)))


def match(table: Table, method: str, path: str) -> Matched | Problem:
    """The route of a request, or a 400 where two readings of *path* differ in what they demand.

    *path* is the raw target up to the query: it is matched, and forwarded, byte for byte. Old
    applications have links with `//` or `%2F`, so an odd spelling passes as it is; only where an
    upstream that normalises would serve a stricter route than we matched is it refused.
    """
    matched = look_up(table, method, path)
    if is_plain(path):
        return matched
    demanded = demands(matched.route)
    for reading in readings(path):
        if not demands(look_up(table, method, reading).route) <= demanded:
            return bad_request("The path can be read in two ways; send it in its normal form.")
    return matched


class Located(NamedTuple):
    """A request's target, and the route that it belongs to."""

    target: Target
    matched: Matched


def locate(table: Table, method: str, raw: str) -> Located | Problem:
    """Where a request goes by its request line alone, or why it is refused."""
    target = read_target(method, raw)
    if isinstance(target, Problem):
        return target
    matched = match(table, method, target.path)
    return matched if isinstance(matched, Problem) else Located(target, matched)


MOST: Final = 1024
LONGEST: Final = 256
"""Request lines that are remembered with their route, and characters that a target may have."""


class Locator:
    """Where requests go by *table*; what is remembered of it is emptied when full."""

    __slots__ = ("_known", "_table")

    def __init__(self, table: Table) -> None:
        self._table = table
        self._known: dict[tuple[str, str], Located | Problem] = {}

    def locate(self, method: str, target: str) -> Located | Problem:
        """As `locate`; asked for the same again, it costs one look-up."""
        line = (method, target)
        found = self._known.get(line)
        if found is None:
            found = locate(self._table, method, target)
            self._remember(line, found)
        return found

    def _remember(self, line: tuple[str, str], found: Located | Problem) -> None:
        if len(line[1]) > LONGEST:
            return
        if len(self._known) >= MOST:
            self._known.clear()
        self._known[line] = found


def look_up(table: Table, method: str, path: str) -> Matched:
    """The most specific match: exact, then the longest prefix, then the default route."""
    claims = table.exact.get(path)
    if claims is not None:
        return choose(claims, method)
    for prefix, prefix_claims in table.prefixes:
        if path.startswith(prefix):
            return choose(prefix_claims, method)
    return table.default


def choose(claims: tuple[Owner, ...], method: str) -> Matched:
    """Which of the routes on one path has *method*; else its first, for legacy to answer."""
    every_method = None
    for owner in claims:
        if owner.match.methods is None:
            every_method = owner.route
        elif method in owner.match.methods:
            return Matched(owner.route, by_method=True)
    if every_method is not None:
        return Matched(every_method, by_method=True)
    return Matched(claims[0].route, by_method=False)


def demands(route: Route) -> frozenset[str]:
    """What *route* asks of a token, as a set that grows with strictness."""
    if route.auth is Auth.PASS:
        return frozenset()
    roles = (f"{need.claim} in {sorted(need.values)}" for need in route.require)
    return frozenset({"a valid token", *roles})

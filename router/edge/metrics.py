"""The figures of one worker, told from the story of each exchange; labels are the configuration's.

Cohort, not the upstream that served, is what a migration is judged by: a rescued exchange counts
as `fate="rescued"` in the candidate's cohort, however well it ended.

What is counted is kept in plain dictionaries, since it is done for every request; what Prometheus
reads is made of them when it asks (`router.edge.exposing`).
"""

from collections import defaultdict
from collections.abc import Callable, Mapping
from itertools import product
from typing import Final

from router import __version__
from router.core.breaker import State
from router.core.claims import Refusal
from router.core.comparing.book import Verdict
from router.core.comparing.lateness import Lateness
from router.core.fallback import Why
from router.core.fates import Fate
from router.core.model import Cause, Cohort, Route, Snapshot
from router.core.outcome import OUTCOME_LABELS
from router.core.protection import Standing
from router.core.record import NOBODY, Record
from router.core.totals import Family, Kind, Labels, Row, Totals
from router.edge import families
from router.edge.families import BUCKETS
from router.edge.firstseries import first_series
from router.edge.keysources import Status

CODES: Final = ("none", "1xx", "2xx", "3xx", "4xx", "5xx")
BOUNDS: Final = BUCKETS
FAILED: Final = Fate.INTERNAL_ERROR


def zero() -> Row:
    """A counter's series before anything is counted."""
    return [0.0]


def empty_row() -> Row:
    """A histogram's series before the first observation."""
    return [0.0] * (len(BUCKETS) + 2)


def place_of(seconds: float) -> int:
    """Which bucket of a histogram *seconds* fall into: most fall into one of the first few."""
    place = 0
    for bound in BOUNDS:
        if seconds <= bound:
            return place
        place += 1
    return place


class Series:
    """The rows of exchanges, or attempts, of one kind: how many, and how long they took."""

    __slots__ = ("count", "took")

    def __init__(self, count: Row, took: Row) -> None:
        self.count = count
        self.took = took

    def add(self, seconds: float) -> None:
        """Enter one that took *seconds*."""
        self.count[0] += 1
        self.took[place_of(seconds)] += 1
        self.took[-1] += seconds


class Metrics:
    """All series of one process. `record` is the only call at request time."""

    def __init__(self) -> None:
        self._requests: dict[Labels, Row] = defaultdict(zero)
        self._request_s: dict[Labels, Row] = defaultdict(empty_row)
        self._attempts: dict[Labels, Row] = defaultdict(zero)
        self._attempt_s: dict[Labels, Row] = defaultdict(empty_row)
        self._of_request: dict[tuple[str, str, str, str, int], Series] = {}
        self._of_attempt: dict[Labels, Series] = {}
        self._fallbacks: dict[Labels, float] = defaultdict(float)
        self._refused: dict[Labels, float] = defaultdict(float)
        self._auth: dict[Labels, float] = {(reason,): 0.0 for reason in Refusal}
        self._compared: dict[Labels, float] = defaultdict(float)
        self._late: dict[Labels, float] = defaultdict(float)
        self._lost: dict[Labels, float] = {(): 0.0}
        self._of_file: dict[Family, dict[Labels, float]] = {}
        self._reload_success = 0.0
        self._loop_lag_s = 0.0
        self._inflight: dict[str, Callable[[], float]] = {}
        self._queued: dict[str, Callable[[], float]] = {}
        self._statuses: Mapping[str, Callable[[], Status]] = {}
        self._standings: Callable[[], list[tuple[str, Standing]]] = list
        self._of_process: dict[Family, Callable[[], float]] = {
            families.CONNECTIONS: int,
            families.TASKS: int,
        }

    def record(self, record: Record) -> None:
        """Enter one finished exchange."""
        fate, route, served = record.fate or FAILED, record.route, record.served
        kind = (route, record.cohort, served, fate, record.status // 100)
        requests = self._of_request.get(kind)
        (requests or self._requests_of(kind)).add(record.seconds)
        for attempt in record.attempts:
            sort = (route, attempt.upstream, attempt.outcome)
            attempts = self._of_attempt.get(sort)
            (attempts or self._attempts_of(sort)).add(attempt.seconds)
        if record.refusal is not None:
            self._auth[record.refusal,] += 1
        if record.why is not None:
            self._refused[route, record.why] += 1
        if record.rescue_of is not None and fate is not Fate.CLIENT_GONE:  # nobody's failure
            result = "rescued" if fate is Fate.RESCUED else "failed"
            self._fallbacks[route, record.rescue_of, result] += 1

    def _requests_of(self, kind: tuple[str, str, str, str, int]) -> Series:
        """The rows of exchanges that ended so, from now on found by one look-up."""
        route, cohort, served, fate, hundreds = kind
        count = self._requests[route, cohort, served, fate, CODES[hundreds]]
        series = self._of_request[kind] = Series(count, self._request_s[route, served])
        return series

    def _attempts_of(self, sort: Labels) -> Series:
        """The rows of attempts that ended so, likewise."""
        route, upstream, _ = sort
        series = Series(self._attempts[sort], self._attempt_s[route, upstream])
        self._of_attempt[sort] = series
        return series

    def accepted(self, snapshot: Snapshot, wall: float) -> None:
        """Show *snapshot* as the one in force since *wall*, its series from 0."""
        self._reload_success = 1.0
        strangled = [route for route in snapshot.routes if route.candidate is not None]
        of_file: dict[Family, dict[Labels, float]] = {
            families.RELOAD_TIME: {(): wall},
            families.CONFIG: {(snapshot.hash,): 1.0},
            families.PERCENT: {(route.name,): route.percent for route in strangled},
            families.DEADLINE: {(route.name,): route.deadline_s for route in strangled},
            families.TIMEOUT: {
                (route.name, route.candidate.name): route.timeout_s
                for route in strangled
                if route.candidate is not None
            },
        }
        self._of_file = of_file
        self._requests[NOBODY, Cohort.NONE, NOBODY, Fate.SHED, "5xx"]  # no room for a client
        for route in (*snapshot.routes, snapshot.default):
            self._begin(route)

    def refused(self) -> None:
        """Show that what is on disk was not taken."""
        self._reload_success = 0.0

    def _begin(self, route: Route) -> None:
        """The series of *route* that rules and boards use, at 0 before the first request."""
        name = route.name
        for cohort, fate, served, code in first_series(route):
            self._requests[name, cohort, served, fate, code]  # begun by being asked for
        if route.candidate is None:
            return
        for cause, result in product(Cause, ("rescued", "failed")):
            self._fallbacks[name, cause, result] += 0
        for why in Why:
            self._refused[name, why] += 0
        for verdict in Verdict:
            self._compared[name, verdict] += 0
        for lateness in Lateness:
            self._late[name, lateness] += 0
        for upstream, outcome in product((route.candidate, route.legacy), OUTCOME_LABELS):
            self._attempts[name, upstream.name, outcome]

    def lost(self, lines: int) -> None:
        """Count access-log lines that could not be written."""
        self._lost[()] += lines

    def compared(self, route: str, verdict: Verdict) -> None:
        """Count what came of an answer that was to be compared."""
        self._compared[route, verdict] += 1

    def late(self, route: str, lateness: Lateness) -> None:
        """Count what came of an attempt that was abandoned at its timeout."""
        self._late[route, lateness] += 1

    def lagged(self, seconds: float) -> None:
        """Show how late a timer fired."""
        self._loop_lag_s = seconds

    def watch_keys(self, statuses: Mapping[str, Callable[[], Status]]) -> None:
        """Have the series of each key ask for its status when they are read, and only then."""
        self._statuses = statuses

    def watch_protections(self, standings: Callable[[], list[tuple[str, Standing]]]) -> None:
        """Have the series of breakers and budgets ask how each route stands when they are read."""
        self._standings = standings

    def watch_upstream(
        self, upstream: str, inflight: Callable[[], float], queued: Callable[[], float]
    ) -> None:
        """Have the gauges of *upstream* ask when they are read: nothing is kept at request time.

        An upstream that the file no longer has is shown until its last attempt has ended.
        """
        self._inflight[upstream] = inflight
        self._queued[upstream] = queued

    def watch_process(self, connections: Callable[[], float], tasks: Callable[[], float]) -> None:
        """Have the gauges of this process ask when they are read."""
        self._of_process = {families.CONNECTIONS: connections, families.TASKS: tasks}

    def totals(self) -> list[Totals]:
        """Everything, as it is now."""
        counted = {
            families.FALLBACKS: self._fallbacks,
            families.REFUSED: self._refused,
            families.AUTH: self._auth,
            families.COMPARED: self._compared,
            families.LATE: self._late,
            families.LOG_DROPPED: self._lost,
        }
        rows = {
            families.REQUESTS: self._requests,
            families.ATTEMPTS: self._attempts,
            families.REQUEST_S: self._request_s,
            families.ATTEMPT_S: self._attempt_s,
        }
        return [
            *(single(family, series) for family, series in counted.items()),
            *(Totals(family, series) for family, series in rows.items()),
            *(single(family, series) for family, series in self._gauges().items()),
        ]

    def _gauges(self) -> dict[Family, Mapping[Labels, float]]:
        """The gauges as they are now."""
        inflight: dict[Labels, float] = {(name,): count() for name, count in self._inflight.items()}
        queued: dict[Labels, float] = {(name,): count() for name, count in self._queued.items()}
        statuses = {(key,): status() for key, status in self._statuses.items()}
        return {
            **self._of_file,
            **protected(self._standings()),
            **{family: {(): count()} for family, count in self._of_process.items()},
            families.RELOAD_SUCCESS: {(): self._reload_success},
            families.INFLIGHT: inflight,
            families.QUEUED: queued,
            families.LOOP_LAG: {(): self._loop_lag_s},
            families.BUILD: {(__version__,): 1.0},
            **{
                family: {key: key_value(name, status) for key, status in statuses.items()}
                for name, family in families.KEYS.items()
            },
        }


def single(family: Family, series: Mapping[Labels, float]) -> Totals:
    """*series* with rows of one number."""
    assert family.kind is not Kind.HISTOGRAM
    return Totals(family, {labels: [value] for labels, value in series.items()})


def protected(standings: list[tuple[str, Standing]]) -> dict[Family, dict[Labels, float]]:
    """The gauges of breakers and budgets; a route without one has none of its series."""
    states: dict[Labels, float] = {
        (route, state): float(state is standing.state)
        for route, standing in standings
        for state in State
        if standing.state is not None
    }
    left: dict[Labels, float] = {
        (route,): one.left for route, one in standings if one.left is not None
    }
    under_way: dict[Labels, float] = {(route,): float(one.under_way) for route, one in standings}
    return {families.BREAKER: states, families.BUDGET: left, families.UNDER_WAY: under_way}


def key_value(name: str, status: Status) -> float:
    """The value of one gauge of a key."""
    match name:
        case "known":
            return len(status.kids)
        case "stale":
            return status.stale
        case "refresh_success":
            return status.ok
    return status.fetched_at or 0.0

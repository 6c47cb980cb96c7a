"""Prometheus series, told from the story of each exchange; labels come from the configuration only.

Cohort, not the upstream that served, is what a migration is judged by: a rescued exchange counts
as `fate="rescued"` in the candidate's cohort, however well it ended.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from itertools import product
from typing import Any

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    Info,
    disable_created_metrics,
    generate_latest,
)

from router import __version__
from router.core.claims import Refusal
from router.core.fallback import Why
from router.core.fates import Fate
from router.core.model import Cause, Cohort, Route, Snapshot
from router.core.outcome import OUTCOME_LABELS
from router.core.record import NOBODY, Record
from router.edge.keysources import Status

BUCKETS = (
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 2.5, 5.0, 7.5, 10.0,
    30.0,
)  # fmt: skip
KEY_GAUGES = {
    "known": "Keys that tokens can be verified by.",
    "stale": "Whether keys are used past their lifetime, as no others could be had.",
    "refresh_success": "Whether the last look at a key file or set went well.",
    "refresh_timestamp_seconds": "When keys were last read or fetched.",
}
CODES = ("none", "1xx", "2xx", "3xx", "4xx", "5xx")


class Metrics:
    """All series of one process. `record` is the only call at request time."""

    def __init__(self) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]  # untyped in the library
        self.registry = CollectorRegistry()
        self._children: dict[tuple[Any, ...], Any] = {}
        self._requests = self._counter(
            "requests", "Exchanges by how they ended.", "route", "cohort", "served", "fate", "code"
        )
        self._request_s = self._histogram(
            "request_duration_seconds", "From the request's head to the end.", "route", "served"
        )
        self._attempts = self._counter(
            "attempts", "Requests sent to upstreams.", "route", "upstream", "outcome"
        )
        self._attempt_s = self._histogram(
            "attempt_duration_seconds", "From an attempt's start to its end.", "route", "upstream"
        )
        self._fallbacks = self._counter(
            "fallbacks", "Failures of the candidate given to legacy.", "route", "cause", "result"
        )
        self._refused = self._counter(
            "fallbacks_refused", "Failures that could not be rescued.", "route", "why"
        )
        self._auth = self._counter("auth_refusals", "Tokens not accepted.", "reason")
        self._percent = self._gauge("percent", "Share of users meant for the candidate.", "route")
        self._timeout = self._gauge(
            "timeout_seconds", "What the candidate may take to commit.", "route", "upstream"
        )
        self._deadline = self._gauge(
            "deadline_seconds", "What the client of a split route is promised.", "route"
        )
        self._keys = {
            name: self._gauge(f"keys_{name}", what, "key") for name, what in KEY_GAUGES.items()
        }
        self._inflight = self._gauge("inflight", "Attempts under way.", "upstream")
        self.reload_success = self._gauge(
            "config_reload_success", "Whether the last reload was accepted."
        )
        self.reload_time = self._gauge(
            "config_reload_timestamp_seconds", "When a configuration was last accepted."
        )
        self._config = Info(
            "strangler_config", "The configuration in force.", registry=self.registry
        )
        self.loop_lag = self._gauge("loop_lag_seconds", "How late the event loop runs.")
        self.log_dropped = self._counter("log_lines_dropped", "Access-log lines lost.")
        build = Info("strangler_build", "The running program.", registry=self.registry)
        build.info({"version": __version__})
        for reason in Refusal:
            self._auth.labels(reason)

    def _counter(self, name: str, what: str, *labels: str) -> Counter:
        return Counter(f"strangler_{name}", what, labels, registry=self.registry)

    def _gauge(self, name: str, what: str, *labels: str) -> Gauge:
        return Gauge(f"strangler_{name}", what, labels, registry=self.registry)

    def _histogram(self, name: str, what: str, *labels: str) -> Histogram:
        return Histogram(f"strangler_{name}", what, labels, buckets=BUCKETS, registry=self.registry)

    def expose(self) -> bytes:
        """The text that Prometheus scrapes."""
        return generate_latest(self.registry)

    def accepted(self, snapshot: Snapshot, wall: float) -> None:
        """Show *snapshot* as the one in force since *wall*, its series from 0."""
        self.reload_success.set(1)
        self.reload_time.set(wall)
        self._config.info({"hash": snapshot.hash})
        for of_route in (self._percent, self._timeout, self._deadline):
            of_route.clear()
        for route in (*snapshot.routes, snapshot.default):
            self._begin(route)

    def _begin(self, route: Route) -> None:
        """The series of *route* that rules and boards use, at 0 before the first request."""
        self._begin_fates(route)
        if route.candidate is None:
            return
        self._percent.labels(route.name).set(route.percent)
        self._timeout.labels(route.name, route.candidate.name).set(route.timeout_s)
        self._deadline.labels(route.name).set(route.deadline_s)
        for cause, result in product(Cause, ("rescued", "failed")):
            self._fallbacks.labels(route.name, cause, result)
        for why in Why:
            self._refused.labels(route.name, why)
        for upstream, outcome in product((route.candidate, route.legacy), OUTCOME_LABELS):
            self._attempts.labels(route.name, upstream.name, outcome)

    def _begin_fates(self, route: Route) -> None:
        """Each fate with the `served` and `code` that it comes with: a rate needs its 0."""
        for cohort, fate, served, code in first_series(route):
            self._requests.labels(route.name, cohort, served, fate, code)

    def record(self, record: Record) -> None:
        """Enter one finished exchange."""
        fate = record.fate or Fate.INTERNAL_ERROR
        code = CODES[record.status // 100]
        self._child(self._requests, record.route, record.cohort, record.served, fate, code).inc()
        self._child(self._request_s, record.route, record.served).observe(record.seconds)
        for attempt in record.attempts:
            self._child(self._attempts, record.route, attempt.upstream, attempt.outcome).inc()
            self._child(self._attempt_s, record.route, attempt.upstream).observe(attempt.seconds)
        if record.refusal is not None:
            self._child(self._auth, record.refusal).inc()
        if record.why is not None:
            self._child(self._refused, record.route, record.why).inc()
        if record.rescue_of is not None:
            result = "rescued" if fate is Fate.RESCUED else "failed"
            self._child(self._fallbacks, record.route, record.rescue_of, result).inc()

    def watch_keys(self, statuses: Mapping[str, Callable[[], Status]]) -> None:
        """Have the series of each key ask for its status at each scrape, and only then."""
        for gauge in self._keys.values():
            gauge.clear()
        for key, status in statuses.items():
            for name, gauge in self._keys.items():
                gauge.labels(key).set_function(partial(key_value, name, status))

    def watch_inflight(self, upstream: str, count: Callable[[], float]) -> None:
        """Have `strangler_inflight` ask *count* at each scrape: nothing is kept at request time."""
        self._inflight.labels(upstream).set_function(count)

    def _child(self, metric: Any, *labels: str) -> Any:
        """The series with these labels; looked up once, since prometheus-client's look-up locks."""
        key = (metric, *labels)
        child = self._children.get(key)
        if child is None:
            child = self._children[key] = metric.labels(*labels)
        return child


def key_value(name: str, status: Callable[[], Status]) -> float:
    """The value of one gauge of a key now."""
    now = status()
    match name:
        case "known":
            return len(now.kids)
        case "stale":
            return now.stale
        case "refresh_success":
            return now.ok
    return now.fetched_at or 0.0


def first_series(route: Route) -> Iterator[tuple[Cohort, Fate, str, str]]:
    """Cohort, fate, served and code of what may be expected on *route*."""
    legacy = route.legacy.name
    sides = {Cohort.NONE: route.upstream.name}
    if route.candidate is not None:
        sides = {Cohort.CANDIDATE: route.candidate.name, Cohort.LEGACY: legacy}
        yield Cohort.CANDIDATE, Fate.RESCUED, legacy, "2xx"
        for served in (legacy, NOBODY):
            yield Cohort.CANDIDATE, Fate.FAIL_BOTH, served, "5xx"
        for served in (route.candidate.name, NOBODY):
            yield Cohort.CANDIDATE, Fate.FAIL_NOT_ELIGIBLE, served, "5xx"
    for cohort, served in sides.items():
        yield cohort, Fate.OK, served, "2xx"
        yield cohort, Fate.FAIL_AFTER_COMMIT, served, "2xx"  # the status had gone out already
        yield cohort, Fate.UPSTREAM_ERROR, served, "5xx"
        yield cohort, Fate.UPSTREAM_ERROR, NOBODY, "5xx"
    yield Cohort.NONE, Fate.AUTH_REFUSED, NOBODY, "4xx"
    for asked in {Cohort.NONE, *sides}:
        yield asked, Fate.INTERNAL_ERROR, NOBODY, "5xx"


def total(metrics: Metrics, name: str, **labels: str) -> float:
    """The sum of the samples of *name* whose labels agree with *labels*."""
    samples: Iterable[Any] = (
        sample for family in metrics.registry.collect() for sample in family.samples
    )
    return sum(
        float(sample.value)
        for sample in samples
        if sample.name == name and labels.items() <= sample.labels.items()
    )

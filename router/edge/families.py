"""Every metric of a worker: name, labels, and how those of several workers become one."""

from typing import Final

from router.core.totals import Family, Kind, Merge

BUCKETS: Final[tuple[float, ...]] = (
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 2.5, 5.0, 7.5, 10.0,
    30.0,
)  # fmt: skip


def counter(name: str, what: str, *labels: str) -> Family:
    """What is only ever added to."""
    return Family(name, what, labels)


def gauge(name: str, what: str, *labels: str, merge: Merge) -> Family:
    """What is as it is now."""
    return Family(name, what, labels, Kind.GAUGE, merge)


def histogram(name: str, what: str, *labels: str) -> Family:
    """How long things took."""
    return Family(name, what, labels, Kind.HISTOGRAM, bounds=BUCKETS)


REQUESTS = counter(
    "requests", "Exchanges by how they ended.", "route", "cohort", "served", "fate", "code"
)
REQUEST_S = histogram(
    "request_duration_seconds", "From the request's head to the end.", "route", "served"
)
ATTEMPTS = counter("attempts", "Requests sent to upstreams.", "route", "upstream", "outcome")
ATTEMPT_S = histogram(
    "attempt_duration_seconds", "From an attempt's start to its end.", "route", "upstream"
)
FALLBACKS = counter(
    "fallbacks", "Failures of the candidate given to legacy.", "route", "cause", "result"
)
REFUSED = counter("fallbacks_refused", "Failures that could not be rescued.", "route", "why")
AUTH = counter("auth_refusals", "Tokens not accepted.", "reason")
COMPARED = counter("compare", "Answers that were compared, by verdict.", "route", "verdict")
LATE = counter(
    "late_answers", "What abandoned attempts said after their timeout.", "route", "verdict"
)
LOG_DROPPED = counter("log_lines_dropped", "Access-log lines lost.")

BREAKER = gauge(
    "breaker_state", "Workers whose breaker is in this state.", "route", "state", merge=Merge.SUM
)
BUDGET = gauge(
    "fallback_budget", "Fallbacks that there could be at once.", "route", merge=Merge.SUM
)
UNDER_WAY = gauge("fallbacks_under_way", "Fallbacks that have not ended.", "route", merge=Merge.SUM)
INFLIGHT = gauge("inflight", "Attempts under way.", "upstream", merge=Merge.SUM)
QUEUED = gauge("queued", "Attempts that wait for a connection.", "upstream", merge=Merge.SUM)
CONNECTIONS = gauge("client_connections", "Open connections of clients.", merge=Merge.SUM)
TASKS = gauge("tasks", "Tasks of the event loop.", merge=Merge.SUM)
LOOP_LAG = gauge("loop_lag_seconds", "How late the event loop runs.", merge=Merge.MOST)

# Workers differ for the second in which a new file spreads: then a rule is shown by its largest
# value, and a verdict by its worst.
PERCENT = gauge("percent", "Share of users meant for the candidate.", "route", merge=Merge.MOST)
TIMEOUT = gauge(
    "timeout_seconds",
    "What the candidate may take to commit.",
    "route",
    "upstream",
    merge=Merge.MOST,
)
DEADLINE = gauge(
    "deadline_seconds", "What the client of a split route is promised.", "route", merge=Merge.MOST
)
RELOAD_SUCCESS = gauge(
    "config_reload_success", "Whether the last reload was accepted.", merge=Merge.LEAST
)
RELOAD_TIME = gauge(
    "config_reload_timestamp_seconds",
    "When a configuration was last accepted.",
    merge=Merge.LEAST,
)
CONFIG = gauge("config_info", "The configuration in force.", "hash", merge=Merge.MOST)
BUILD = gauge("build_info", "The running program.", "version", merge=Merge.MOST)

KEYS = {
    "known": gauge("keys_known", "Keys that tokens can be verified by.", "key", merge=Merge.LEAST),
    "stale": gauge(
        "keys_stale",
        "Whether keys are used past their lifetime, as no others could be had.",
        "key",
        merge=Merge.MOST,
    ),
    "refresh_success": gauge(
        "keys_refresh_success",
        "Whether the last look at a key file or set went well.",
        "key",
        merge=Merge.LEAST,
    ),
    "refresh_timestamp_seconds": gauge(
        "keys_refresh_timestamp_seconds",
        "When keys were last read or fetched.",
        "key",
        merge=Merge.LEAST,
    ),
}

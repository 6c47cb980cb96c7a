"""Metrics. Labels come from the routes and closed lists, never from what a client sent.

Under ``gunicorn.conf.py`` every process writes its figures to files in one directory, and any of
them answers ``/metrics`` with the totals of all (prometheus-client's multi-process mode).
"""

import os
import time

from flask import Blueprint, Flask, Response, g, request
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    generate_latest,
    multiprocess,
)

disable_created_metrics()  # type: ignore[no-untyped-call]

METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)

REQUESTS = Counter("coach_requests", "Requests answered.", ["route", "method", "code"])
DURATION = Histogram(
    "coach_request_duration_seconds", "Time to answer.", ["route"], buckets=SECONDS
)
CHOSEN = Histogram("coach_choice_seconds", "Time to choose one workout.", buckets=SECONDS)
HISTORIES = Counter("coach_histories", "Histories wanted, by where they came from.", ["source"])
REFRESHES = Counter("coach_catalogue_refreshes", "Catalogue requests.", ["result"])
KEY_REFRESHES = Counter("coach_key_refreshes", "Fetches of the key set.", ["result"])
CHECKED = Gauge(
    "coach_catalogue_checked_timestamp_seconds",
    "When the monolith last confirmed the catalogue, in the process that is furthest behind.",
    multiprocess_mode="livemin",
)
for _source in ("kept", "fetched", "failed"):
    HISTORIES.labels(_source)  # series that alerts use exist from the start
for _result in ("fetched", "failed"):
    KEY_REFRESHES.labels(_result)
for _result in ("changed", "confirmed", "failed"):
    REFRESHES.labels(_result)


def count_requests(app: Flask) -> None:
    """Count and time every request of *app*; ``logs`` has noted when it began."""

    @app.after_request
    def count(response: Response) -> Response:
        route = request.url_rule.rule if request.url_rule else "none"
        method = request.method if request.method in METHODS else "other"
        REQUESTS.labels(route, method, f"{response.status_code // 100}xx").inc()
        DURATION.labels(route).observe(time.perf_counter() - g.started_s)
        return response


def metrics_routes() -> Blueprint:
    """Give ``GET /metrics``."""
    routes = Blueprint("metrics", __name__)

    @routes.get("/metrics")
    def metrics() -> Response:
        return Response(generate_latest(registry()), content_type=CONTENT_TYPE_LATEST)

    return routes


def registry() -> CollectorRegistry:
    """Give the registry to read: that of this process, or the sum over all of them."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return REGISTRY
    total = CollectorRegistry()
    multiprocess.MultiProcessCollector(total)  # type: ignore[no-untyped-call]
    return total

"""Metrics. Labels come from the routes and a closed list, never from what a client sent.

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
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 3, 4, 5, 7.5, 10)

REQUESTS = Counter("monolith_requests", "Requests answered.", ["route", "method", "code"])
DURATION = Histogram(
    "monolith_request_duration_seconds", "Time to answer.", ["route"], buckets=SECONDS
)
SEARCHES = Gauge("monolith_wod_searches", "WOD searches running now.", multiprocess_mode="livesum")
SEARCHED = Histogram("monolith_wod_search_seconds", "Time of one WOD search.", buckets=SECONDS)
REFUSED = Counter("monolith_refused", "Requests refused because there were too many.", ["what"])
for _what in ("wod", "login", "tries"):
    REFUSED.labels(_what)  # a series that alerts use exists from the start


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

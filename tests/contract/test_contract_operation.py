"""What an operator may expect of both services: health, metrics, logs."""

import json

import httpx
import pytest

from tests.contract.conftest import Bearer
from tests.services import Service


def test_health_needs_no_token(service: Service) -> None:
    """It says ok."""
    answer = httpx.get(f"{service.url}/health")
    assert (answer.status_code, answer.json()["status"]) == (200, "ok")


def test_metrics_count_requests_by_route_and_class(service: Service) -> None:
    """A path that does not exist makes no series of its own."""
    before = requests_counted(service)
    httpx.get(f"{service.url}/no/such/path")
    text = httpx.get(f"{service.url}/metrics").text
    assert "/no/such/path" not in text
    assert requests_counted(service) >= before + 1
    assert "_created" not in text


def requests_counted(service: Service) -> float:
    """Give how many requests without a route were told 4xx."""
    labels = 'code="4xx",method="GET",route="none"'
    wanted = f"{service.name}_requests_total{{{labels}}} "
    lines = httpx.get(f"{service.url}/metrics").text.splitlines()
    return next((float(line.removeprefix(wanted)) for line in lines if line.startswith(wanted)), 0)


def test_a_sane_request_id_comes_back_and_is_logged(service: Service) -> None:
    """With method, path and status, as JSON."""
    given = f"test-{service.name}-1"
    answer = httpx.get(f"{service.url}/health?secret=1", headers={"X-Request-ID": given})
    assert answer.headers["X-Request-ID"] == given
    [line] = [line for line in log_lines(service) if line.get("request_id") == given]
    assert (line["method"], line["path"], line["status"]) == ("GET", "/health", 200)


@pytest.mark.parametrize("given", ["x" * 129, "a b", "a\tb", "\u00e9".encode(), ""])
def test_another_request_id_is_replaced(service: Service, given: str | bytes) -> None:
    """It could not stand in a log or a header."""
    answer = httpx.get(f"{service.url}/health", headers={"X-Request-ID": given})
    assert len(answer.headers["X-Request-ID"]) == 32


def test_no_token_is_ever_logged(service: Service, bearer: Bearer) -> None:
    """Neither a good one nor a bad one, nor the query string."""
    bad = bearer(iss="nobody")
    httpx.get(f"{service.url}/fitness/wod?access_token=visible", headers=bad)
    log_lines(service)
    text = service.log.read_text()
    assert "eyJ" not in text
    assert "visible" not in text


def log_lines(service: Service) -> list[dict]:
    """Give the log; every line of it must be JSON."""
    return [json.loads(line) for line in service.log.read_text().splitlines()]

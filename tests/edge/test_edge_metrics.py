"""What Prometheus is told: names, labels, and series that are there before anything happens."""

import pytest

from router import __version__
from router.core.fates import Fate
from router.core.model import Cause
from router.core.outcome import OUTCOME_LABELS
from router.core.record import Record
from router.edge.metrics import Metrics, total
from tests.edge.conftest import Open
from tests.edge.requests import request
from tests.edge.scripts import hang

LABELS = {
    "strangler_requests_total": {"route", "cohort", "served", "fate", "code"},
    "strangler_request_duration_seconds_bucket": {"route", "served", "le"},
    "strangler_attempts_total": {"route", "upstream", "outcome"},
    "strangler_attempt_duration_seconds_bucket": {"route", "upstream", "le"},
    "strangler_fallbacks_total": {"route", "cause", "result"},
    "strangler_fallbacks_refused_total": {"route", "why"},
    "strangler_percent": {"route"},
    "strangler_inflight": {"upstream"},
    "strangler_auth_refusals_total": {"reason"},
    "strangler_config_reload_success": set(),
    "strangler_config_reload_timestamp_seconds": set(),
    "strangler_config_info": {"hash"},
    "strangler_build_info": {"version"},
    "strangler_loop_lag_seconds": set(),
}


async def test_names_and_labels_are_those_of_the_contract(stage: Open) -> None:
    """Rules and boards are written against them."""
    one = await stage([hang()])
    await one.ask(request())
    await one.quiet()
    one.metrics.watch_inflight("coach", lambda: 3)
    found: dict[str, set[str]] = {}
    for family in one.metrics.registry.collect():
        for sample in family.samples:
            found.setdefault(sample.name, set(sample.labels))
    assert {name: found.get(name) for name in LABELS} == LABELS
    assert all(name.startswith("strangler_") for name in found)
    assert not [name for name in found if name.endswith("_created")]
    assert one.total("inflight", upstream="coach") == 3
    assert one.total("build_info", version=__version__) == 1


async def test_series_are_there_before_the_first_request(stage: Open) -> None:
    """A rate over a series that appears with its first failure would miss that failure."""
    one = await stage()
    text = one.metrics.expose().decode()
    for outcome in OUTCOME_LABELS:
        labels = f'outcome="{outcome}",route="wod",upstream="coach"'
        assert f"strangler_attempts_total{{{labels}}} 0.0" in text
    for cause in Cause:
        labels = f'cause="{cause}",result="rescued",route="wod"'
        assert f"strangler_fallbacks_total{{{labels}}} 0.0" in text
    assert 'strangler_auth_refusals_total{reason="expired"} 0.0' in text
    assert 'strangler_percent{route="wod"} 100.0' in text
    assert 'strangler_percent{route="default"}' not in text


def test_buckets_begin_at_half_a_millisecond() -> None:
    """What the router adds is to be seen, not only what coach takes."""
    metrics = Metrics()
    metrics.record(Record("id", "", "GET", 0.0, fate=Fate.OK, status=200, seconds=0.0004))
    name = "strangler_request_duration_seconds_bucket"
    assert total(metrics, name, le="0.0005") == 1


def test_an_exchange_without_a_fate_is_our_own_error() -> None:
    """It should not be, and is not hidden either."""
    metrics = Metrics()
    metrics.record(Record("id", "", "GET", 0.0))
    assert total(metrics, "strangler_requests_total", fate="internal_error", code="none") == 1


async def test_a_reload_is_shown(stage: Open) -> None:
    """The percentage that is in force, the file's hash, and when."""
    one = await stage()
    one.metrics.accepted(one.snapshot, 1234.5)
    assert one.total("config_info", hash="hash") == 1
    assert one.total("config_reload_timestamp_seconds") == 1234.5
    assert one.total("config_reload_success") == 1


@pytest.mark.parametrize("odd", ["/users/1", "bucket 77", "eyJhbGciOi"])
async def test_labels_never_hold_what_a_client_sent(stage: Open, odd: str) -> None:
    """They come from the configuration, so that their number is bounded."""
    one = await stage()
    fields = (f"X-Request-ID: {odd.replace(' ', '-')}", f"X-Odd: {odd}")
    await one.ask(request("GET", "/" + odd.replace(" ", "-"), *fields))
    await one.quiet()
    assert odd.replace(" ", "-") not in one.metrics.expose().decode()

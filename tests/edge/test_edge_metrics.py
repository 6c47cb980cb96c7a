"""What Prometheus is told: names, labels, and series that are there before anything happens."""

import re

import pytest

from router import __version__
from router.core.fates import Fate
from router.core.model import BreakerRules, BudgetRules, Cause
from router.core.outcome import OUTCOME_LABELS
from router.edge.exposing import Collected, expose, total
from router.edge.metrics import Metrics
from tests.edge.conftest import Open
from tests.edge.requests import post, request
from tests.edge.scripts import die_in_mid_body, hang, ok, refuse, reset_before_byte, status
from tests.edge.upstreams import Step
from tests.stories import story

LABELS = {
    "strangler_requests_total": {"route", "cohort", "served", "fate", "code"},
    "strangler_request_duration_seconds_bucket": {"route", "served", "le"},
    "strangler_attempts_total": {"route", "upstream", "outcome"},
    "strangler_attempt_duration_seconds_bucket": {"route", "upstream", "le"},
    "strangler_fallbacks_total": {"route", "cause", "result"},
    "strangler_fallbacks_refused_total": {"route", "why"},
    "strangler_breaker_state": {"route", "state"},
    "strangler_fallback_budget": {"route"},
    "strangler_fallbacks_under_way": {"route"},
    "strangler_compare_total": {"route", "verdict"},
    "strangler_late_answers_total": {"route", "verdict"},
    "strangler_percent": {"route"},
    "strangler_timeout_seconds": {"route", "upstream"},
    "strangler_deadline_seconds": {"route"},
    "strangler_inflight": {"upstream"},
    "strangler_queued": {"upstream"},
    "strangler_auth_refusals_total": {"reason"},
    "strangler_config_reload_success": set(),
    "strangler_config_reload_timestamp_seconds": set(),
    "strangler_config_info": {"hash"},
    "strangler_build_info": {"version"},
    "strangler_client_connections": set(),
    "strangler_tasks": set(),
    "strangler_loop_lag_seconds": set(),
}


async def test_names_and_labels_are_those_of_the_contract(stage: Open) -> None:
    """Rules and boards are written against them."""
    guarded = {"breaker": BreakerRules(), "budget": BudgetRules()}
    one = await stage([hang()], route=guarded)
    await one.ask(request())
    await one.quiet()
    one.metrics.watch_upstream("coach", lambda: 3, lambda: 2)
    one.metrics.watch_process(lambda: 7, lambda: 5)
    found: dict[str, set[str]] = {}
    for family in Collected(one.metrics.totals()).collect():
        for sample in family.samples:
            found.setdefault(sample.name, set(sample.labels))
    assert {name: found.get(name) for name in LABELS} == LABELS
    assert all(name.startswith("strangler_") for name in found)
    assert not [name for name in found if name.endswith("_created")]
    assert one.total("inflight", upstream="coach") == 3
    assert one.total("queued", upstream="coach") == 2
    assert (one.total("client_connections"), one.total("tasks")) == (7, 5)
    assert one.total("build_info", version=__version__) == 1


SPOILT = {
    "rescued": ([hang()], [ok()], request()),
    "fail_both": ([refuse()], [refuse()], request()),
    "fail_both, answered": ([refuse()], [status(500)], request()),
    "fail_not_eligible": ([reset_before_byte()], [ok()], post()),
    "fail_not_eligible, answered": ([status(500)], [ok()], post()),
    "fail_after_commit": ([die_in_mid_body()], [ok()], post()),
    "upstream_error": ([ok()], [refuse()], request(path="/elsewhere")),
    "upstream_error, answered": ([ok()], [status(500)], request(path="/elsewhere")),
}


@pytest.mark.parametrize(("coach", "monolith", "sent"), SPOILT.values(), ids=SPOILT.keys())
async def test_every_failure_has_its_series_before_it_happens(
    stage: Open, coach: list[Step], monolith: list[Step], sent: bytes
) -> None:
    """A rate over a series that appears with its first failure would miss that failure."""
    one = await stage(coach, monolith)
    before = samples(one.metrics)
    await one.ask(sent)
    await one.quiet()
    after = samples(one.metrics)
    assert sum(after.values()) == 1
    assert after.keys() == before.keys()


def samples(metrics: Metrics) -> dict[str, float]:
    """The series of `requests_total`, by their labels."""
    return {
        str(sorted(sample.labels.items())): sample.value
        for family in Collected(metrics.totals()).collect()
        for sample in family.samples
        if sample.name == "strangler_requests_total"
    }


async def test_series_are_there_before_the_first_request(stage: Open) -> None:
    """A rate over a series that appears with its first failure would miss that failure."""
    one = await stage()
    text = expose(one.metrics.totals()).decode()
    for outcome in OUTCOME_LABELS:
        labels = f'outcome="{outcome}",route="wod",upstream="coach"'
        assert f"strangler_attempts_total{{{labels}}} 0.0" in text
    for cause in Cause:
        labels = f'cause="{cause}",result="rescued",route="wod"'
        assert f"strangler_fallbacks_total{{{labels}}} 0.0" in text
    for told in (
        'candidate",fate="rescued",route="wod",served="monolith"',
        'candidate",fate="fail_both",route="wod",served="none"',
        'candidate",fate="fail_after_commit",route="wod",served="coach"',
        'legacy",fate="upstream_error",route="wod",served="none"',
        'none",fate="ok",route="default",served="monolith"',
        'none",fate="auth_refused",route="wod",served="none"',
        'none",fate="internal_error",route="default",served="none"',
        'candidate",fate="internal_error",route="wod",served="none"',
        'candidate",fate="shed",route="wod",served="none"',
        'candidate",fate="shed",route="wod",served="coach"',
        'legacy",fate="shed",route="wod",served="none"',
        'none",fate="shed",route="wod",served="none"',
        'none",fate="shed",route="default",served="none"',
        'none",fate="shed",route="none",served="none"',
    ):
        assert re.search(rf'code="[245]xx",cohort="{re.escape(told)}}} 0\.0', text), told
    assert 'strangler_auth_refusals_total{reason="expired"} 0.0' in text
    assert 'strangler_percent{route="wod"} 100.0' in text
    assert 'strangler_percent{route="default"}' not in text


def test_buckets_begin_at_half_a_millisecond() -> None:
    """What the router adds is to be seen, not only what coach takes."""
    metrics = Metrics()
    metrics.record(story(fate=Fate.OK, status=200, seconds=0.0004))
    name = "strangler_request_duration_seconds_bucket"
    assert total(metrics.totals(), name, le="0.0005") == 1


def test_an_exchange_without_a_fate_is_our_own_error() -> None:
    """It should not be, and is not hidden either."""
    metrics = Metrics()
    metrics.record(story())
    told = {"fate": "internal_error", "code": "none"}
    assert total(metrics.totals(), "strangler_requests_total", **told) == 1


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
    assert odd.replace(" ", "-") not in expose(one.metrics.totals()).decode()

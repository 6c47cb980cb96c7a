"""The rules: valid, each alert fires and clears, and reads only what the router really says."""

import re
from pathlib import Path

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from dev import board
from dev.places import free_ports
from dev.stack import Stack
from router.core.fates import Fate
from router.core.model import Cohort
from tests.alerts.rules import (
    PROMETHEUS,
    RULES,
    SCENARIOS,
    alerts,
    expressions,
    fates_in,
    groups,
    labels_in,
    needs_promtool,
    promtool,
    recorded_in,
    scenarios,
    series_in,
)
from tests.edge.test_edge_metrics import LABELS

PROMETHEUS_ADDS = {"job", "instance"}


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The /metrics of a real router that nobody has asked yet."""
    monolith, coach = free_ports(2)
    folder = tmp_path_factory.mktemp("router")
    stack = Stack(folder, upstreams={"monolith": monolith, "coach": coach}, keys="RS256")
    try:
        stack.start("router")
        return stack.page("/metrics")
    finally:
        stack.stop()


@pytest.fixture(scope="module")
def said(told: str) -> dict[str, set[str]]:
    """The labels of each of its series."""
    found: dict[str, set[str]] = {}
    for family in text_string_to_metric_families(told):
        for sample in family.samples:
            found.setdefault(sample.name, set()).update(sample.labels)
    # A histogram has no bucket before its first observation; its family is told all the same.
    for name in re.findall(r"^# TYPE (\w+) histogram$", told, re.MULTILINE):
        found.setdefault(f"{name}_bucket", LABELS[f"{name}_bucket"])
    return found


@needs_promtool
def test_rules_and_scrape_configuration_are_valid() -> None:
    """As `promtool` judges them before Prometheus would refuse to start."""
    promtool("check", "rules", *map(str, RULES))
    promtool("check", "config", str(PROMETHEUS / "prometheus.yml"))


@needs_promtool
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda path: path.stem)
def test_alerts_fire_and_clear(scenario: Path, tmp_path: Path) -> None:
    """Without the annotations: promtool would want their whole text repeated in each case."""
    names = []
    for path in RULES:
        rules = yaml.safe_load(path.read_text("utf-8"))
        for group in rules["groups"]:
            for rule in group["rules"]:
                rule.pop("annotations", None)
        (tmp_path / path.name).write_text(yaml.safe_dump(rules), "utf-8")
        names.append(path.name)
    tests = yaml.safe_load(scenario.read_text("utf-8"))
    tests |= {"rule_files": names, "evaluation_interval": "1m"}
    (tmp_path / "test.yml").write_text(yaml.safe_dump(tests), "utf-8")
    promtool("test", "rules", str(tmp_path / "test.yml"))


def test_each_alert_is_seen_firing_clearing_and_silent() -> None:
    """An alert that no scenario fires might never fire; one that none clears might never clear."""
    fires: set[str] = set()
    clears: set[str] = set()
    silent: set[str] = set()
    for file, test in scenarios():
        firing: set[str] = set()
        for case in test["alert_rule_test"]:
            name = case["alertname"]
            if case.get("exp_alerts"):
                firing.add(name)
            elif name in firing:
                clears.add(name)
            elif file == "healthy":
                silent.add(name)
        fires |= firing
    assert fires == clears == silent == set(alerts())


def test_each_alert_tells_what_to_do() -> None:
    """Severity, a summary, a description, and the section of the operator's guide."""
    for name, rule in alerts().items():
        assert rule["labels"]["severity"] in {"page", "ticket"}, name
        notes = rule["annotations"]
        assert set(notes) == {"summary", "description", "runbook"}, name
        assert notes["runbook"] == f"docs/operating.md#{name.lower()}"


@pytest.mark.parametrize("expression", [*expressions(), *board.expressions()])
def test_what_is_read_is_there_from_the_start(expression: str, said: dict[str, set[str]]) -> None:
    """Series and labels, as the real router shows them before its first request."""
    names = series_in(expression)
    assert names <= set(said)
    told = set().union(*(said[name] for name in names)) | PROMETHEUS_ADDS
    if names:
        assert labels_in(expression) <= told


def test_counted_fates_are_there_at_0(told: str) -> None:
    """`increase` does not see a series that begins at 1, so the first fault would be missed."""
    read = {fate for expression in expressions() for fate in fates_in(expression)}
    at_0 = set(
        re.findall(r'^strangler_requests_total\{.*fate="(\w+)",route="wod".*\} 0\.0$', told, re.M)
    )
    assert read - at_0 == set(), "each begins at 0"


def test_recorded_series_are_recorded() -> None:
    """An alert on a name that no rule records would be silent forever."""
    made = {rule["record"] for group in groups() for rule in group["rules"] if "record" in rule}
    read = {name for expression in expressions() for name in recorded_in(expression)}
    assert read
    assert read <= made


@pytest.mark.parametrize("expression", [*expressions(), *board.expressions()])
def test_fates_and_cohorts_are_spelled_as_the_router_spells_them(expression: str) -> None:
    """A misspelt fate would select nothing, and say so to nobody."""
    assert fates_in(expression) <= set(Fate)
    for values in re.findall(r'cohort=~?"([^"]+)"', expression):
        assert set(values.split("|")) <= set(Cohort)

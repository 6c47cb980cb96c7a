"""The shipped rules, and what promtool says of them."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from dev.plan import ROOT

PROMETHEUS = ROOT / "config" / "prometheus"
RULES = sorted((PROMETHEUS / "rules").glob("*.yml"))
SCENARIOS = sorted(Path(__file__).parent.glob("*.yml"))
PROMTOOL = shutil.which("promtool")

needs_promtool = pytest.mark.skipif(
    PROMTOOL is None, reason="promtool is not here; on Debian it is in the package prometheus"
)


def promtool(*arguments: str) -> str:
    """What promtool prints; fails with it where promtool is not content."""
    assert PROMTOOL is not None
    done = subprocess.run([PROMTOOL, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def groups() -> Iterator[dict[str, Any]]:
    """Every group of every rule file."""
    for path in RULES:
        yield from yaml.safe_load(path.read_text("utf-8"))["groups"]


def alerts() -> dict[str, dict[str, Any]]:
    """The alerts by name."""
    return {rule["alert"]: rule for group in groups() for rule in group["rules"] if "alert" in rule}


def expressions() -> list[str]:
    """Every expression that the rules evaluate."""
    return [rule["expr"] for group in groups() for rule in group["rules"]]


def scenarios() -> Iterator[tuple[str, dict[str, Any]]]:
    """File name and test, for each test of promtool's."""
    for path in SCENARIOS:
        for test in yaml.safe_load(path.read_text("utf-8"))["tests"]:
            yield path.stem, test


def series_in(expression: str) -> set[str]:
    """The router's own series that *expression* reads; recorded ones hold a colon."""
    return set(re.findall(r"(?<![\w:])strangler_\w+(?![\w:])", expression))


def fates_in(expression: str) -> set[str]:
    """The fates that *expression* selects."""
    selected = re.findall(r'fate=~?"([^"]+)"', expression)
    return {fate for fates in selected for fate in fates.split("|")}


def recorded_in(expression: str) -> set[str]:
    """The recorded series that *expression* reads."""
    return set(re.findall(r"\b\w+:strangler_\w+:\w+", expression))


def labels_in(expression: str) -> set[str]:
    """The labels that *expression* selects or groups by."""
    selected = re.findall(r"[{,]\s*(\w+)\s*(?:=~|!~|!=|=)", expression)
    grouped = re.findall(r"\b(?:by|on)\s*\(([^)]*)\)", expression)
    return {*selected, *(name.strip() for group in grouped for name in group.split(","))}

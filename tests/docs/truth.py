"""What there is: metrics, alerts, commands, files. Pages may name nothing else."""

import re
from argparse import _SubParsersAction
from pathlib import Path
from typing import Any

import yaml

import coach.metrics
import monolith.metrics
from dev.plan import ROOT
from router.cli import parser
from router.config.loading import load_file
from router.core.totals import Totals
from router.edge.exposing import expose
from router.edge.metrics import Metrics
from router.serve.gathering import OWN

FAMILY = re.compile(r"^# TYPE (\w+) (\w+)$", re.MULTILINE)
RULES = ROOT / "config" / "prometheus" / "rules"
TARGET = re.compile(r"^([a-z][a-z0-9 -]*):", re.MULTILINE)


def router_families() -> dict[str, str]:
    """The router's metrics as it exposes them, by name, with their kind."""
    metrics = Metrics()
    metrics.accepted(load_file(ROOT / "config" / "routes.yaml"), 0.0)
    totals = [*metrics.totals(), *(Totals(family, {}) for family in OWN)]
    return dict(FAMILY.findall(expose(totals).decode()))


def service_families() -> set[str]:
    """The metrics of monolith and coach."""
    found = set()
    for module in (monolith.metrics, coach.metrics):
        for family in module.REGISTRY.collect():
            found.add(f"{family.name}_total" if family.type == "counter" else family.name)
    return found


def series() -> set[str]:
    """Every name that a query may have."""
    parts = ("_bucket", "_sum", "_count")
    names = set(router_families()) | service_families()
    return names | {name + part for name in names for part in parts} | recorded()


def rules() -> list[dict[str, Any]]:
    """Every rule of config/prometheus, recording and alerting."""
    found: list[dict[str, Any]] = []
    for file in sorted(RULES.glob("*.y*ml")):
        for group in yaml.safe_load(file.read_text("utf-8"))["groups"]:
            found += group["rules"]
    return found


def recorded() -> set[str]:
    """The names of recorded series."""
    return {rule["record"] for rule in rules() if "record" in rule}


def alerts() -> dict[str, dict[str, Any]]:
    """The alerts by name."""
    return {rule["alert"]: rule for rule in rules() if "alert" in rule}


def make_targets() -> set[str]:
    """What `make` can be asked for."""
    lines = TARGET.findall((ROOT / "Makefile").read_text("utf-8"))
    return {name for line in lines for name in line.split()}


def is_made(path: str) -> bool:
    """Whether *path* is there only once a command has run: git is told to ignore it."""
    ignored = (ROOT / ".gitignore").read_text("utf-8").split()
    return path in ignored or f"/{path}" in ignored


def subcommands() -> set[str]:
    """What `strangler` can be asked for."""
    [commands] = (a for a in parser()._actions if isinstance(a, _SubParsersAction))
    return set(commands.choices)


def tests_in(path: Path) -> set[str]:
    """The tests of a file."""
    return set(re.findall(r"^(?:async )?def (test_\w+)", path.read_text("utf-8"), re.MULTILINE))


def is_read(variable: str) -> bool:
    """Whether any program reads *variable*; `X_FILE` is read where the secret X is."""
    return any(name in SOURCES for name in (variable, variable.removesuffix("_FILE")))


SOURCES = "\n".join(
    path.read_text("utf-8")
    for folder in ("router", "coach", "monolith", "dev", "load")
    for path in sorted((ROOT / folder).rglob("*.py"))
)

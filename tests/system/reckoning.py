"""Whether the fates sum to the requests received, by three counts that know nothing of each other.

The clients count what they sent, the router's `/metrics` the fates, its access log has a line each.
"""

import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from prometheus_client.parser import text_string_to_metric_families

from dev.stack import Stack
from router.core.fates import Fate

Fates = Counter[str]


def fates_in(page: str) -> Fates:
    """The fates in a page of /metrics, those of which there were any."""
    fates: Fates = Counter()
    for family in text_string_to_metric_families(page):
        for sample in family.samples:
            if sample.name == "strangler_requests_total" and sample.value:
                fates[sample.labels["fate"]] += int(sample.value)
    return fates


def access_log(stack: Stack) -> list[dict[str, Any]] | None:
    """The router's access log so far, those that were moved away included; None if it has none."""
    where = stack.environment.get("STRANGLER_ACCESS_LOG", "-")
    if where == "off":
        return None
    path = stack.log_file("router") if where == "-" else Path(where)
    return list(accesses(sorted(path.parent.glob(f"{path.name}*"))))


def accesses(logs: Iterable[Path]) -> Iterable[dict[str, Any]]:
    """The access lines of *logs*, in which there may be others."""
    for log in logs:
        for line in log.read_text("utf-8", "replace").splitlines():
            if line.startswith('{"time"'):
                told = json.loads(line)
                if told["log"] == "access":
                    yield told


def reckon(sent: int, told: Fates | None, logged: Fates | None) -> None:
    """Hold what was sent against what the router *told* and *logged*; None is not known."""
    for counted in (told, logged):
        assert counted is None or set(counted) <= set(Fate), counted
        assert counted is None or counted.total() == sent, f"{sent} requests were sent: {counted}"
    assert told is None or logged is None or told == logged

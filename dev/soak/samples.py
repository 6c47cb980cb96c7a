"""What is looked at again and again: memory, descriptors, what is under way, and fates so far."""

import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample as Series

from dev.bench.accounting import cpu_ns, family, memory
from dev.bench.memory import MIB
from dev.bench.subject import Subject
from dev.process import DIRECT

PREFIX = "strangler_"


@dataclass(frozen=True, slots=True)
class Sample:
    """The router, supervisor included, at one moment *at_s* after the start."""

    at_s: float
    memory_mib: float
    descriptors: int
    cpu_s: float
    under_way: int
    lag_ms: float
    died: int
    fates: Mapping[str, int]

    @property
    def requests(self) -> int:
        """All that had their fate."""
        return sum(self.fates.values())


def sampled(subject: Subject, began: float) -> Sample:
    """The router as it is now; *began* is the start on the monotonic clock."""
    pid = subject.running.pid
    page = Page(subject.setting.admin)
    return Sample(
        at_s=time.monotonic() - began,
        memory_mib=memory(pid).now / MIB,
        descriptors=sum(map(descriptors, family(pid))),
        cpu_s=cpu_ns(pid) / 1e9,
        under_way=int(page.total("inflight")),
        lag_ms=page.total("loop_lag_seconds") * 1000,
        died=int(page.total("worker_restarts_total")),
        fates=page.fates(),
    )


def descriptors(pid: int) -> int:
    """Files and sockets that a process has open."""
    with suppress(OSError):
        return len(list(Path(f"/proc/{pid}/fd").iterdir()))
    return 0


class Page:
    """The metrics as the admin port shows them."""

    def __init__(self, admin: int) -> None:
        with DIRECT.open(f"http://127.0.0.1:{admin}/metrics", timeout=10.0) as answer:
            self._text = answer.read().decode()

    def total(self, name: str) -> float:
        """The sum of all series of a name."""
        return sum(one.value for one in self._series(name))

    def fates(self) -> Counter[str]:
        """How many requests had which."""
        found: Counter[str] = Counter()
        for one in self._series("requests_total"):
            found[one.labels["fate"]] += int(one.value)
        return found

    def _series(self, name: str) -> Iterator[Series]:
        for of_name in text_string_to_metric_families(self._text):
            yield from (one for one in of_name.samples if one.name == PREFIX + name)

"""What is left over at the end: attempts, tasks, descriptors, memory, complaints in the log."""

from dataclasses import dataclass

from dev.bench.accounting import shared
from dev.chaos.rescue.scene import Scene
from dev.chaos.rescue.words import IDLE_S
from dev.soak.samples import descriptors

MIB = 1024 * 1024
MOST_MIB = 6.0
"""What a worker may have grown by since it was new: caches fill, and allocators keep what they
have had. One that kept 100 KiB for each of its thousands of exchanges would be far beyond."""
COMPLAINTS = ("Traceback", "internal error", "never retrieved", "was destroyed", "never awaited")


@dataclass(frozen=True, slots=True)
class Held:
    """What the workers hold: of each, by the one that holds most."""

    workers: int
    descriptors: int
    mib: float
    under_way: float
    tasks: float
    requests: int

    def __str__(self) -> str:
        return (
            f"{self.workers} workers; the fullest has {self.descriptors} descriptors and "
            f"{self.mib:.1f} MiB; {self.under_way:g} attempts under way; {self.tasks:g} tasks"
        )


def held(scene: Scene) -> Held:
    """What is held now."""
    pids = scene.workers()
    return Held(
        workers=len(pids),
        descriptors=max(map(descriptors, pids)),
        mib=max(map(shared, pids)) / MIB,
        under_way=scene.stack.total("inflight"),
        tasks=scene.stack.total("tasks"),
        requests=int(scene.stack.total("requests_total")),
    )


REST_S = 4 * IDLE_S + 10.0


def too_much(before: Held, after: Held) -> list[str]:
    """What is left over, in words."""
    wrong = []
    if after.workers != before.workers:
        wrong.append(f"{after.workers} workers, not {before.workers}")
    if after.under_way:
        wrong.append(f"{after.under_way:g} attempts are still under way")
    if after.tasks > before.tasks:
        wrong.append(f"{after.tasks:g} tasks, {before.tasks:g} before")
    if after.descriptors > before.descriptors:
        wrong.append(f"{after.descriptors} descriptors, {before.descriptors} before")
    if after.mib > before.mib + MOST_MIB:
        wrong.append(f"{after.mib:.1f} MiB, {before.mib:.1f} before")
    return wrong


def complaints(log: str) -> list[str]:
    """Lines of the router's own log that tell of an error within."""
    lines = log.splitlines()
    return [line[:300] for line in lines if any(word in line for word in COMPLAINTS)]

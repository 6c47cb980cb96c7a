"""How many workers a machine can keep busy."""

import math
import os
from pathlib import Path

QUOTA = Path("/sys/fs/cgroup/cpu.max")


def processors() -> int:
    """The processors that this process may use: its affinity, and a container's share of time."""
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    try:
        quota = QUOTA.read_text("ascii")
    except OSError:
        quota = "max"
    return fitting(allowed or 1, quota)


def fitting(allowed: int, quota: str) -> int:
    """How many of *allowed* processors the *quota* of a cgroup (`MICROSECONDS PERIOD`) is for."""
    most, _, period = quota.strip().partition(" ")
    if not (most.isdigit() and period.isdigit() and int(period)):
        return allowed
    return max(1, min(allowed, math.ceil(int(most) / int(period))))

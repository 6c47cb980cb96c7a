"""What a peer holds in memory: idle, and for each client that is connected and idle."""

import time

from dev.bench.accounting import family, memory, shared
from dev.bench.crowd import crowd
from dev.bench.subject import Subject

CLIENTS = 8000
MIB = 1024 * 1024
SETTLED_S = 1.0
"""After which buffers of answers that were sent have been given back."""


def held(subject: Subject) -> dict[str, float]:
    """MiB idle, of all processes and of the largest, which is a worker; KiB a connection."""
    pid = subject.running.pid
    idle, worker = memory(pid).now, max(map(shared, family(pid)))
    with crowd(subject.setting.port, CLIENTS):
        time.sleep(SETTLED_S)
        crowded = memory(pid).now
    return {
        "idle": idle / MIB,
        "idle-worker": worker / MIB,
        "a-client": (crowded - idle) / 1024 / CLIENTS,
    }

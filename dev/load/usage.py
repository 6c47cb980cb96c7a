"""CPU time of a program and all it started, from /proc: searches of the monolith too."""

import os
from collections.abc import Mapping
from pathlib import Path

from dev.process import Process, descendants

TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")


def cpu_s(pid: int) -> float:
    """Seconds so far, of those who live and of those they buried; 0 where there is no /proc."""
    return sum(map(cpu_of, (pid, *descendants(pid))))


def cpu_of(pid: int) -> float:
    """Of one process and its dead children."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace")
    except OSError:
        return 0.0
    return ticks(stat) / TICKS_A_SECOND


def ticks(stat: str) -> int:
    """The sum of utime, stime, cutime and cstime in a line of /proc/PID/stat (proc(5), 14 to 17).

    The second field is a name in brackets that may hold spaces and brackets.
    """
    fields = stat.rpartition(")")[2].split()
    return sum(map(int, fields[11:15]))


def of_all(processes: Mapping[str, Process]) -> dict[str, float]:
    """Each program's, in seconds."""
    return {name: cpu_s(process.pid) for name, process in processes.items()}

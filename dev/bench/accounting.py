"""What a program has cost so far, with all it started, by the kernel's accounts in /proc."""

import contextlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from dev.load.usage import TICKS_A_SECOND
from dev.process import descendants

PROC = Path("/proc")


def family(pid: int) -> list[int]:
    """The process and all that it and its children started."""
    return [pid, *descendants(pid)]


def cpu_ns(pid: int) -> int:
    """CPU time so far: of every living thread in ns, of dead children in ticks."""
    return sum(living_ns(one) + dead_ns(one) for one in family(pid))


def living_ns(pid: int) -> int:
    """The time on the CPU of each thread: the first number of schedstat, in ns."""
    found = 0
    for file in (PROC / str(pid) / "task").glob("*/schedstat"):
        with contextlib.suppress(OSError):
            found += int(file.read_text("ascii").split()[0])
    return found


def dead_ns(pid: int) -> int:
    """cutime and cstime (proc(5), fields 16 and 17): of the children that were waited for."""
    with contextlib.suppress(OSError):
        stat = (PROC / str(pid) / "stat").read_text("utf-8", "replace")
        fields = stat.rpartition(")")[2].split()
        return (int(fields[13]) + int(fields[14])) * 10**9 // TICKS_A_SECOND
    return 0


@dataclass(frozen=True, slots=True)
class Memory:
    """Bytes in memory now, shared pages divided among who shares them; and the most there were."""

    now: int
    peak: int


def memory(pid: int) -> Memory:
    """Of the whole family."""
    members = family(pid)
    peak = sum(kib(PROC / str(one) / "status", ["VmHWM"]) for one in members)
    return Memory(sum(map(shared, members)), peak * 1024)


def shared(pid: int) -> int:
    """Bytes of one process, shared pages divided among who shares them."""
    return 1024 * kib(PROC / str(pid) / "smaps_rollup", ["Pss"])


def kib(file: Path, names: Iterable[str]) -> int:
    """The sum of the named lines of a file in /proc that counts kB; 0 if it has gone."""
    with contextlib.suppress(OSError):
        return sum(number for name, number in lines(file) if name in names)
    return 0


def lines(file: Path) -> Iterator[tuple[str, int]]:
    """`Name: 123 kB`, as pairs."""
    for line in file.read_text("ascii", "replace").splitlines():
        name, _, rest = line.partition(":")
        if rest.endswith(" kB"):
            yield name, int(rest.split()[0])


def forget_peaks(pid: int) -> None:
    """Let peaks be counted from now on (proc(5), clear_refs: 5 resets VmHWM)."""
    for one in family(pid):
        with contextlib.suppress(OSError):
            (PROC / str(one) / "clear_refs").write_text("5", "ascii")

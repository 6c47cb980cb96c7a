"""1 GiB down and up through a peer: how quick, how much CPU, and how much memory at most."""

import subprocess

from dev.bench.accounting import cpu_ns, forget_peaks, memory
from dev.bench.memory import MIB
from dev.bench.running import NoBench
from dev.bench.subject import Subject
from dev.bench.upstream import BIG

CURL = ("curl", "--silent", "--show-error", "--output", "/dev/null")
FOUND = ("--write-out", "%{http_code} %{size_download} %{size_upload} %{time_total}")


def streamed(subject: Subject) -> dict[str, float]:
    """Both ways."""
    url = f"http://127.0.0.1:{subject.setting.port}"
    big = subject.big
    return {
        **one_way(subject, "down", [f"{url}/big"]),
        **one_way(subject, "up", ["--upload-file", str(big), "--header", "Expect:", f"{url}/sink"]),
    }


def one_way(subject: Subject, way: str, arguments: list[str]) -> dict[str, float]:
    """MiB a second, CPU ms, the most MiB in memory, and how much more that was than before."""
    pid = subject.running.pid
    forget_peaks(pid)
    before, lean = cpu_ns(pid), memory(pid).peak
    took_s = carried(arguments, way)
    used = cpu_ns(pid) - before
    peak = memory(pid).peak
    return {
        f"{way}-speed": BIG / MIB / took_s,
        f"{way}-cpu": used / 1e6,
        f"{way}-peak": peak / MIB,
        f"{way}-gain": (peak - lean) / MIB,
    }


def carried(arguments: list[str], way: str) -> float:
    """Seconds that curl took; every byte must have passed."""
    done = subprocess.run(
        [*CURL, *FOUND, *arguments], capture_output=True, text=True, check=False, timeout=120
    )
    status, down, up, took_s = [*done.stdout.split(), "", "", "", ""][:4]
    passed = down if way == "down" else up
    if done.returncode != 0 or status != "200" or passed != str(BIG):
        raise NoBench(f"{BIG} bytes {way}: {done.stdout} {done.stderr}")
    return float(took_s)

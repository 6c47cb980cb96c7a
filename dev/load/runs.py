"""One run: Locust or k6 as a process, on a stack that is up."""

import json
import os
import resource
import subprocess
import sys
from pathlib import Path

from dev.load.column import Column
from dev.load.usage import of_all
from dev.plan import ROOT
from dev.process import descendants
from dev.secret import keep
from dev.stack import Stack, eventually
from load.people import names
from load.tally import Tally
from load.wishes import Wishes

REPORTS = ROOT / "load" / "reports"
LAST_ANSWERS_S = 15
LONGER_S = 90.0
"""How much longer than asked for a run may take before it is ended."""
IDLE_S = 60.0


class NoRun(Exception):
    """The users could not be set on the stack; the message says what to mend."""


def column(stack: Stack, wishes: Wishes, percent: float) -> Column:
    """Run Locust at *percent*; reports go to `load/reports/`."""
    summary = prepared(stack, percent) / f"{percent:g}.json"
    summary.unlink(missing_ok=True)
    before, users = of_all(stack.processes), children_s()
    prefix = str(REPORTS / f"{percent:g}")
    run(
        stack,
        wishes,
        percent,
        [
            *(sys.executable, "-m", "locust", "-f", "load/locustfile.py", "--headless"),
            *("--host", stack.url, "--only-summary", "--stop-timeout", str(LAST_ANSWERS_S)),
            *("--csv", prefix, "--html", f"{prefix}.html", "--logfile", f"{prefix}.log"),
        ],
    )
    spent = {name: after - before[name] for name, after in of_all(stack.processes).items()}
    try:
        tally = Tally.read(summary)
    except (OSError, ValueError):
        raise NoRun(f"Locust left no summary; its log is {prefix}.log") from None
    return Column(percent, tally, {**spent, "users": children_s() - users})


def k6(stack: Stack, wishes: Wishes, percent: float) -> int:
    """Run k6 at *percent*; its exit code (99: a threshold was crossed)."""
    prepared(stack, percent)
    program = Path(sys.executable).with_name("k6")
    command = [str(program), "run", "--no-usage-report", "--quiet", "load/k6.js"]
    return run(stack, wishes, percent, command, shown=True)


def prepared(stack: Stack, percent: float) -> Path:
    """Set the percentage once what an earlier run left has been worked off; the reports' folder."""
    monolith = stack.processes["monolith"].pid
    REPORTS.mkdir(parents=True, exist_ok=True)
    if not eventually(lambda: not searches(monolith), IDLE_S):
        raise NoRun("the monolith still computes workouts of an earlier run")
    stack.set("wod", percent)
    return REPORTS


def searches(monolith: int) -> list[int]:
    """The processes that compute workouts."""
    found = []
    for pid in descendants(monolith):
        line = Path(f"/proc/{pid}/cmdline")
        if line.exists() and b"monolith.search" in line.read_bytes():
            found.append(pid)
    return found


def run(
    stack: Stack, wishes: Wishes, percent: float, command: list[str], *, shown: bool = False
) -> int:
    """Run *command* with what `load.wishes` and `load.people` read; its exit code."""
    environment = os.environ | {
        "HOST": stack.url,
        "LOAD_USERS": str(wishes.users),
        "LOAD_SECONDS": f"{wishes.seconds:g}",
        "LOAD_SHAPE": wishes.shape,
        "LOAD_MIX": wishes.mix,
        "LOAD_THINK": "{:g}-{:g}".format(*wishes.think_s),
        "LOAD_PERCENT": f"{percent:g}",
        "LOAD_SUMMARY": str(REPORTS / f"{percent:g}.json"),
        "LOAD_TOKENS": str(tokens(stack, wishes.users)),
    }
    out = None if shown else subprocess.DEVNULL
    try:
        done = subprocess.run(
            command,
            cwd=ROOT,
            env=environment,
            check=False,
            stdout=out,
            stderr=out,
            timeout=wishes.seconds + LONGER_S,
        )
    except FileNotFoundError:
        raise NoRun(f"{command[0]} is not there; pip install -r requirements-load.lock") from None
    except subprocess.TimeoutExpired:
        raise NoRun(f"no end after {wishes.seconds + LONGER_S:g} s") from None
    return done.returncode


def tokens(stack: Stack, users: int) -> Path:
    """A file with a token for each user, which nobody else may read."""
    path = stack.folder / "tokens.json"
    keep(path, json.dumps({name: stack.token(name) for name in names(users)}))
    return path


def children_s() -> float:
    """CPU seconds of the programs that were run and have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime

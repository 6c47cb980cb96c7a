"""`make budget`: what each part of the data path costs a request, in instructions and in time.

Instructions need no quiet machine: but for the log's they are the same each time. Times are the
share of what an exchange takes by itself; what the kernel and the event loop add, `make bench`
shows.
"""

import argparse
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from dev.bench.alone import EXCHANGES
from dev.bench.installing import install, missing
from dev.bench.table import aligned
from dev.load.page import machine
from dev.plan import ROOT
from dev.screen import complain
from dev.sections import put

CHILD = (sys.executable, "-m", "dev.bench.alone")
LOG = "logs___AccessLog____run"
PARTS = {
    "read the request's head, which came before": "unread___Unread___head",
    "begin: ids, record": "serving___Exchange_____init__",
    "locate the route": "matching___Locator___locate",
    "identify: token, its digest, what is remembered": "asking___identify",
    "decide: pin, bucket, side": "deciding___decide",
    "make the head that goes upstream": "telling___head_upstream",
    "find a connection": "pool___Pool___at_once",
    "read the answer's head": "reader___AnswerReader____read_head",
    "commit: head and body in one write": "relay___commit",
    "metrics": "metrics___Metrics___record",
    "log line (in a thread of its own)": LOG,
}
WHOLE = ("connection___ClientConnection___data_received", LOG)
LINE = re.compile(r"^ *([0-9,]+) .*:CPyDef_(\w+)")


def main(arguments: Sequence[str]) -> int:
    """Count and print; the exit code."""
    made = argparse.ArgumentParser(prog="python -m dev.bench.budget")
    made.add_argument("--checkout", type=Path, default=ROOT / "build" / "compiled")
    made.add_argument("--write", type=Path, metavar="PAGE")
    asked = made.parse_args(arguments)
    checkout = asked.checkout.resolve()
    install(missing({"valgrind": "valgrind"}).values())
    counted = instructions(checkout)
    if WHOLE[0] not in counted:
        return complain(f"nothing compiled was run in {checkout}: `make compiled` first")
    if gone := PARTS.values() - counted.keys():
        return complain(f"no such function was run, name its heir in PARTS: {', '.join(gone)}")
    table = report(counted, microseconds(checkout))
    print(table)
    if asked.write is not None:
        write(asked.write, table)
    return 0


def instructions(checkout: Path) -> dict[str, int]:
    """Instructions of each compiled function and what it called, an exchange."""
    with tempfile.TemporaryDirectory() as folder:
        found = Path(folder) / "callgrind.out"
        valgrind = ["valgrind", "--tool=callgrind", "--instr-atstart=no"]
        command = [*valgrind, f"--callgrind-out-file={found}", *CHILD, "--counted"]
        subprocess.run(command, cwd=checkout, check=True, capture_output=True)
        told = subprocess.run(
            ["callgrind_annotate", "--inclusive=yes", "--threshold=100", str(found)],
            check=True,
            capture_output=True,
            text=True,
        ).stdout
    lines = [line for line in map(LINE.match, told.splitlines()) if line is not None]
    counted: dict[str, int] = {}
    for line in lines:
        counted.setdefault(line[2], int(line[1].replace(",", "")) // EXCHANGES)
    return counted


def microseconds(checkout: Path) -> float:
    """What an exchange takes by itself, but for its log line."""
    done = subprocess.run(CHILD, cwd=checkout, check=True, capture_output=True, text=True)
    return float(done.stdout)


def report(counted: dict[str, int], took_us: float) -> str:
    """The parts, the rest and the whole, each with its share of the time."""
    whole = sum(counted[name] for name in WHOLE)
    us_each = took_us / counted[WHOLE[0]]
    parts = {title: counted[name] for title, name in PARTS.items()}
    parts["the rest: attempt, judgement, fate, what is let go"] = whole - sum(parts.values())
    parts["an exchange"] = whole
    rows = [
        (title, f"{count:,}", f"{count / whole:.0%}", f"{count * us_each:.1f}")
        for title, count in parts.items()
    ]
    return aligned([("", "instructions", "share", "µs"), *rows])


def write(page: Path, table: str) -> None:
    """Put the section in place."""
    written = f"Written by `make budget WRITE={page}` on {datetime.now(UTC):%Y-%m-%d %H:%M} UTC."
    put(page, "budget", "\n\n".join(["## Part by part", f"{written} {machine()}", table, READING]))


READING = """### How to read the parts

- Instructions are callgrind's, of the compiled data path between two ends that are no sockets. They need no quiet machine, and are the same each time but for the log line, whose thread makes more or fewer at once. Microseconds are each part's share of what such an exchange takes by the clock on one core; the log line is made by a thread beside it. The kernel, the event loop and cold memory come on top: the difference to the CPU a request of the peers' table.
- No part is a timer: an exchange starts none. What has waited too long is looked for by one timer of its pool and one of all clients (`router/edge/upstream/pool.py`, `router/edge/front.py`).
- A head that did not come before is read by aiohttp's parser; that, and a token not seen before, are lines of the peers' table."""  # noqa: E501 - prose of a page, one line a paragraph


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

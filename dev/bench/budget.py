"""`make budget`: what each part of the data path costs a request, in instructions and in time.

Instructions need no quiet machine: they are the same each time. Times are the share of what an
exchange takes by itself; what the kernel and the event loop add, `make bench` shows.
"""

import argparse
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from dev.bench.alone import EXCHANGES
from dev.bench.installing import install, missing
from dev.bench.table import aligned
from dev.plan import ROOT
from dev.screen import complain

CHILD = (sys.executable, "-m", "dev.bench.alone")
PARTS = {
    "parse the request's head (aiohttp's parser)": "heads___HeadReader___read",
    "sort its fields": "headers___sort_out",
    "identify: token, its digest, what is remembered": "asking___identify",
    "decide: pin, bucket, side": "deciding___decide",
    "make the head that goes upstream": "serving___Exchange___forwarded",
    "read the answer's head": "answers___read_head",
    "commit: head and body in one write": "relay___commit",
    "metrics": "metrics___Metrics___record",
    "log line (in a thread of its own)": "logs___AccessLog____flush",
}
WHOLE = (
    "connection___ClientConnection___data_received",
    PARTS["log line (in a thread of its own)"],
)
LINE = re.compile(r"^ *([0-9,]+) .*:CPyDef_(\w+)")


def main(arguments: Sequence[str]) -> int:
    """Count and print; the exit code."""
    made = argparse.ArgumentParser(prog="python -m dev.bench.budget")
    made.add_argument("--checkout", type=Path, default=ROOT / "build" / "compiled")
    checkout = made.parse_args(arguments).checkout.resolve()
    install(missing({"valgrind": "valgrind"}).values())
    counted = instructions(checkout)
    if not counted.keys() >= {WHOLE[0]}:
        return complain(f"nothing compiled was run in {checkout}: `make compiled` first")
    print(report(counted, microseconds(checkout)))
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
    whole = sum(counted.get(name, 0) for name in WHOLE)
    us_each = took_us / counted[WHOLE[0]]
    parts = {title: counted.get(name, 0) for title, name in PARTS.items()}
    parts["the rest: connections, pool, attempt, judgement, fate"] = whole - sum(parts.values())
    parts["an exchange"] = whole
    rows = [
        (title, f"{count:,}", f"{count / whole:.0%}", f"{count * us_each:.1f}")
        for title, count in parts.items()
    ]
    return aligned([("", "instructions", "share", "µs"), *rows])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

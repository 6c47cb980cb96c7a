"""`make profile`: where the router's time goes under the bench's load, function by function."""

import argparse
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from dev.bench.answers import settled
from dev.bench.closed import warmed, wrk
from dev.bench.installing import LOCK, ready
from dev.bench.peers import BY_NAME
from dev.bench.running import NoBench, started
from dev.bench.targets import ROUTER
from dev.bench.tokens import written
from dev.bench.upstream import upstreams
from dev.plan import ROOT
from dev.screen import complain

FOLDED = ROOT / ".dev" / "profile.folded"
"""All stacks, as flamegraph.pl and speedscope.app read them."""
SAMPLES_A_SECOND = 500
LINES = 40


class Share(NamedTuple):
    """A function's share of the samples: with what it called, and by itself."""

    total: float
    own: float
    name: str


def main(arguments: Sequence[str]) -> int:
    """Profile; the exit code."""
    made = argparse.ArgumentParser(prog="python -m dev.bench.profiling")
    made.add_argument("--seconds", type=float, default=10.0, help="of load (10)")
    made.add_argument("--rate", default="90", choices=("0", "90", "100"), help="of seen tokens")
    made.add_argument("--checkout", type=Path, default=ROOT, help="whose router is profiled")
    options = made.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="strangler-bench-") as folder:
        try:
            record(Path(folder), options.checkout.resolve(), options.rate, options.seconds)
        except NoBench as error:
            return complain(str(error))
    print("  total    own")
    for share in shares(FOLDED.read_text("utf-8"))[:LINES]:
        print(f"{share.total:7.1%} {share.own:6.1%}  {share.name}")
    print(f"all stacks: {FOLDED}")
    return 0


def record(folder: Path, checkout: Path, rate: str, seconds: float) -> None:
    """Load the router, and have py-spy look at its main thread meanwhile."""
    spy = Path(sys.executable).with_name("py-spy")
    if not spy.exists():
        raise NoBench(f"py-spy is not there; pip install -r {LOCK}")
    [router] = ready([BY_NAME[ROUTER]])
    tokens = written(folder, seconds)
    FOLDED.parent.mkdir(exist_ok=True)
    with upstreams(folder) as places:
        setting = settled(folder / ROUTER, places, checkout)
        with started(router, setting) as running:
            warmed(running, tokens["100"])
            command = [
                *(str(spy), "record", "--pid", str(running.pid), "--format", "raw"),
                *("--rate", str(SAMPLES_A_SECOND), "--duration", str(round(seconds))),
                *("--output", str(FOLDED), "--nonblocking"),
            ]
            with subprocess.Popen(command, stdout=subprocess.DEVNULL) as spying:
                wrk(running.port, tokens[rate], seconds + 1)
    if spying.returncode != 0:
        raise NoBench("py-spy failed; looking into another process takes root on most machines")


def shares(folded: str) -> list[Share]:
    """Functions by their share, the largest first; a stack is `outer;inner COUNT`."""
    total: Counter[str] = Counter()
    own: Counter[str] = Counter()
    samples = 0
    for line in folded.splitlines():
        stack, _, count = line.rpartition(" ")
        names = [function_of(frame) for frame in stack.split(";")]
        samples += int(count)
        own[names[-1]] += int(count)
        total.update(dict.fromkeys(names, int(count)))
    return [Share(n / samples, own[name] / samples, name) for name, n in total.most_common()]


def function_of(frame: str) -> str:
    """`name (file:12)` without the line."""
    name, _, place = frame.rpartition(" (")
    return f"{name} ({place.partition(':')[0].rstrip(')')})" if name else frame


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

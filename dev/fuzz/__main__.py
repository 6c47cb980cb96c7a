"""`make fuzz`: every target for its share of the time; what reaches something new is kept."""

import argparse
import re
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from dev.fuzz import corpus
from dev.fuzz.reaching import all_steps, fewest
from dev.fuzz.targets import TARGETS, Check
from dev.plan import ROOT
from dev.screen import complain

SECONDS = 600.0
LONGEST = 4096
"""Bytes of an input."""
SLOWEST_S = 2
"""What one input may take, of which most takes microseconds: a regular expression that backtracks
without end shows here."""
EXECUTIONS = re.compile(r"^stat::number_of_executed_units: +(\d+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one target: the input that broke it, if one did."""

    name: str
    executions: int
    before: int
    after: int
    inputs: int
    broken: bytes | None


class NoFuzz(Exception):
    """libFuzzer did not run; the message is what it said."""


def main(arguments: Sequence[str]) -> int:
    """Fuzz; the exit code is 1 where something broke."""
    options = parser().parse_args(arguments)
    share = options.seconds / len(options.only)
    try:
        outcomes = [fuzz(name, share) for name in options.only]
    except NoFuzz as error:
        return complain(str(error))
    print(f"\n{'target':12} {'executions':>12} {'steps before':>13} {'after':>6} {'inputs':>7}")
    for one in outcomes:
        print(
            f"{one.name:12} {one.executions:12} {one.before:13} {one.after:6} {one.inputs:7}"
            f"  {'broken' if one.broken is not None else ''}"
        )
    return 1 if any(one.broken is not None for one in outcomes) else 0


def fuzz(name: str, seconds: float) -> Outcome:
    """One target for *seconds*; what it found is in the corpus, what broke it printed."""
    print(f"{name}: {seconds:.0f} s", flush=True)
    target = TARGETS[name]
    known = [*corpus.kept(name), *target.seeds]
    with tempfile.TemporaryDirectory(prefix="strangler-fuzz-") as folder:
        place = Path(folder)
        inputs = place / "inputs"
        inputs.mkdir()
        for data in known:
            (inputs / sha256(data).hexdigest()).write_bytes(data)
        said = run(name, inputs, place, seconds)
        broken = next((one.read_bytes() for one in place.glob("broken-*")), None)
        found = {one.read_bytes() for one in inputs.iterdir()}
    if broken is not None:
        complain(f"{name} broke on b'{corpus.encoded(broken)}'\n{why(target.check, broken)}")
    tried = executions(said)
    kept = fewest(target.check, found - {broken}, target.seeds)
    before = all_steps(target.check, known)
    corpus.keep(name, kept)
    return Outcome(name, tried, before, all_steps(target.check, kept), len(kept), broken)


def run(name: str, inputs: Path, place: Path, seconds: float) -> str:
    """Run libFuzzer in a process of its own; what it says."""
    command = [
        *(sys.executable, "-m", "dev.fuzz.one", name, str(inputs)),
        *(f"-max_total_time={seconds:.0f}", f"-max_len={LONGEST}", f"-timeout={SLOWEST_S}"),
        *(f"-dict={ROOT / 'dev' / 'fuzz' / 'http.dict'}", f"-artifact_prefix={place}/broken-"),
        "-print_final_stats=1",
    ]
    done = subprocess.run(
        command, cwd=ROOT, text=True, errors="replace", capture_output=True, check=False
    )
    return done.stdout + done.stderr


def why(check: Check, data: bytes) -> str:
    """What a check of *data* raises: in this process, so the last lines are of the check itself."""
    try:
        check(data)
    except Exception:  # noqa: BLE001 - whatever it is, it is what was looked for
        return traceback.format_exc(limit=-3)
    return f"it took more than {SLOWEST_S} s, or too much memory"


def executions(said: str) -> int:
    """How many inputs were tried, as libFuzzer says in its end."""
    found = EXECUTIONS.search(said)
    if found is None:
        raise NoFuzz(said[-2000:])
    return int(found[1])


def names(text: str) -> list[str]:
    """`requests,answers` as targets."""
    asked = text.split(",")
    for name in asked:
        if name not in TARGETS:
            raise argparse.ArgumentTypeError(f"{name!r} is none of {', '.join(TARGETS)}")
    return asked


def parser() -> argparse.ArgumentParser:
    """The options."""
    made = argparse.ArgumentParser(prog="python -m dev.fuzz", description="Any bytes.")
    made.add_argument("--seconds", type=float, default=SECONDS, help=f"in all ({SECONDS:g})")
    made.add_argument("--only", type=names, default=list(TARGETS), help="some of the targets")
    return made


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

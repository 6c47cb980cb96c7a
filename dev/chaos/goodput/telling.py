"""A run from its options to its exit code: played, printed, written, judged."""

import argparse
import tempfile
from dataclasses import replace
from pathlib import Path

from dev.chaos.goodput.judging import verdicts
from dev.chaos.goodput.network import NoNetwork
from dev.chaos.goodput.report import report, write
from dev.chaos.goodput.running import Phases, played
from dev.chaos.goodput.scene import PLACES, scene
from dev.chaos.goodput.seen import Run
from dev.process import NotReady
from dev.screen import complain


def run(options: argparse.Namespace) -> int:
    """As a part of `make chaos`: `options.seconds` is how long each fault lasts."""
    phases = Phases()
    if options.seconds is not None:
        phases = replace(phases, fault_s=options.seconds)
    return tried(phases, page=options.write)


def tried(
    phases: Phases, *, page: Path | None = None, rules: str = "", keep: Path | None = None
) -> int:
    """Play and tell; the exit code is 1 where a promise is broken."""
    with tempfile.TemporaryDirectory(prefix="strangler-chaos-") as folder:
        try:
            with scene(keep or Path(folder), rules) as one:
                seen = played(one, phases)
        except (NotReady, NoNetwork) as error:
            return complain(str(error))
        except KeyboardInterrupt:
            return complain("stopped") + 129
    print(f"\n{report(seen)}")
    if page is not None:
        write(page, seen, f"make chaos ONLY=goodput WRITE={page}", told(phases))
        print(f"written: {page}")
    return is_kept(seen)


def is_kept(seen: Run) -> int:
    """The exit code."""
    return 0 if all(one.is_kept for one in verdicts(seen)) else 1


def told(phases: Phases) -> str:
    """What was played."""
    low, high = phases.think_s
    return (
        f"{phases.users} users at 100 %, {low:g} to {high:g} s between their requests, and "
        f"{phases.native} of the monolith; each fault lasts {phases.fault_s:g} s, of which the "
        f"first {phases.settle_s:g} s are not judged for goodput, with {phases.rest_s:g} s between "
        f"them. The route's legacy is the monolith under a name of its own, with {PLACES} "
        "connections: those are what the router lets it compute or keep waiting at once."
    )

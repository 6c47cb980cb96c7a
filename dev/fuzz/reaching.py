"""What an input reaches in the router: steps from line to line, seen by the interpreter itself."""

import sys
from collections.abc import Iterable
from types import FrameType
from typing import Any

from dev.fuzz.corpus import in_order
from dev.fuzz.targets import Check
from dev.plan import ROOT

Step = tuple[str, int, int]
OURS = str(ROOT / "router")


def reached(check: Check, data: bytes) -> frozenset[Step]:
    """The steps that a check of *data* takes; it must pass."""
    steps: set[Step] = set()

    def enter(frame: FrameType, event: str, _: Any) -> Any:
        if not frame.f_code.co_filename.startswith(OURS):
            return None
        file, last = frame.f_code.co_filename, 0

        def step(frame: FrameType, event: str, _: Any) -> Any:
            nonlocal last
            if event == "line":
                steps.add((file, last, frame.f_lineno))
                last = frame.f_lineno
            return step

        return step

    before = sys.gettrace()
    sys.settrace(enter)
    try:
        check(data)
    finally:
        sys.settrace(before)
    return frozenset(steps)


def fewest(check: Check, inputs: Iterable[bytes], known: Iterable[bytes] = ()) -> list[bytes]:
    """*known* inputs, and those of *inputs* that reach what none before them did."""
    found: set[Step] = set()
    kept = []
    for data in [*in_order(known), *in_order(inputs)]:
        steps = reached(check, data)
        if not steps <= found:
            found |= steps
            kept.append(data)
    return kept


def all_steps(check: Check, inputs: Iterable[bytes]) -> int:
    """How many steps they reach together."""
    steps: set[Step] = set()
    for data in inputs:
        steps |= reached(check, data)
    return len(steps)

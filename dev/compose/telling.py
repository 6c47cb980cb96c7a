"""What the run says, and the two ways in which it ends early."""

import time
from typing import Final

BEGAN: Final = time.monotonic()


class NotSo(Exception):
    """Something that has to hold does not: the run fails."""


class Skipped(Exception):
    """This machine cannot run it: the message says what is lacking. The run does not fail."""


def step(title: str) -> None:
    """A headline, with the seconds since the start."""
    print(f"\n[{time.monotonic() - BEGAN:4.0f} s] {title}", flush=True)


def say(text: str) -> None:
    """A line below it."""
    print(f"         {text}", flush=True)


def check(is_so: bool, claim: str, seen: object = "") -> None:
    """Say *claim* if it holds, else end the run with it and what was *seen*."""
    if not is_so:
        raise NotSo(f"{claim} (seen: {seen})" if seen != "" else claim)
    say(f"ok  {claim}")

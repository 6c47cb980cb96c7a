"""Goodput: what is left of the WOD while coach is away, on the real programs.

`running` has a hundred users (`users`, a process of its own) play while `faults` are put upon coach
in a `scene`; `judging` compares their ledger and the upstreams' logs with what the monolith alone
can do; `report` and `plot` tell it.
"""

from argparse import Namespace


def run(options: Namespace) -> int:
    """Play this part of `make chaos`; the exit code."""
    # Late, as `users` is also run by its name, and must not have been imported by then.
    from dev.chaos.goodput.telling import run as told

    return told(options)

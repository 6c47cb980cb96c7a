"""How a worker is started: a fresh interpreter, so that an upgraded package is what it runs."""

import sys
from pathlib import Path

import router

MODULE = "router.serve.worker"


def command(door: int, channel: int) -> tuple[str, ...]:
    """The command line of a worker that inherits the two descriptors.

    It finds the package where this process found it: Python looks into the current folder first
    only if it did so here (`python -m router`, in a clone).
    """
    folder = str(Path(router.__file__).parents[1])
    flags = () if sys.path[:1] == [folder] else ("-P",)
    return (sys.executable, *flags, "-m", MODULE, str(door), str(channel))

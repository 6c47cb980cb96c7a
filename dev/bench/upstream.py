"""The fast upstream: nginx on the load's core, as coach and as monolith, and a sink for uploads."""

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from dev.bench.running import LOAD_CORE, Running, filled
from dev.places import free_ports
from dev.plan import ROOT

BODY = b'{"exercises":"%s"}' % (b"x" * 624)
"""640 bytes, the length of a workout; dev/bench/answers.py compares them."""
BIG = 1024**3


def big(folder: Path) -> Path:
    """The file of 1 GiB in *folder*: a hole, so that it is read from no disk."""
    path = folder / "big"
    if not path.exists():
        with path.open("wb") as file:
            os.truncate(file.fileno(), BIG)
    return path


@contextmanager
def upstreams(folder: Path) -> Iterator[Mapping[str, int]]:
    """Both services and the sink, under way; their ports by name."""
    home = folder / "upstream"
    home.mkdir()
    coach, monolith, sink = free_ports(3)
    places = {"coach": coach, "monolith": monolith, "sink": sink}
    names = {"folder": str(home), "body": BODY.decode("ascii"), "big": str(big(folder))}
    config = filled("upstream.conf", home, names | {k: str(v) for k, v in places.items()})
    nginx = ("nginx", "-p", str(home), "-c", str(config))
    pit = (sys.executable, "-m", "dev.bench.sink", str(sink))
    with ExitStack() as stack:
        stack.enter_context(Running(nginx, home, coach, core=LOAD_CORE, cwd=ROOT))
        stack.enter_context(Running(pit, home, sink, core=LOAD_CORE, cwd=ROOT))
        yield places

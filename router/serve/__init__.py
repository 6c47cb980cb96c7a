"""Processes: a supervisor that holds the sockets, and workers that serve.

`supervising` starts and stops; `crew` keeps the wanted number of workers there; `hand` is one of
them as the supervisor sees it; `gathering` makes one answer of theirs for the admin port.
`worker` is the other side: a process of its own, which serves (`serving`) until it is told to go.
"""

from router.serve.options import Options

__all__ = ["Options", "run"]


def run(options: Options) -> int:
    """Serve until told to stop; the exit code: 0, or 1 where it could not begin."""
    # Here, so that workers, which import this package too, are spared what they do not need.
    from router.serve.supervising import run as supervise

    return supervise(options)

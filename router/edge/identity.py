"""Which process a pid means: the number alone may be another's by now, or another container's."""

from pathlib import Path


def started(pid: int) -> int | None:
    """When process *pid* began, in ticks since the machine did; None if that cannot be known."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace")
    except OSError:
        return None
    return int(stat.rpartition(")")[2].split()[19])  # the 22nd field, proc(5)

"""How a process says that it cannot begin: to whoever typed the command, not in the log."""

import sys


def fail(*lines: str) -> int:
    """Exit code 1, with the reasons on standard error."""
    sys.stderr.write("".join(f"{line}\n" for line in lines))
    return 1

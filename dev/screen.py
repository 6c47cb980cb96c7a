"""The terminal: three logs, each line with its time and program, a colour for each."""

import os
import sys
import threading
import time
from typing import IO

COLOURS = {"router": 36, "monolith": 33, "coach": 35, "up": 32}
WIDTH = max(map(len, COLOURS))


class Screen:
    """Prints whole lines, from several threads."""

    def __init__(self, output: IO[str]) -> None:
        self._output = output
        self._is_coloured = output.isatty() and not os.environ.get("NO_COLOR")
        self._lock = threading.Lock()

    def line(self, program: str, text: str) -> None:
        """One line of *program*'s log."""
        start = f"{time.strftime('%H:%M:%S')} {program:{WIDTH}} |"
        if self._is_coloured:
            start = f"\033[{COLOURS[program]}m{start}\033[0m"
        self.plain(f"{start} {text}")

    def plain(self, text: str) -> None:
        """*text* as it is; nowhere once the terminal has gone, for there is still work to do."""
        with self._lock:
            try:
                print(text, file=self._output, flush=True)
            except OSError:
                self._output = open(os.devnull, "w")  # noqa: SIM115 - for as long as we live

    def copy(self, program: str, stream: IO[bytes]) -> None:
        """All lines of *stream*, until it ends."""
        for line in stream:
            self.line(program, line.decode("utf-8", "replace").rstrip())


def complain(*lines: str) -> int:
    """Each of *lines* on standard error; the exit code of failure."""
    sys.stderr.write("".join(f"{line}\n" for line in lines))
    return 1

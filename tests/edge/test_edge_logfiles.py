"""Several processes write to one log: each line is whole, wherever it goes."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from router.edge.logfiles import check_log, open_log

LINES, LONG = 200, 20_000
WRITER = f"""
import json, sys
from router.edge.logfiles import append, open_log
stream = open_log("-")
for number in range({LINES}):
    line = json.dumps([sys.argv[1], number, sys.argv[1] * ({LONG} if number % 10 == 0 else 50)])
    append(stream, line.encode() + b"\\n")
"""


def write_all(fileno: int) -> list[subprocess.Popen[bytes]]:
    """Three writers that share one descriptor, as workers share standard output."""
    line = [sys.executable, "-c", WRITER]
    return [subprocess.Popen([*line, name], stdout=fileno) for name in "abc"]


def read_all(fileno: int) -> bytes:
    """What comes until the last writer has gone."""
    pieces = []
    while piece := os.read(fileno, 65536):
        pieces.append(piece)
    return b"".join(pieces)


def through_a_pipe(_: Path) -> bytes:
    """As under Docker. A pipe takes only 4 KiB at once without mixing."""
    reading, writing = os.pipe()
    writers = write_all(writing)
    os.close(writing)
    told = read_all(reading)
    os.close(reading)
    assert [writer.wait() for writer in writers] == [0, 0, 0]
    return told


def through_a_socket(_: Path) -> bytes:
    """As under systemd, whose journal gives its services one."""
    ours, theirs = socket.socketpair()
    writers = write_all(theirs.fileno())
    theirs.close()
    told = read_all(ours.fileno())
    ours.close()
    assert [writer.wait() for writer in writers] == [0, 0, 0]
    return told


def through_a_file(folder: Path) -> bytes:
    """As after `strangler serve >> access.log`."""
    path = folder / "access.log"
    with path.open("ab") as file:
        writers = write_all(file.fileno())
    assert [writer.wait() for writer in writers] == [0, 0, 0]
    return path.read_bytes()


@pytest.mark.parametrize("way", [through_a_pipe, through_a_socket, through_a_file])
def test_no_line_is_torn_by_another_process(way: Callable[[Path], bytes], tmp_path: Path) -> None:
    """Also lines that are longer than what a pipe takes at once."""
    lines = [json.loads(line) for line in way(tmp_path).splitlines()]
    for name in "abc":
        numbers = [number for writer, number, _ in lines if writer == name]
        assert numbers == list(range(LINES))


def test_a_log_that_cannot_be_had_is_told_at_the_start(tmp_path: Path) -> None:
    """Its name is in the error; standard output and `off` always can."""
    with pytest.raises(OSError, match="no-such-folder"):
        check_log(str(tmp_path / "no-such-folder" / "access.log"))
    check_log("-")
    check_log("off")
    check_log(str(tmp_path / "access.log"))
    with open_log(str(tmp_path / "access.log")) as stream:
        assert stream.write(b"x\n") == 2

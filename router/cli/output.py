"""What the command says: data and good news on standard output, trouble on standard error."""

import json
import sys
from collections.abc import Iterable
from typing import Any


def say(text: str) -> None:
    """*text* and a line end, for whoever reads or pipes the output."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def say_json(document: Any) -> None:
    """*document* as JSON, for a program."""
    say(json.dumps(document, indent=2, ensure_ascii=False))


def complain(lines: Iterable[object]) -> int:
    """Each of *lines* on standard error; the exit code of failure."""
    sys.stderr.write("".join(f"{line}\n" for line in lines))
    return 1

"""One target under libFuzzer, until the time is over or something breaks.

    python -m dev.fuzz.one TARGET FOLDER [OPTIONS OF LIBFUZZER]

FOLDER has the inputs to begin with and gets those that reach something new.
"""

import importlib
import sys
from collections.abc import Sequence
from typing import Any


def main(arguments: Sequence[str]) -> None:
    """Fuzz; it ends the process itself."""
    name, *options = arguments
    atheris: Any = importlib.import_module("atheris")  # of `make fuzz` alone, and without types
    with atheris.instrument_imports(include=["router"]):
        from dev.fuzz.targets import TARGETS
    atheris.Setup([sys.argv[0], *options], TARGETS[name].check)
    atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1:])

"""aiohttp piece by piece: its parser without its client.

`import aiohttp.http_parser` first runs `aiohttp/__init__.py`, which imports the client too, and
that makes two TLS contexts with every authority this machine trusts: 5 MiB a process, and 0.1 s of
CPU at each start. A worker needs no client until a key set is fetched, and the supervisor none. So
the package is put into its place without being run. Whoever asks it for one of its modules gets
that one; whoever asks for anything else has it run first, and sees no difference.
"""

import sys
from functools import partial
from importlib.metadata import version
from importlib.util import find_spec, module_from_spec
from types import ModuleType
from typing import Any

NAME = "aiohttp"


def put_in_place() -> None:
    """Have aiohttp imported piece by piece, unless it is there already as a whole."""
    spec = find_spec(NAME) if NAME not in sys.modules else None
    if spec is not None:
        package = module_from_spec(spec)
        vars(package)["__getattr__"] = partial(lacking, package)
        sys.modules[NAME] = package


def lacking(package: ModuleType, name: str) -> Any:
    """What *package* would have under *name* had it been run (PEP 562 asks here for it)."""
    if name == "__version__":
        return version(NAME)  # its server asks for it
    if name.startswith("__") or find_spec(f"{NAME}.{name}") is not None:
        raise AttributeError(name)  # for a module, the import system then looks further
    del vars(package)["__getattr__"]
    spec = package.__spec__
    assert spec is not None
    assert spec.loader is not None
    spec.loader.exec_module(package)
    return getattr(package, name)

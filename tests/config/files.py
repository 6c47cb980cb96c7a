"""The shipped routes.yaml and ways to vary it, for tests of everything that reads one."""

from pathlib import Path

from router.config.complaints import ConfigError
from router.config.loading import load
from router.core.model import Route, Snapshot

ROOT = Path(__file__).parents[2]
SHIPPED = (ROOT / "config/routes.yaml").read_text()


def with_line(old: str, new: str) -> str:
    """The shipped file with one piece of it replaced."""
    assert SHIPPED.count(old) == 1, old
    return SHIPPED.replace(old, new)


def with_percent(new: str) -> str:
    """The shipped file with something else for its last line."""
    return with_line("    percent: 10", new)


def problems(text: str | bytes, source: str = "routes.yaml") -> list[str]:
    """Every problem of a file, each less the name of the file; empty for a good one."""
    try:
        load(source, text if isinstance(text, bytes) else text.encode())
    except ConfigError as error:
        return [str(problem).removeprefix(f"{source}:") for problem in error.problems]
    return []


def snapshot_of(text: str) -> Snapshot:
    """The snapshot of a good file."""
    return load("routes.yaml", text.encode())


def route_of(text: str, name: str = "wod") -> Route:
    """One route of a good file."""
    return next(route for route in snapshot_of(text).routes if route.name == name)


def warnings_of(text: str) -> list[str]:
    """The warnings of a good file, each less the name of the file."""
    return [warning.removeprefix("routes.yaml:") for warning in snapshot_of(text).warnings]

"""The way from a file's bytes to a snapshot: read, validate, lint, build, warn."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

from router.config.building import build
from router.config.changes import renamed_without_salt
from router.config.complaints import Complaint, ConfigError, place_of
from router.config.linting import Finding, lint
from router.config.nodes import Loc, Node, dotted, place, plain
from router.config.overriding import moved
from router.config.reading import read
from router.config.schema import RoutesFile
from router.config.text import MAX_FILE
from router.config.validating import complaint_of, knows_better, validate, validate_rest
from router.config.warning import warnings_of
from router.core.model import Snapshot

NOWHERE_ELSE: Mapping[str, str] = MappingProxyType({})
"""Every upstream is where the file says."""


def load(source: str, content: bytes, addresses: Mapping[str, str] = NOWHERE_ELSE) -> Snapshot:
    """The snapshot of a routes.yaml, warnings and all; `ConfigError` has everything wrong with it.

    *source* is the name of the file as the operator knows it; *addresses* are URLs of upstreams in
    this deployment, by name, which win over the file's (`router.config.overriding`).
    """
    root, problems = read(source, content)
    file = moved(source, judge(source, root, problems), addresses)
    snapshot = build(source, content, file)
    warnings = complaints(source, root, warnings_of(snapshot))
    return replace(snapshot, warnings=tuple(map(str, warnings)))


def reload(
    old: Snapshot, source: str, content: bytes, addresses: Mapping[str, str] = NOWHERE_ELSE
) -> Snapshot:
    """`load` for a router that serves on *old*: what would re-deal its users is refused too."""
    new = load(source, content, addresses)
    renamed = renamed_without_salt(old, new)
    if renamed:
        root, _ = read(source, content)
        raise ConfigError(complaints(source, root, renamed))
    return new


def load_file(path: Path, addresses: Mapping[str, str] = NOWHERE_ELSE) -> Snapshot:
    """The snapshot of the file at *path*; `ConfigError` also where it cannot be read."""
    return load(str(path), read_file(path), addresses)


def read_file(path: Path) -> bytes:
    """The content of the file at *path*, no more of it than shows that it is too large."""
    try:
        if path.exists() and not path.is_file():
            raise ConfigError([Complaint(str(path), None, None, "", "is not a file")])
        with path.open("rb") as file:
            return file.read(MAX_FILE + 1)
    except OSError as error:
        words = f"cannot be read: {error.strerror}"
        raise ConfigError([Complaint(str(path), None, None, "", words)]) from None


def judge(source: str, root: Node, problems: list[Complaint]) -> RoutesFile:
    """The model of the file, or `ConfigError` with *problems* and all that is found beside them."""
    data = plain(root)
    model, errors = validate(data)
    pruned: frozenset[Loc] = frozenset()
    if model is None:
        model, pruned = validate_rest(data, errors)
    said = {problem.path for problem in problems}  # a doubtful word is not also of the wrong type
    found = [complaint_of(source, root, error) for error in errors]
    both = zip(errors, found, strict=True)
    better = {place_of(one): one for error, one in both if knows_better(error)}
    problems = [better.get(place_of(problem), problem) for problem in problems]
    if model is not None:
        found += complaints(source, root, lint(model, data, pruned))
    problems = problems + [complaint for complaint in found if complaint.path not in said]
    if problems or model is None:
        raise ConfigError(problems)
    return model


def complaints(source: str, root: Node, findings: Iterable[Finding]) -> list[Complaint]:
    """*findings* with line and column; what is about a missing field stands at its entry's key."""
    found = []
    for loc, words in findings:
        _, way = place(root, loc)
        is_there = fields_in(way) == fields_in(loc)
        mark, _ = place(root, loc, at_key=not is_there)
        path = dotted(way if is_there else loc)
        found.append(Complaint(source, mark.line, mark.column, path, words))
    return found


def fields_in(loc: Loc) -> int:
    """How many keys lead to *loc*; places in lists do not count, as a list of one may be short."""
    return sum(isinstance(step, str) for step in loc)

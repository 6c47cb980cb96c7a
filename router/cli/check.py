"""`strangler check`: is the file good, and what does it mean?"""

import os
from argparse import Namespace
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from router.cli.arguments import Commands, add_file, addresses, command
from router.cli.output import complain, say, say_json

if TYPE_CHECKING:
    from router.config.complaints import Complaint, ConfigError
    from router.core.model import Snapshot

EXAMPLES = """\
  strangler check                        config/routes.yaml, like nginx -t
  strangler check new.yaml --effective   everything that would be in force, as YAML
  strangler check --format json          for a pipeline

Problems and warnings are told on standard error, one a line: FILE:LINE:COLUMN: FIELD: WHAT.
Warnings do not change the exit code.
"""


def add(commands: Commands) -> None:
    """Make the subcommand known."""
    parser = command(commands, "check", summary="say whether a file is good", examples=EXAMPLES)
    add_file(parser)
    parser.add_argument("--format", choices=("text", "json"), default="text", help="(text)")
    parser.add_argument(
        "--effective", action="store_true", help="print all that is in force, defaults filled in"
    )
    parser.set_defaults(run=run)


def run(arguments: Namespace) -> int:
    """Check the file; 0 if it is good."""
    from router.config.complaints import ConfigError
    from router.config.loading import load_file

    try:
        snapshot = load_file(arguments.file, addresses())
    except ConfigError as error:
        return refuse(arguments, error)
    unfit = list(unfit_keys(snapshot, arguments.file))
    if unfit:
        return refuse(arguments, ConfigError(unfit))
    warnings = [*snapshot.warnings, *secret_warnings(snapshot, arguments.file)]
    if arguments.format == "json":
        say_json(report(snapshot, warnings, effective=arguments.effective))
    else:
        complain(f"warning: {warning}" for warning in warnings)
        tell(snapshot, effective=arguments.effective)
    return 0


def unfit_keys(snapshot: "Snapshot", path: Path) -> Iterator["Complaint"]:
    """Public keys in files that cannot be used; what is published is not fetched here."""
    from router.config.complaints import Complaint
    from router.edge.keyfiles import FileKeys
    from router.edge.keyring import KeyProblem

    for place, key in enumerate(() if snapshot.jwt is None else snapshot.jwt.keys):
        if key.public_key_file is None:
            continue
        try:
            FileKeys(key, path.parent)
        except KeyProblem as problem:
            where = f"jwt.keys[{place}].public_key_file"
            yield Complaint(str(path), None, None, where, str(problem))


def refuse(arguments: Namespace, error: "ConfigError") -> int:
    """Tell every problem."""
    if arguments.format == "json":
        problems = [asdict(problem) for problem in error.problems]
        say_json({"file": str(arguments.file), "ok": False, "problems": problems})
        return 1
    return complain(error.problems)


def report(snapshot: "Snapshot", warnings: list[str], *, effective: bool) -> dict[str, object]:
    """The good verdict for a program."""
    from router.config.effective import effective as in_force

    return {
        "file": snapshot.source,
        "ok": True,
        "hash": snapshot.hash,
        "routes": [route.name for route in snapshot.routes],
        "warnings": warnings,
        **({"effective": in_force(snapshot)} if effective else {}),
    }


def tell(snapshot: "Snapshot", *, effective: bool) -> None:
    """The good verdict for a person; before YAML it is a comment, so that all of it is YAML."""
    from router.config.effective import as_yaml
    from router.config.effective import effective as in_force

    routes = f"{len(snapshot.routes)} route{'' if len(snapshot.routes) == 1 else 's'}"
    verdict = f"{snapshot.source}: ok (hash {snapshot.hash}, {routes})"
    say(f"# {verdict}" if effective else verdict)
    if effective:
        say(as_yaml(in_force(snapshot)).rstrip())


def secret_warnings(snapshot: "Snapshot", path: Path) -> Iterator[str]:
    """Secrets that cannot be had here: the router would not start, a pipeline need not care."""
    from router.edge.keyring import KeyProblem, secret_of

    keys = () if snapshot.jwt is None else snapshot.jwt.keys
    for key in (key for key in keys if key.algorithm == "HS256"):
        try:
            secret_of(key, os.environ, path.parent)
        except KeyProblem as problem:
            yield f"{path}: jwt: {problem} before the router starts"

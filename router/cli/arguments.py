"""Arguments that subcommands share, and where their defaults come from."""

import os
from argparse import (
    ArgumentParser,
    ArgumentTypeError,
    RawDescriptionHelpFormatter,
    _SubParsersAction,
)
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TypeAlias

MOST_WORKERS = 256

Commands: TypeAlias = "_SubParsersAction[ArgumentParser]"


def command(commands: Commands, name: str, *, summary: str, examples: str) -> ArgumentParser:
    """A subcommand's parser: *summary* in the list and on top of its help, *examples* below."""
    return commands.add_parser(
        name,
        help=summary,
        description=summary[0].upper() + summary[1:] + ".",
        epilog=f"examples:\n{examples}",
        formatter_class=RawDescriptionHelpFormatter,
    )


def from_environment(variable: str, default: str) -> str:
    """The value of a `STRANGLER_*` variable; an empty one counts as not set."""
    return os.environ.get(variable) or default


def addresses() -> Mapping[str, str]:
    """URLs of upstreams that the environment moves; `ConfigError` if they are not that."""
    from router.config.overriding import addresses_in

    return addresses_in(os.environ.get("STRANGLER_UPSTREAMS", ""))


def add_file(parser: ArgumentParser) -> None:
    """The configuration file, as the last word of the command."""
    parser.add_argument(
        "file",
        metavar="FILE",
        nargs="?",
        type=Path,
        default=Path(from_environment("STRANGLER_CONFIG", "config/routes.yaml")),
        help="the configuration (STRANGLER_CONFIG, else config/routes.yaml)",
    )


def add_admin(parser: ArgumentParser) -> None:
    """The running router's admin port."""
    parser.add_argument(
        "--admin",
        metavar="HOST:PORT",
        type=address,
        default=from_environment("STRANGLER_ADMIN", "127.0.0.1:9901"),
        help="the router's admin port (STRANGLER_ADMIN, else 127.0.0.1:9901)",
    )


def add_claims(parser: ArgumentParser) -> None:
    """Claims beside `sub`."""
    parser.add_argument(
        "--claim",
        metavar="NAME=VALUE",
        type=claim,
        action="append",
        default=[],
        help="a claim of the token; give it again for a list",
    )


def address(text: str) -> str:
    """HOST:PORT, also out of a URL."""
    bare = text.removeprefix("http://").rstrip("/")
    host, colon, port = bare.rpartition(":")
    if not (host and colon and port.isdigit() and int(port) <= 65535) or "," in bare:
        raise ArgumentTypeError(f"{text!r} is not HOST:PORT")
    return bare


def seconds(text: str) -> float:
    """A duration; a bare number is seconds."""
    from router.config.units import seconds as parse

    try:
        return parse(text if not text.isdigit() else f"{text}s")
    except ValueError as error:
        raise ArgumentTypeError(str(error)) from None


def workers(text: str) -> int:
    """A number of processes; `auto` is one a processor."""
    if text == "auto":
        from router.serve.processors import processors

        return processors()
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= MOST_WORKERS):
        raise ArgumentTypeError(f"{text!r} is not 1 to {MOST_WORKERS}, or auto")
    return int(text)


def claim(text: str) -> tuple[str, str]:
    """A claim's name and value."""
    name, sign, value = text.partition("=")
    if not (name and sign):
        raise ArgumentTypeError(f"{text!r} is not NAME=VALUE")
    return name, value


def merged(pairs: Iterable[tuple[str, str]]) -> dict[str, str | list[str]]:
    """Claims by name; one that was given several times is a list."""
    values: dict[str, list[str]] = {}
    for name, value in pairs:
        values.setdefault(name, []).append(value)
    return {name: several if len(several) > 1 else several[0] for name, several in values.items()}

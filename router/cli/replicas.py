"""The replicas that a command asks: those that were named, and each address of a name."""

import socket
from argparse import Action, ArgumentParser, Namespace
from collections.abc import Iterable
from typing import Any

from router.cli.arguments import address, from_environment


class Each(Action):
    """Values of an option that may be given again; the first takes the default's place."""

    def __call__(
        self, parser: ArgumentParser, namespace: Namespace, values: Any, option: str | None = None
    ) -> None:
        """Add *values* to those before."""
        before = getattr(namespace, self.dest)
        setattr(namespace, self.dest, [*([] if before is self.default else before), *values])


def add_replicas(parser: ArgumentParser) -> None:
    """The admin ports of all replicas of the running router."""
    parser.add_argument(
        "--admin",
        metavar="HOST:PORT",
        type=several,
        action=Each,
        default=from_environment("STRANGLER_ADMIN", "127.0.0.1:9901"),
        help="the router's admin port; several replicas: give it again, or a name that has the "
        "address of each (STRANGLER_ADMIN, with commas, else 127.0.0.1:9901)",
    )


def several(text: str) -> list[str]:
    """One HOST:PORT or more, with commas."""
    return [address(one.strip()) for one in text.split(",")]


def each(named: Iterable[str]) -> list[str]:
    """The admin port of each replica, looked up now: what a name stands for may change."""
    return list(dict.fromkeys(one for admin in named for one in behind(admin)))


def behind(admin: str) -> list[str]:
    """The addresses of *admin*, if its name has several; else itself.

    Addresses of one family alone, or a replica that has both would be counted twice.
    """
    host, _, port = admin.rpartition(":")
    try:
        found = socket.getaddrinfo(host.strip("[]"), int(port), type=socket.SOCK_STREAM)
    except OSError:
        return [admin]  # who asks it is told what is wrong
    four = sorted({str(to[0]) for family, _, _, _, to in found if family == socket.AF_INET})
    six = sorted({str(to[0]) for family, _, _, _, to in found if family == socket.AF_INET6})
    addresses = max(four, [f"[{one}]" for one in six], key=len)
    return [f"{one}:{port}" for one in addresses] if len(addresses) > 1 else [admin]

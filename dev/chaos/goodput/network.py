"""A network of coach's own: a namespace of Linux behind a pair of interfaces, with rules in it."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import IPv4Address

PROGRAMS = ("ip", "nft")
RANGE = IPv4Address("198.18.0.0")
"""For such trials (RFC 2544); it has room for 32,768 networks of four addresses."""
NETWORKS = 1 << 15
RULES = "strangler"


class NoNetwork(Exception):
    """A namespace cannot be made here; the message says what is missing."""


@dataclass(frozen=True, slots=True)
class Network:
    """Where coach is: *here* is our address on its network, *there* its own."""

    name: str
    here: str
    there: str

    def inside(self, command: tuple[str, ...]) -> tuple[str, ...]:
        """*command*, as a program that lives there; `ip` becomes it, so the pid stays."""
        return ("ip", "netns", "exec", self.name, *command)

    def cut(self, port: int, verdict: str) -> None:
        """Treat all packets that come for *port* so: `drop`, or `reject with tcp reset`."""
        rule = ("add", "rule", "inet", RULES, "input", "tcp", "dport", str(port))
        run(*self.inside(("nft", *rule, *verdict.split())))

    def mend(self) -> None:
        """Let all packets through again."""
        run(*self.inside(("nft", "flush", "chain", "inet", RULES, "input")))


@contextmanager
def network() -> Iterator[Network]:
    """A namespace, until the end of the block; `NoNetwork` where there can be none."""
    if os.geteuid() != 0:
        raise NoNetwork("network namespaces need root")
    if missing := [name for name in PROGRAMS if shutil.which(name) is None]:
        raise NoNetwork(f"not installed: {', '.join(missing)} (apt install iproute2 nftables)")
    number = os.getpid() % NETWORKS
    first = RANGE + 4 * number
    one = Network(f"strangler-{number}", str(first + 1), str(first + 2))
    try:
        made(one, f"str{number}")
        yield one
    finally:
        subprocess.run(["ip", "netns", "del", one.name], check=False, capture_output=True)


def made(one: Network, interface: str) -> None:
    """Make the namespace, the pair of interfaces and an empty chain of rules."""
    run("ip", "netns", "add", one.name)
    inside = f"{interface}i"
    run(*f"ip link add {interface} type veth peer name {inside} netns {one.name}".split())
    run(*f"ip addr add {one.here}/30 dev {interface}".split())
    run(*f"ip link set {interface} up".split())
    run(*f"ip -n {one.name} addr add {one.there}/30 dev {inside}".split())
    run(*f"ip -n {one.name} link set {inside} up".split())
    run(*f"ip -n {one.name} link set lo up".split())
    run(*one.inside(("nft", "add", "table", "inet", RULES)))
    chain = "{ type filter hook input priority 0; }"
    run(*one.inside(("nft", "add", "chain", "inet", RULES, "input", chain)))


def run(*command: str) -> None:
    """Run it; `NoNetwork` says what went wrong."""
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode != 0:
        raise NoNetwork(f"{' '.join(command)}: {done.stderr.strip()}")

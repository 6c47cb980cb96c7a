"""What docker-compose.yml promises of every container, judged from the file: pure, no engine."""

from collections.abc import Iterator, Mapping
from typing import Any

Service = Mapping[str, Any]

OPEN_TO_ALL = {("router", 8080)}
"""Service and container port of the only door."""
LOOPBACK = "127.0.0.1"
WRITABLE = frozenset({"database", "prometheus", "grafana", "jwt-secret", "database-secret"})
"""Volumes that somebody may write to: data, and the secrets where they are made."""
SECRET_WRITERS = frozenset({"secrets"})


def unsafe(services: Mapping[str, Service]) -> list[str]:
    """A sentence for each promise that the file (`compose config`, all profiles) breaks."""
    return [f"{name}: {words}" for name, service in services.items() for words in of(name, service)]


def of(name: str, service: Service) -> Iterator[str]:
    """What is wrong with one service."""
    if "ALL" not in service.get("cap_drop", ()) or service.get("cap_add"):
        yield "does not drop every capability"
    if "no-new-privileges:true" not in service.get("security_opt", ()):
        yield "may gain privileges"
    if not service.get("read_only"):
        yield "can write to its root file system"
    if service.get("privileged") or service.get("network_mode") == "host":
        yield "is not contained"
    if is_root(service):
        yield "runs as root"
    yield from ports(name, service)
    yield from volumes(name, service)


def is_root(service: Service) -> bool:
    """Whether the file makes it root; images of ours say their user themselves."""
    if service.get("user") is None:
        return "build" not in service
    return str(service["user"]).split(":")[0] in {"0", "root"}


def ports(name: str, service: Service) -> Iterator[str]:
    """What is published more widely than it should be."""
    for port in service.get("ports", ()):
        if (name, port["target"]) not in OPEN_TO_ALL and port.get("host_ip") != LOOPBACK:
            yield f"publishes port {port['target']} to others"


def volumes(name: str, service: Service) -> Iterator[str]:
    """What is mounted to be written to, and should not be."""
    for volume in service.get("volumes", ()):
        source, is_read_only = volume["source"], volume.get("read_only", False)
        if is_read_only:
            continue
        if volume["type"] != "volume" or source not in WRITABLE:
            yield f"can write to {source}"
        elif source.endswith("-secret") and name not in SECRET_WRITERS:
            yield f"can change {source}"

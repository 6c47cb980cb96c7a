"""What the engine itself says of the containers that run: users, file systems, ports."""

import json
from typing import Any

from dev.compose.engine import docker
from dev.compose.project import Project
from dev.compose.telling import NotSo, check

LOOPBACK = "127.0.0.1"
DOOR = "8080/tcp"


def contained(project: Project, services: list[str]) -> None:
    """Check every container of *services*: what it is, not what the file asked for."""
    for service in services:
        seen = inspected(project, service)
        host = seen["HostConfig"]
        check(
            host["ReadonlyRootfs"] and host["CapDrop"] == ["ALL"], f"{service}: read-only, caps 0"
        )
        check("no-new-privileges:true" in host["SecurityOpt"], f"{service}: no new privileges")
        uid = processes(project, service)
        check("0" not in uid and "root" not in uid, f"{service}: runs as uid {', '.join(uid)}")


def inspected(project: Project, service: str) -> dict[str, Any]:
    """`docker inspect` of the container of *service*."""
    found: list[dict[str, Any]] = json.loads(docker("inspect", project.container(service)))
    return found[0]


def processes(project: Project, service: str) -> list[str]:
    """The uids of all processes of *service*, `docker-init` included."""
    table = docker("top", project.container(service), "-eo", "uid,pid").splitlines()[1:]
    return sorted({line.split()[0] for line in table})


def published(project: Project, services: list[str]) -> None:
    """Check that the router's door is all that others reach."""
    open_to = {
        (service, port, binding["HostIp"])
        for service in services
        for port, bindings in inspected(project, service)["NetworkSettings"]["Ports"].items()
        for binding in bindings or ()
    }
    to_all = {(service, port) for service, port, host in open_to if host != LOOPBACK}
    check(to_all == {("router", DOOR)}, "only the router's 8080 is published to others", open_to)
    ours = {(service, port) for service, port, host in open_to if host == LOOPBACK}
    check(("router", "9901/tcp") in ours, "the admin port is published on 127.0.0.1 only", ours)


def unwritable(project: Project, service: str) -> None:
    """Check that neither the root file system nor anything mounted can be written to."""
    try:
        project.inside(service, "touch", "/app/file")
    except NotSo as error:
        check("Read-only file system" in str(error), f"{service} cannot write /app", error)
    else:
        raise NotSo(f"{service} can write /app")
    writable = [m["Destination"] for m in inspected(project, service)["Mounts"] if m["RW"]]
    check(not writable, f"{service} cannot write what is mounted", writable)


def compiled(project: Project) -> None:
    """Check that the router's data path is compiled, and that what compiled it stayed behind."""
    code = "import router.exchange.serving as data_path; print(data_path.__file__)"
    file = project.inside("router", "python", "-c", code).strip()
    check(file.endswith(".so"), "router: the data path is compiled", file)
    left = project.inside("router", "python", "-c", LEFT_BEHIND).split()
    check(not left, "router: neither compiler nor mypy", left)


LEFT_BEHIND = """\
import importlib.util, shutil
print(*[name for name in ("mypy", "mypyc", "librt") if importlib.util.find_spec(name)])
print(*[name for name in ("cc", "gcc", "mypy") if shutil.which(name)])
"""


def exit_code(project: Project, service: str) -> int:
    """How the stopped container of *service* ended."""
    code: int = inspected(project, service)["State"]["ExitCode"]
    return code


def secret_of(project: Project) -> str:
    """A digest of the secret in force, to compare; never the secret."""
    return project.inside("router", "sha256sum", "/run/secrets/jwt/secret").split()[0]

"""What the stack consists of: three programs, told by routes.yaml where to listen."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from dev.places import Place, place
from dev.signing import Signing
from router.config.loading import load_file
from router.core.model import Snapshot, Upstream

ROOT = Path(__file__).resolve().parent.parent


class CannotPlan(Exception):
    """The file asks for what cannot be started on this machine; the message says what to mend."""


@dataclass(frozen=True, slots=True)
class Program:
    """One program: how it is started, where it listens, what answers 200 once it can serve."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    places: tuple[Place, ...]
    ready: str


@dataclass(frozen=True, slots=True)
class Layout:
    """What is asked for: which file, which folder for state, where the router listens."""

    config: Path
    folder: Path
    listen: str
    admin: str
    signing: Signing
    database: str | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """The programs in the order in which they start: each serves those after it."""

    monolith: Program
    coach: Program
    router: Program
    snapshot: Snapshot

    @property
    def programs(self) -> tuple[Program, Program, Program]:
        """All three."""
        return self.monolith, self.coach, self.router

    @property
    def places(self) -> list[Place]:
        """Every address that is needed."""
        return [one for program in reversed(self.programs) for one in program.places]


def plan(layout: Layout) -> Plan:
    """The programs for *layout*; `ConfigError` or `CannotPlan` says what is wrong with the file."""
    snapshot = load_file(layout.config)
    monolith = bound(snapshot, "monolith", layout.config)
    coach = bound(snapshot, "coach", layout.config)
    return Plan(
        monolith=gunicorn(
            "monolith",
            monolith,
            {
                **layout.signing.for_monolith(),
                "DATABASE_URL": layout.database
                or f"sqlite:///{layout.folder.resolve()}/monolith.db",
            },
            layout.folder,
        ),
        coach=gunicorn(
            "coach",
            coach,
            {**layout.signing.for_coach(monolith.url), "MONOLITH_URL": monolith.url},
            layout.folder,
        ),
        router=router(layout, snapshot),
        snapshot=snapshot,
    )


def bound(snapshot: Snapshot, name: str, config: Path) -> Place:
    """Where the upstream *name* has to listen, as the file says."""
    upstream = snapshot.upstreams.get(name)
    if upstream is None:
        raise CannotPlan(f"{config}: upstreams.{name} is missing: it is where {name} is started")
    if not is_here(upstream):
        raise CannotPlan(
            f"{config}: upstreams.{name} is {upstream.url}, which cannot be started here; "
            "say http://127.0.0.1:PORT"
        )
    remedy = f"choose another port for upstreams.{name} in {config}"
    return Place(name, upstream.host, upstream.port, remedy)


def is_here(upstream: Upstream) -> bool:
    """Whether a program of this machine can serve as *upstream*."""
    loopback = upstream.host in {"localhost", "::1"} or upstream.host.startswith("127.")
    return loopback and not upstream.tls


def gunicorn(name: str, where: Place, environment: dict[str, str], folder: Path) -> Program:
    """One of the two services, under gunicorn as in production.

    Its figures lie in *folder*: one that is killed could not remove a temporary folder.
    """
    figures = str(folder.resolve() / f"{name}-metrics")
    return Program(
        name=name,
        command=(sys.executable, "-m", "gunicorn", "-c", f"{name}/gunicorn.conf.py"),
        environment={
            **environment,
            f"{name.upper()}_BIND": str(where),
            "PROMETHEUS_MULTIPROC_DIR": figures,
        },
        places=(where,),
        ready=f"{where.url}/health",
    )


def router(layout: Layout, snapshot: Snapshot) -> Program:
    """The router, in front of both."""
    listen = place_from("STRANGLER_LISTEN", "router", layout.listen, "127.0.0.1:8081")
    admin = place_from("STRANGLER_ADMIN", "router's admin port", layout.admin, "127.0.0.1:9902")
    keys = () if snapshot.jwt is None else snapshot.jwt.keys
    return Program(
        name="router",
        command=(sys.executable, "-m", "router", "serve"),
        environment={
            **{key.secret_env: layout.signing.secret for key in keys if key.secret_env is not None},
            "STRANGLER_CONFIG": str(layout.config),
            "STRANGLER_LISTEN": str(listen),
            "STRANGLER_ADMIN": str(admin),
        },
        places=(listen, admin),
        ready=f"{admin.url}/readyz",
    )


def place_from(variable: str, owner: str, address: str, example: str) -> Place:
    """The place that *variable* names."""
    try:
        return place(owner, address, f"try {variable}={example} make up")
    except ValueError as error:
        raise CannotPlan(f"{variable}: {error}") from None

"""Stand-ins for base images that cannot be pulled: what each is made of, and its content's hash.

Each is a small Debian system with the packages that the real image has, and a layer that gives it
the real one's manners: paths, user, entrypoint.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from pathlib import Path

SUITE = "trixie"
"""Debian 13, which has the Python of `python:3.13-slim` and PostgreSQL 17."""
HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Recipe:
    """A stand-in: the `variable` of docker-compose.yml that it is given by, and its making.

    `packages` are Debian's, for a system of its own; without them it is laid over python's.
    `files` go into the build's context beside the Dockerfile, `binaries` out of one more package.
    """

    name: str
    variable: str
    stands_for: str
    layer: str
    packages: tuple[str, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)
    binaries: tuple[str, ...] = ()

    @property
    def tag(self) -> str:
        """The image's name: another recipe is another image, the same one is there already."""
        return f"strangler-stand-in/{self.name}:{digest([SUITE, asdict(self)])}"


def digest(content: object) -> str:
    """Twelve characters that tell one JSON value from another."""
    return sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:12]


PYTHON = Recipe(
    name="python",
    variable="PYTHON_IMAGE",
    stands_for="python:3.13-slim",
    packages=("python3", "python3-venv", "ca-certificates"),
    layer='RUN ln -s python3 /usr/bin/python\nCMD ["python3"]\n',
)
COMPILER = Recipe(
    name="compiler",
    variable="COMPILER_IMAGE",
    stands_for="python:3.13",
    packages=(*PYTHON.packages, "python3-dev", "gcc", "libc6-dev"),
    layer=PYTHON.layer,
)
POSTGRES = Recipe(
    name="postgres",
    variable="POSTGRES_IMAGE",
    stands_for="postgres:17",
    packages=("postgresql-17",),
    layer="""\
ENV PATH=/usr/lib/postgresql/17/bin:$PATH PGDATA=/var/lib/postgresql/data
RUN pg_dropcluster 17 main \\
 && install -d -o postgres -g postgres -m 700 $PGDATA \\
 && install -d -o postgres -g postgres -m 3777 /var/run/postgresql
COPY --chown=0:0 entrypoint.sh /usr/local/bin/docker-entrypoint.sh
VOLUME /var/lib/postgresql/data
ENTRYPOINT ["sh", "/usr/local/bin/docker-entrypoint.sh"]
CMD ["postgres"]
""",
    files={"entrypoint.sh": (HERE / "postgres-entrypoint.sh").read_text("utf-8")},
)
PROMETHEUS = Recipe(
    name="prometheus",
    variable="PROMETHEUS_IMAGE",
    stands_for="prom/prometheus:v3.5.0",
    layer="""\
COPY prometheus promtool /bin/
RUN install -d -o 65534 -g 65534 /prometheus
USER 65534
VOLUME /prometheus
ENTRYPOINT ["/bin/prometheus"]
""",
    binaries=("prometheus", "promtool"),
)
RECIPES = (PYTHON, COMPILER, POSTGRES, PROMETHEUS)
NO_STAND_IN = {"grafana": "grafana/grafana"}
"""Not in Debian: its container is run only where the image can be pulled."""

"""The configuration as the running program sees it: frozen values, every default filled in.

`router.config` builds these from text; nothing here knows YAML. The words are those of the
glossary in docs/glossary.md, and an enum member is the spelling in code, metrics, logs and pages.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from ipaddress import IPv4Network, IPv6Network
from typing import Final

from router.core.shedding import places_for_diverted
from router.core.words import Word

BUCKETS: Final = 100_000
"""How finely users can be divided: a thousandth of a per cent each."""

SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods that ask for no change of state (RFC 9110 9.2.1); TRACE is refused before."""

Network = IPv4Network | IPv6Network


class Auth(Word):
    """Whether a route needs a valid token, or passes what the client sent on unverified."""

    REQUIRED = "required"
    PASS = "pass"  # noqa: S105 - a policy, not a password


class Cohort(Word):
    """Which side percentage or pin put a user on; `none` where nobody was asked."""

    CANDIDATE = "candidate"
    LEGACY = "legacy"
    NONE = "none"


class Reason(Word):
    """Why a decision is what it is."""

    PERCENT = "percent"
    PIN = "pin"
    BREAKER = "breaker"
    NO_UNIT = "no_unit"
    PLAIN = "plain"


class Cause(Word):
    """What went wrong with an attempt, as far as fallback is concerned."""

    CONNECT = "connect"
    TIMEOUT = "timeout"
    RESET = "reset"
    PROTOCOL = "protocol"
    BODY = "body"
    STATUS_5XX = "5xx"
    OVERLOAD = "overload"


@dataclass(frozen=True, slots=True)
class Upstream:
    """A named service behind the router, and how connections to it are made, kept and bounded.

    `pause_s` is how long it may pause within the body of an answer. `pool` connections are kept
    while idle, `connections` may be open at once, and `queue` exchanges may wait for one, each
    for `queue_s` at most.
    """

    name: str
    host: str
    port: int
    tls: bool = False
    ca_file: str | None = None
    health: str = "/health"
    connect_timeout_s: float = 1.0
    idle_s: float = 1.5
    pause_s: float = 60.0
    pool: int = 256
    connections: int = 1_000
    queue: int = 100
    queue_s: float = 2.0
    address: str = field(init=False, compare=False, repr=False)
    """Under which its connections are kept: what of it makes another place to connect to."""
    for_diverted: int = field(init=False, compare=False, repr=False)
    """How many of `connections` diverted traffic may fill."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "address", f"{self.name} {self.url} {self.ca_file}")
        object.__setattr__(self, "for_diverted", places_for_diverted(self.connections))

    @property
    def url(self) -> str:
        """The origin, as written in routes.yaml."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'https' if self.tls else 'http'}://{host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Match:
    """What a route answers to: an exact path, or a prefix that ends in `/`, and methods.

    `methods` already holds HEAD where it holds GET; None means every method.
    """

    path: str
    is_prefix: bool = False
    methods: frozenset[str] | None = None

    def __str__(self) -> str:
        """The short form of routes.yaml: `GET,HEAD /fitness/wod` or `/admin/*`."""
        methods = ",".join(sorted(self.methods)) + " " if self.methods else ""
        return f"{methods}{self.path}{'*' if self.is_prefix else ''}"


@dataclass(frozen=True, slots=True)
class Pin:
    """Users whose *claim* holds one of *values* are in *cohort* at any percent."""

    cohort: Cohort
    claim: str
    values: frozenset[str]


@dataclass(frozen=True, slots=True)
class Requirement:
    """The token's *claim* must hold at least one of *values*, or the answer is 403."""

    claim: str
    values: frozenset[str]


@dataclass(frozen=True, slots=True)
class Compare:
    """How answers of legacy and candidate are compared, where a route asks for it.

    `sample` per cent of the exchanges are; for `control` per cent of those legacy is asked twice,
    to know how often it differs from itself. Paths are as `core.comparing.paths` reads them.
    """

    sample: float = 5.0
    control: float = 20.0
    ignore: tuple[str, ...] = ()
    unordered: tuple[str, ...] = ()
    tolerance: float = 0.0
    max_body: int = 256 * 1024
    show_values: bool = False


@dataclass(frozen=True, slots=True)
class BreakerRules:
    """When the candidate is given up for a while, and for how long.

    `tolerated` is the share of failures, in per cent, that is no reason. It opens for `open_s`,
    and for twice as long each time that probes find nothing better, up to `longest_open_s`.
    """

    tolerated: float = 1.0
    open_s: float = 5.0
    longest_open_s: float = 15.0


@dataclass(frozen=True, slots=True)
class BudgetRules:
    """How many fallbacks legacy is asked for: of what the candidate is asked, and in any case.

    At most `at_once` are under way. All are for all workers together.
    """

    ratio: float = 0.2
    min_per_s: float = 10.0
    at_once: int = 100


@dataclass(frozen=True, slots=True)
class Route:
    """A named entry of routes.yaml.

    A route with a `candidate` is being strangled: decisions choose between it and `legacy`.
    Without one it is plain, and `upstream` serves what it matches. Either way other methods on
    its paths go to `legacy`. What an abandoned attempt says is waited for up to `late_s`.
    """

    name: str
    matches: tuple[Match, ...]
    legacy: Upstream
    upstream: Upstream
    candidate: Upstream | None = None
    percent: float = 0.0
    by: str = "sub"
    salt: str = ""
    pins: tuple[Pin, ...] = ()
    auth: Auth = Auth.REQUIRED
    require: tuple[Requirement, ...] = ()
    timeout_s: float = 2.0
    deadline_s: float = 10.0
    fallback: frozenset[Cause] = frozenset(Cause)
    fallback_statuses: frozenset[int] = frozenset()
    idempotent: frozenset[str] = frozenset()
    max_body: int = 10 * 1024 * 1024
    upgrade: bool = False
    tunnel_idle_s: float = 300.0
    compare: Compare | None = None
    breaker: BreakerRules | None = BreakerRules()
    budget: BudgetRules | None = BudgetRules()
    late_s: float = 10.0

    threshold: int = field(init=False, compare=False)
    """Buckets below this are the candidate's: 0 is nobody, `BUCKETS` everybody."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "threshold", round(self.percent * 1000))

    @property
    def falls_back(self) -> bool:
        """Whether any failure of the candidate is answered by legacy instead."""
        return self.candidate is not None and bool(self.fallback or self.fallback_statuses)


@dataclass(frozen=True, slots=True)
class Key:
    """One way to verify a token: a fixed algorithm and where its key comes from.

    Exactly one source is set: a secret (`secret_env`, `secret_file`), or public keys. The key
    itself never enters the model: `router.edge` reads it, so that nothing which prints a
    configuration can leak it. `issuer` and `audience` win over those of `Jwt`.
    """

    algorithm: str = "HS256"
    secret_env: str | None = None
    secret_file: str | None = None
    public_key_file: str | None = None
    jwks_url: str | None = None
    kid: str | None = None
    issuer: str | None = None
    audience: frozenset[str] = frozenset()
    stale_for_s: float = 24 * 3600.0
    cache_file: str | None = None
    allow_http: bool = False


@dataclass(frozen=True, slots=True)
class Jwt:
    """What makes a token good."""

    keys: tuple[Key, ...]
    issuer: str | None = None
    audience: frozenset[str] = frozenset()
    leeway_s: float = 0.0
    required: frozenset[str] = frozenset({"exp", "sub"})

    def rules_for(self, key: Key) -> "Jwt":
        """These rules with the issuer and audience that *key* alone vouches for."""
        issuer = self.issuer if key.issuer is None else key.issuer
        return replace(self, issuer=issuer, audience=key.audience or self.audience)


@dataclass(frozen=True, slots=True)
class Limits:
    """What a client's connection may take of the router: time, bytes, and room, for each worker.

    `line`, `field` and `head` are bytes of a request's head, `fields` is how many it may have;
    `buffer` is the bytes held for a connection in each direction. What exceeds them is refused
    as RFC 9110 15.5.9 (408), 15.5.15 (414), 15.6.4 (503) and RFC 6585 5 (431) have it.
    """

    head_timeout_s: float = 10.0
    body_timeout_s: float = 30.0
    keep_alive_s: float = 75.0
    slow_reader_s: float = 60.0
    line: int = 8 * 1024
    field: int = 8 * 1024
    head: int = 32 * 1024
    fields: int = 100
    buffer: int = 64 * 1024
    connections: int = 10_000
    connections_per_client: int = 1_000


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One accepted configuration, whole: what the program runs on until the next is swapped in."""

    source: str
    hash: str
    upstreams: Mapping[str, Upstream]
    default: Route
    routes: tuple[Route, ...] = ()
    jwt: Jwt | None = None
    limits: Limits = Limits()
    trusted_proxies: tuple[Network, ...] = ()
    debug_headers: bool = False
    log_query: bool = False
    warnings: tuple[str, ...] = field(default=(), compare=False)

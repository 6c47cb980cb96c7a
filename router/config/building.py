"""Model → core: the frozen objects that the program runs on, every default filled in."""

from collections.abc import Iterable, Mapping
from hashlib import sha256
from ipaddress import ip_network

from router.config.addresses import origin
from router.config.compare_entries import CompareEntry
from router.config.entries import JwtEntry, KeyEntry
from router.config.fields import Claims
from router.config.limit_entries import LimitsEntry
from router.config.protection_entries import BreakerEntry, BudgetEntry
from router.config.route_entries import MatchEntry, RouteEntry
from router.config.schema import RoutesFile
from router.config.upstream_entries import UpstreamEntry
from router.core.model import (
    Auth,
    BreakerRules,
    BudgetRules,
    Cause,
    Cohort,
    Compare,
    Jwt,
    Key,
    Limits,
    Match,
    Pin,
    Requirement,
    Route,
    Snapshot,
    Upstream,
)

ALWAYS_REQUIRED = frozenset({"exp", "sub"})
TIMEOUT_S = 2.0
DEADLINE_S = 10.0
LONGEST_OPEN_S = 15.0
MOST_LATE_S = 60.0
PLAIN_S = 60.0
"""What a plain route promises: it has no second upstream to keep time for."""

AS_SHIPPED = Limits()


def hash_of(content: bytes) -> str:
    """What tells one configuration file from another: 12 characters of its SHA-256 in hex."""
    return sha256(content).hexdigest()[:12]


def build(source: str, content: bytes, file: RoutesFile) -> Snapshot:
    """The snapshot of a file in which nothing is wrong."""
    upstreams = {name: upstream_of(name, entry) for name, entry in file.upstreams.items()}
    default = upstreams[file.default]
    return Snapshot(
        source=source,
        hash=hash_of(content),
        upstreams=upstreams,
        default=default_route(default),
        routes=tuple(
            route_of(name, entry, upstreams, default) for name, entry in file.routes.items()
        ),
        jwt=None if file.jwt is None else jwt_of(file.jwt),
        limits=limits_of(file.limits or LimitsEntry()),
        trusted_proxies=tuple(map(ip_network, file.trusted_proxies or ())),
        debug_headers=file.debug_headers,
        log_query=file.log_query,
    )


def default_route(upstream: Upstream) -> Route:
    """What serves whatever no route lists: *upstream*, with the token passed on unverified."""
    return Route(
        name="default",
        matches=(),
        legacy=upstream,
        upstream=upstream,
        salt="default",
        auth=Auth.PASS,
        timeout_s=PLAIN_S,
        deadline_s=PLAIN_S,
        fallback=frozenset(),
    )


def upstream_of(name: str, entry: UpstreamEntry) -> Upstream:
    """An upstream under its *name*."""
    tls, host, port = origin(entry.url)
    return Upstream(
        name=name,
        host=host,
        port=port,
        tls=tls,
        ca_file=entry.ca_file,
        health=entry.health,
        connect_timeout_s=entry.connect_timeout,
        idle_s=entry.idle_timeout,
        pause_s=entry.pause_timeout,
        pool=entry.pool,
        connections=entry.connections,
        queue=entry.queue,
        queue_s=entry.queue_timeout,
    )


def limits_of(entry: LimitsEntry) -> Limits:
    """Limits; a part that was left out is never more than the whole it is of."""
    return Limits(
        head_timeout_s=entry.head_timeout,
        body_timeout_s=entry.body_timeout,
        keep_alive_s=entry.keep_alive,
        slow_reader_s=entry.slow_reader,
        line=entry.line or min(AS_SHIPPED.line, entry.head),
        field=entry.field or min(AS_SHIPPED.field, entry.head),
        head=entry.head,
        fields=entry.fields,
        buffer=entry.buffer,
        connections=entry.connections,
        connections_per_client=(
            entry.connections_per_client
            or min(AS_SHIPPED.connections_per_client, entry.connections)
        ),
    )


def jwt_of(entry: JwtEntry) -> Jwt:
    """What makes a token good, the short form of a key as a list of one."""
    keys = entry.keys or [KeyEntry(secret_env=entry.secret_env, secret_file=entry.secret_file)]
    return Jwt(
        keys=tuple(map(key_of, keys)),
        issuer=entry.issuer,
        audience=frozenset(entry.audience or ()),
        leeway_s=entry.leeway,
        required=ALWAYS_REQUIRED | frozenset(entry.require or ()),
    )


def key_of(entry: KeyEntry) -> Key:
    """A key with where it comes from and what it vouches for."""
    return Key(
        algorithm=entry.algorithm,
        secret_env=entry.secret_env,
        secret_file=entry.secret_file,
        public_key_file=entry.public_key_file,
        jwks_url=entry.jwks_url,
        kid=entry.kid,
        issuer=entry.issuer,
        audience=frozenset(entry.audience or ()),
        stale_for_s=entry.stale_for,
        cache_file=entry.cache_file,
        allow_http=entry.allow_http,
    )


def route_of(
    name: str, entry: RouteEntry, upstreams: Mapping[str, Upstream], default: Upstream
) -> Route:
    """A listed route under its *name*."""
    legacy = default if entry.legacy is None else upstreams[entry.legacy]
    causes, statuses = fallback_of(entry.fallback if entry.candidate else ())
    timeout_s, deadline_s = times_of(entry)
    return Route(
        name=name,
        matches=tuple(match_of(match) for match in entry.match),
        legacy=legacy,
        upstream=legacy if entry.upstream is None else upstreams[entry.upstream],
        candidate=None if entry.candidate is None else upstreams[entry.candidate],
        percent=float(entry.percent),
        by=entry.by,
        salt=name if entry.salt is None else entry.salt,
        pins=pins_of(entry),
        auth=Auth(entry.auth),
        require=tuple(
            Requirement(claim, frozenset(values)) for claim, values in (entry.require or {}).items()
        ),
        timeout_s=timeout_s,
        deadline_s=deadline_s,
        fallback=causes,
        fallback_statuses=statuses,
        idempotent=frozenset(entry.idempotent or ()),
        max_body=entry.max_body,
        upgrade=entry.upgrade == "allow",
        tunnel_idle_s=entry.upgrade_idle,
        compare=None if entry.compare is None else compare_of(entry.compare),
        breaker=None if entry.breaker is None else breaker_of(entry.breaker),
        budget=None if entry.budget is None else budget_of(entry.budget),
        late_s=min(deadline_s, MOST_LATE_S) if entry.late is None else entry.late,
    )


def breaker_of(entry: BreakerEntry) -> BreakerRules:
    """When the candidate is given up."""
    longest_open_s = entry.longest_open or max(LONGEST_OPEN_S, entry.open)
    return BreakerRules(float(entry.tolerated), entry.open, longest_open_s)


def budget_of(entry: BudgetEntry) -> BudgetRules:
    """How many fallbacks there may be."""
    return BudgetRules(float(entry.ratio), float(entry.min_per_s), entry.at_once)


def compare_of(entry: CompareEntry) -> Compare:
    """How answers are compared."""
    return Compare(
        sample=float(entry.sample),
        control=float(entry.control),
        ignore=tuple(entry.ignore or ()),
        unordered=tuple(entry.unordered or ()),
        tolerance=float(entry.tolerance),
        max_body=entry.max_body,
        show_values=entry.show_values,
    )


def times_of(entry: RouteEntry) -> tuple[float, float]:
    """Timeout and deadline of a route, in seconds; on a plain one they are the same."""
    if entry.candidate is None:
        deadline_s = entry.deadline or PLAIN_S
        return deadline_s, deadline_s
    return entry.timeout or TIMEOUT_S, entry.deadline or DEADLINE_S


def match_of(entry: MatchEntry) -> Match:
    """A match with HEAD where it has GET."""
    methods = None if entry.methods is None else frozenset(entry.methods)
    if methods is not None and "GET" in methods:
        methods |= {"HEAD"}
    return Match(entry.prefix or entry.path or "", entry.prefix is not None, methods)


def pins_of(entry: RouteEntry) -> tuple[Pin, ...]:
    """A route's pins, legacy's first: where both sides name a user, the safer one counts."""
    if entry.pin is None:
        return ()
    return (
        *side_of(Cohort.LEGACY, entry.pin.legacy),
        *side_of(Cohort.CANDIDATE, entry.pin.candidate),
    )


def side_of(cohort: Cohort, claims: Claims | None) -> Iterable[Pin]:
    """The pins of one side."""
    return (Pin(cohort, claim, frozenset(values)) for claim, values in (claims or {}).items())


def fallback_of(items: Iterable[str | int]) -> tuple[frozenset[Cause], frozenset[int]]:
    """Causes and single statuses apart."""
    listed = list(items)
    causes = frozenset(Cause(item) for item in listed if isinstance(item, str))
    return causes, frozenset(item for item in listed if isinstance(item, int))

"""The whole of routes.yaml as it may be said."""

from pydantic import Field

from router.config import fields
from router.config.entries import Entry, JwtEntry, said
from router.config.fields import Name, UpstreamName
from router.config.limit_entries import LimitsEntry
from router.config.route_entries import RouteEntry
from router.config.upstream_entries import Upstream


class RoutesFile(Entry):
    """The configuration of the strangler router."""

    upstreams: dict[Name, Upstream] = Field(
        min_length=1,
        description=said(
            "The services behind the router, by name: a URL, or a mapping.",
            default="none, it must be given",
        ),
    )
    jwt: JwtEntry | None = Field(
        default=None,
        description=said(
            "What makes a bearer token good.",
            default="none; every listed route must then say `auth: pass`",
        ),
    )
    default: UpstreamName = Field(
        description=said(
            "The upstream that serves whatever no route lists, and legacy where a route names "
            "none. Tokens are passed on unverified there.",
            default="none, it must be given",
        )
    )
    limits: LimitsEntry | None = Field(
        default=None,
        description=said(
            "What a client's connection may take: time, bytes, and room.",
            default="each limit's own",
        ),
    )
    trusted_proxies: fields.Networks | None = Field(
        default=None,
        description=said(
            "The addresses and networks (`10.0.0.0/8`, `127.0.0.1`) of load balancers in front of "
            "the router. What they say of their clients counts: `X-Forwarded-For` and `Forwarded` "
            "are appended to, `X-Forwarded-Proto`, `-Host` and `-Port` kept, and the client of "
            "the log is the last address of `X-Forwarded-For` that is none of these. Anybody "
            "else's are replaced by what the router sees itself.",
            default="none: nobody's word counts",
            danger="whoever has one of these addresses can be any client. Each must set "
            "`X-Forwarded-For`, and append to it what it saw. Where a load balancer is not "
            "listed, all its users are one client to `limits.connections_per_client`.",
        ),
    )
    debug_headers: bool = Field(
        default=False,
        description=said(
            "Whether answers, our own too, say who served them, how long it took and what went "
            "wrong (`X-Served-By`, `X-Strangler-Decision`, `Server-Timing`, `Proxy-Status`).",
            default="`false`",
            danger="clients learn the names of upstreams.",
        ),
    )
    log_query: bool = Field(
        default=False,
        description=said(
            "Whether the access log holds query strings.",
            default="`false`",
            danger="query strings carry personal data and secrets.",
        ),
    )
    routes: dict[Name, RouteEntry] = Field(
        description=said(
            "The requests that are treated in a way of their own, by name; `{}` for none.",
            default="none, it must be given: a file that was cut off is not taken for one without "
            "routes",
        )
    )

"""The whole of routes.yaml as it may be said."""

from pydantic import Field

from router.config.entries import Entry, JwtEntry, Upstream, said
from router.config.fields import Name, UpstreamName
from router.config.route_entries import RouteEntry


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
    debug_headers: bool = Field(
        default=False,
        description=said(
            "Whether answers say who served them and how long it took (`X-Served-By`, "
            "`Server-Timing`, `Proxy-Status`).",
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

"""What an upstream of routes.yaml may say; see `router.config.entries` for how it is described."""

from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from router.config import fields
from router.config.entries import Entry, said
from router.config.fields import Text
from router.config.values import shown


class UpstreamEntry(Entry):
    """A service behind the router, and how connections to it are made, kept and bounded.

    Numbers of connections are those of one worker.
    """

    url: fields.Url = Field(
        description=said(
            "Where the service is: scheme, host and port. Paths and queries are forwarded as "
            "clients send them, so none is written here. Without a port it is 80, for https 443.",
            default="none, it must be given",
            danger="a changed address is a new upstream to the router: its pool starts empty.",
        )
    )
    health: fields.HealthPath = Field(
        default="/health",
        description=said("The path that health checks ask for.", default="`/health`"),
    )
    ca_file: Text | None = Field(
        default=None,
        description=said(
            "A PEM file of the authorities that may vouch for an https upstream; a relative path "
            "starts from the folder of routes.yaml.",
            default="the system's authorities",
        ),
    )
    connect_timeout: fields.Duration = Field(
        default=1.0,
        json_schema_extra={"default": "1s"},
        description=said(
            "How long making a connection may take, name resolution and TLS included.",
            default="`1s`",
            danger="it is spent from the route's `timeout`; keep it well below.",
            nginx="`proxy_connect_timeout`, 60 s",
            sees="legacy's answer where the route falls back, else 502",
        ),
    )
    idle_timeout: fields.Duration = Field(
        default=1.5,
        json_schema_extra={"default": "1.5s"},
        description=said(
            "How long an unused connection is kept for the next request.",
            default="`1.5s`, which is below gunicorn's 2 s",
            danger="longer than the upstream's own keep-alive, requests meet connections that are "
            "just being closed.",
            nginx="`keepalive_timeout` of the `upstream` block, 60 s",
            sees="nothing",
        ),
    )
    pause_timeout: fields.Patience = Field(
        default=60.0,
        json_schema_extra={"default": "1m"},
        description=said(
            "How long the upstream may pause within the body of an answer. There is no limit on "
            "the whole: an answer may go on for days as long as it goes on.",
            default="`1m`",
            danger="an event stream that says nothing for so long is cut; let the upstream send a "
            "comment now and then, or raise this.",
            nginx="`proxy_read_timeout`, 60 s, which waits for the head of the answer as well; "
            "here that is `deadline` of the route",
            sees="an answer that breaks off, never one that looks whole",
        ),
    )
    pool: fields.PoolSize = Field(
        default=256,
        description=said(
            "How many connections are kept while nobody uses them; `0` makes a new one for each "
            "request.",
            default="`256`",
            danger="each takes a descriptor here and, with gunicorn's sync workers, may hold a "
            "worker there until `idle_timeout` has passed.",
            nginx="`keepalive` of the `upstream` block, none; 32 since 1.29.7",
            sees="nothing",
        ),
    )
    connections: fields.Connections = Field(
        default=1_000,
        description=said(
            "How many requests may be under way at the upstream at once, each on a connection of "
            "its own. It bounds what reaches the upstream when it slows down; who comes then "
            "waits in the `queue`. The last tenth, at least one of several, is for native traffic: "
            "what is diverted to legacy (rescues, and what an open breaker sends there) neither "
            "takes it nor waits, and is shed first. A tunnel holds its connection for as long as "
            "it lasts.",
            default="`1000`",
            danger="far more than the upstream carries at once (gunicorn: `workers` times "
            "`threads`) protects nothing, less and clients wait for nothing. With several workers "
            "or replicas the upstream may get that many from each.",
            nginx="`max_conns` of the `server`, no limit; HAProxy's is `maxconn` of the `server`, "
            "no limit either",
            sees="nothing while there is room in the `queue`; who is diverted there sees 503 with "
            "Retry-After, or the candidate's own failure",
        ),
    )
    queue: fields.Queue = Field(
        default=100,
        description=said(
            "How many exchanges may wait for a connection once all `connections` are in use; `0` "
            "lets none wait. The first to come is the first to be served.",
            default="`100`",
            danger="a long queue turns an upstream that is too slow into clients that all wait "
            "and then fail; a short one says so at once.",
            nginx="`queue` of the `upstream` block, only in the commercial version; HAProxy's is "
            "`maxqueue`, no limit",
            sees="at once legacy's answer where the route falls back, else 503 with Retry-After",
        ),
    )
    queue_timeout: fields.Duration = Field(
        default=2.0,
        json_schema_extra={"default": "2s"},
        description=said(
            "How long an exchange may wait in the `queue`. The wait is spent from the route's "
            "`timeout` or `deadline`, and never takes more than half of what is left of it.",
            default="`2s`",
            danger="together with the time that the upstream takes it must stay well below "
            "`deadline`, or an overloaded upstream works for clients that are told 504 meanwhile.",
            nginx="`timeout` of `queue`, 60 s; HAProxy's is `timeout queue`, as `timeout connect`",
            sees="legacy's answer where the route falls back, else 503 with Retry-After",
        ),
    )


def lift_url(value: Any) -> Any:
    """The short form of an upstream, its URL alone."""
    if isinstance(value, dict):
        return value
    if isinstance(value, str):
        return {"url": value}
    raise ValueError(f"must be a URL or a mapping, not {shown(value)}")


Upstream = Annotated[
    UpstreamEntry, BeforeValidator(lift_url, json_schema_input_type=fields.Url | UpstreamEntry)
]

"""What `limits` of routes.yaml may say; see `router.config.entries` for how it is described."""

from pydantic import Field

from router.config.entries import Entry, said
from router.config.fields import BufferSize, Connections, FieldCount, HeadSize, Patience

OLD_ONES_KEEP = "A change holds for connections made from then on."


class LimitsEntry(Entry):
    """What a client's connection may take: time, bytes, and room. Each is sound as it is.

    Numbers of connections are those of one worker. A load balancer is held to the same limits as
    any client, but for `connections_per_client` where `trusted_proxies` lists it.
    """

    head_timeout: Patience = Field(
        default=10.0,
        json_schema_extra={"default": "10s"},
        description=said(
            "How long the whole head of a request may take, from the opening of the connection or "
            "the first byte of a further request on it.",
            default="`10s`",
            danger="who sends a head a byte at a time holds a connection for so long; clients on "
            "bad networks need a few seconds.",
            nginx="`client_header_timeout`, 60 s",
            sees="408, and the connection is closed; nothing where it has sent no byte",
        ),
    )
    body_timeout: Patience = Field(
        default=30.0,
        json_schema_extra={"default": "30s"},
        description=said(
            "How long a client may pause within the body of a request. There is no limit on the "
            "whole of an upload.",
            default="`30s`",
            danger="an upload that pauses for longer, on a train for instance, has to be begun "
            "anew.",
            nginx="`client_body_timeout`, 60 s",
            sees="408, and the connection is closed; where an answer has begun, it breaks off",
        ),
    )
    keep_alive: Patience = Field(
        default=75.0,
        json_schema_extra={"default": "75s"},
        description=said(
            "How long a connection may wait for its next request.",
            default="`75s`",
            danger="a load balancer in front must give its idle connections up first, or its "
            "requests meet connections that are just being closed (AWS keeps them for 60 s).",
            nginx="`keepalive_timeout`, 75 s",
            sees="the connection closed between two requests",
        ),
    )
    slow_reader: Patience = Field(
        default=60.0,
        json_schema_extra={"default": "1m"},
        description=said(
            "How long a client may take nothing of an answer that is waiting for it.",
            default="`1m`",
            danger="who reads nothing holds an upstream's connection for so long.",
            nginx="`send_timeout`, 60 s",
            sees="an answer that breaks off",
        ),
    )
    line: HeadSize | None = Field(
        default=None,
        json_schema_extra={"default": "8KiB"},
        description=said(
            f"The longest target of a request: path and query. {OLD_ONES_KEEP}",
            default="`8KiB`, or `head` if that is less",
            danger="gunicorn takes 4094 bytes, method and version included; what is longer pleases "
            "only this router.",
            nginx="the size in `large_client_header_buffers`, 8 KiB",
            sees="414, and the connection is closed",
        ),
    )
    field: HeadSize | None = Field(
        default=None,
        json_schema_extra={"default": "8KiB"},
        description=said(
            f"The longest header field: cookies and tokens are the long ones. {OLD_ONES_KEEP}",
            default="`8KiB`, or `head` if that is less",
            danger="gunicorn takes 8190 bytes; a longer field pleases only this router.",
            nginx="the size in `large_client_header_buffers`, 8 KiB",
            sees="431, and the connection is closed",
        ),
    )
    head: HeadSize = Field(
        default=32 * 1024,
        json_schema_extra={"default": "32KiB"},
        description=said(
            "The largest head of a request, all its fields together.",
            default="`32KiB`",
            danger="times `connections` it is memory that strangers decide on.",
            nginx="the number times the size in `large_client_header_buffers`, 32 KiB",
            sees="431, and the connection is closed",
        ),
    )
    fields: FieldCount = Field(
        default=100,
        description=said(
            f"The most header fields that a request may have. {OLD_ONES_KEEP}",
            default="`100`",
            danger="gunicorn takes 100; more fields please only this router.",
            nginx="`max_headers`, 1,000, in versions that have it",
            sees="431, and the connection is closed",
        ),
    )
    buffer: BufferSize = Field(
        default=64 * 1024,
        json_schema_extra={"default": "64KiB"},
        description=said(
            "How many bytes of a body are held for a connection in each direction; once it is "
            "full, whoever sends has to wait for whoever reads.",
            default="`64KiB`",
            danger="twice this times `connections` is the memory that slow readers can take.",
            nginx="`proxy_buffers`, 8 of 4 KiB, beside files on disk",
            sees="nothing: its upload or its answer goes as fast as the slower side",
        ),
    )
    connections: Connections = Field(
        default=10_000,
        description=said(
            "How many client connections may be open at once, in all.",
            default="`10000`",
            danger="each takes a descriptor, and a second one while its request is under way: "
            "the process needs more than twice as many (`LimitNOFILE`, `ulimit -n`).",
            nginx="`worker_connections`, 512, upstream connections included",
            sees="503 with Retry-After, and the connection is closed",
        ),
    )
    connections_per_client: Connections | None = Field(
        default=None,
        json_schema_extra={"default": 1000},
        description=said(
            "How many connections one client address may have open at once, so that none can take "
            "all the room. An IPv6 client is its /64 network. Proxies of `trusted_proxies` are "
            "not counted.",
            default="`1000`, or `connections` if that is less",
            danger="a load balancer in front is one address: list it in `trusted_proxies`, or all "
            "of your users together have this many. Many users can also share an address "
            "(mobile networks, offices), and a browser opens up to six connections.",
            nginx="`limit_conn` by `$binary_remote_addr`, no limit",
            sees="503 with Retry-After, and the connection is closed",
        ),
    )

"""What goes to the client: an upstream's answer, another protocol's bytes, words of our own."""

from collections.abc import Callable

from router.core.answers import Head
from router.core.model import Route, Snapshot, Upstream
from router.core.onward import interim_head, switching_head
from router.core.outcome import Outcome
from router.core.problems import Notice, Problem
from router.core.record import Record
from router.edge.client.client import Client
from router.edge.relay import Relay, commit, give, note
from router.edge.tunnel import Tunnel
from router.edge.upstream.wire import Connection
from router.exchange.edges import Edges
from router.exchange.telling import date_of, fields_behind, with_debug


def pass_on(
    client: Client, connection: Connection, snapshot: Snapshot, record: Record, edges: Edges
) -> bool:
    """Commit the upstream's answer, as far as it has come; whether its body goes in chunks."""
    head = connection.head
    assert head is not None  # an answer has one
    date = "" if head.dated else date_now(edges)
    behind = fields_behind(head, snapshot, record, date)
    return commit(client, connection, behind)


def pass_on_rest(
    client: Client,
    connection: Connection,
    chunked: bool,
    upstream: Upstream,
    edges: Edges,
    ended: Callable[[bool], None],
) -> None:
    """Send on what is still to come of an answer; *ended* is told whether it came whole."""
    relay = Relay(
        client,
        connection,
        chunked=chunked,
        pause_s=upstream.pause_s,
        clock=edges.clock,
        ended=ended,
    )
    relay.start()


def open_tunnel(
    client: Client, connection: Connection, route: Route, ended: Callable[[bool], None]
) -> None:
    """Pass on a 101, and then bytes both ways."""
    head = connection.head
    assert head is not None  # the upstream switched by it
    tunnel = Tunnel(client, connection, idle_s=route.tunnel_idle_s, ended=ended)
    tunnel.start(switching_head(head))


def inform(client: Client, head: Head) -> None:
    """Pass on a 1xx; nothing is committed by it."""
    client.inform(interim_head(head))


def say(
    client: Client,
    problem: Problem,
    outcome: Outcome | None,
    record: Record,
    snapshot: Snapshot,
    edges: Edges,
) -> None:
    """Send *problem*, or break off where an answer has begun already."""
    if client.sent:
        client.abort()
        return
    record.status = problem.status
    if snapshot.debug_headers:
        problem = with_debug(problem, record, outcome)
    give(client, problem, record.request_id, date_now(edges))


def acknowledge(client: Client, notice: Notice, record: Record, edges: Edges) -> None:
    """Send *notice*, the answer to what was meant for nobody behind us."""
    record.status = notice.status
    note(client, notice, record.request_id, date_now(edges))


def date_now(edges: Edges) -> str:
    """Now, as a header says it (RFC 9110 5.6.7)."""
    return date_of(int(edges.wall()))

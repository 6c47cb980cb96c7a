"""From bytes to a decision: receive, match, identify, decide. No step here waits.

A token by an unknown key is given back as `Wanting`: `serving` waits for the key, and asks again.
"""

from dataclasses import dataclass

from router.core.challenges import challenge
from router.core.claims import Refusal, lacks
from router.core.deciding import Decision, decide
from router.core.headers import Pair, Sorted, sort_out
from router.core.matching import Matched, match
from router.core.model import Auth, Route
from router.core.problems import Problem
from router.core.record import Record
from router.core.targets import Target, read_target
from router.edge.current import Running
from router.edge.front import Client
from router.edge.requestbody import too_large
from router.edge.signatures import Wanting
from router.edge.tokens import Identity

NOBODY_KNOWN = Identity({}, ())


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that may be sent on: what it asks for, who asks, and where it goes first."""

    target: Target
    head: Sorted
    route: Route
    decision: Decision
    identity: tuple[Pair, ...]


def ask(client: Client, running: Running, record: Record) -> Asked | Problem | Wanting:
    """What the client asks for, or the refusal that answers it before any upstream is asked."""
    target = read_target(client.method, client.target)
    if isinstance(target, Problem):
        return target
    record.path, record.query = target.path, target.query
    head = sort_out(client.pairs, version=client.version)
    if isinstance(head, Problem):
        return head
    if head.request_id is not None:
        record.request_id = head.request_id.decode()
    matched = match(running.table, client.method, target.path)
    if isinstance(matched, Problem):
        return matched
    record.route = matched.route.name
    return admit(head, target, matched, running, record)


def admit(
    head: Sorted, target: Target, matched: Matched, running: Running, record: Record
) -> Asked | Problem | Wanting:
    """The part that depends on the route: who may, how much, and where it goes."""
    route = matched.route
    identity = identify(route, head, running)
    if isinstance(identity, Wanting):
        return identity
    if isinstance(identity, Refusal):
        record.refusal = identity
        return challenge(identity)
    if head.content_length is not None and head.content_length > route.max_body:
        return too_large(route.max_body)
    decision = decide(matched, identity.claims)
    record.cohort, record.reason = decision.cohort, decision.reason
    return Asked(target, head, route, decision, identity.headers)


def identify(route: Route, head: Sorted, running: Running) -> Identity | Refusal | Wanting:
    """Who is asking, as far as *route* wants to know."""
    if route.auth is Auth.PASS:
        return NOBODY_KNOWN
    assert running.tokens is not None  # `router.config` refuses such a route without keys
    identity = running.tokens.identify(head.authorization)
    if isinstance(identity, Identity) and lacks(route, identity.claims) is not None:
        return Refusal.ROLE
    return identity

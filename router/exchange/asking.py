"""From bytes to a decision: receive, match, identify, decide. No step here waits.

A token by an unknown key is given back as `Wanting`: `serving` waits for the key, and asks again.
"""

from collections.abc import Callable
from typing import Final

from router.core.challenges import challenge
from router.core.claims import Refusal, lacks
from router.core.deciding import CANDIDATE, Decision, decide, diverted
from router.core.fields import tokens
from router.core.headers import Sorted
from router.core.matching import Matched
from router.core.model import Auth, Route
from router.core.problems import Notice, Problem
from router.core.protection import LEGACY, Way
from router.core.recent import Recently
from router.core.record import Record
from router.core.targets import Target
from router.edge.client.client import Client
from router.edge.client.heads import Message
from router.edge.client.upload import Upload, too_large
from router.edge.current import Running
from router.edge.protections import Guard, Protections
from router.edge.signatures import Wanting
from router.edge.tokens import Identity

PASS: Final = Auth.PASS
NOBODY_KNOWN: Final = Identity({}, b"")
LAST_HOP = Notice(204)
"""The answer to an OPTIONS that was to go no further than us (RFC 9110 7.6.2)."""


class Asked:
    """A request that may be sent on: what it asks for, who asks, and where it goes first.

    `guard` is that of the candidate's cohort, `way` LEGACY once it has heard of the candidate.
    """

    __slots__ = ("decision", "guard", "head", "identity", "route", "target", "upgrade", "way")

    def __init__(
        self,
        target: Target,
        head: Sorted,
        route: Route,
        decision: Decision,
        identity: Identity,
        upgrade: bool,
        guard: Guard | None,
        way: Way,
    ) -> None:
        self.target = target
        self.head = head
        self.route = route
        self.decision = decision
        self.identity = identity
        self.upgrade = upgrade
        self.guard = guard
        self.way = way


def ask(
    client: Client, running: Running, protections: Protections | None, record: Record
) -> Asked | Problem | Notice | Wanting:
    """What the client asks for, or the refusal that answers it before any upstream is asked."""
    message = client.message
    located = running.locator.locate(message.method, message.target)
    if isinstance(located, Problem):
        return located
    target, matched = located
    record.path, record.query = target.path, target.query
    head = message.head
    if isinstance(head, Problem):
        return head
    if b"close" in head.named or (client.is_http_1_0 and b"keep-alive" not in head.named):
        client.close_after()  # whatever else is there, `Proxy-Connection` too (RFC 9112 9.3, C.2.2)
    if head.request_id is not None:
        record.request_id = head.request_id.decode()
    record.route = matched.route.name
    return admit(message, head, target, matched, running, protections, record)


def admit(
    message: Message,
    head: Sorted,
    target: Target,
    matched: Matched,
    running: Running,
    protections: Protections | None,
    record: Record,
) -> Asked | Problem | Notice | Wanting:
    """The part that depends on the route: who may, how much, and where it goes."""
    route = matched.route
    identity = identify(route, message.token, running)
    if isinstance(identity, Wanting):
        return identity
    if isinstance(identity, Refusal):
        record.refusal = identity
        return challenge(identity)
    if head.content_length is not None and head.content_length > route.max_body:
        return too_large(route.max_body)
    if head.max_forwards == 0 and record.method == "OPTIONS":
        return LAST_HOP
    decision, way, guard = decide(matched, identity.claims), LEGACY, None
    if protections is not None and decision.cohort is CANDIDATE:
        guard = protections.of(route.name)
    if guard is not None:
        way = guard.way(record.started, route, decision)
        if way is LEGACY:
            decision = diverted(route, decision)
    record.cohort, record.reason = decision.cohort, decision.reason
    return Asked(target, head, route, decision, identity, wants_upgrade(route, head), guard, way)


def identify(route: Route, token: bytes | None, running: Running) -> Identity | Refusal | Wanting:
    """Who is asking, as far as *route* wants to know."""
    if route.auth is PASS:
        return NOBODY_KNOWN
    assert running.tokens is not None  # `router.config` refuses such a route without keys
    identity = running.tokens.identify(token)
    if route.require and isinstance(identity, Identity) and lacks(route, identity.claims):
        return Refusal.ROLE
    return identity


def remember(asked: Asked, recently: Recently | None, record: Record) -> None:
    """Remember who asks, for `strangler plan` to tell whom another file would move."""
    unit = asked.decision.unit
    if recently is not None and unit is not None:
        recently.note(asked.route.name, unit, asked.identity.claims, record.started)


def upload_of(client: Client, asked: Asked, failed: Callable[[Problem], None]) -> Upload | None:
    """The body that follows the head, if one does."""
    head = asked.head
    if not head.has_body:
        return None
    return client.upload(
        length=None if head.chunked else head.content_length,
        limit=asked.route.max_body,
        expects_continue=head.expects_continue,
        named=head.named,
        failed=failed,
    )


def wants_upgrade(route: Route, head: Sorted) -> bool:
    """Whether the client's wish for another protocol goes on: where the route allows it.

    Never with a body, and never h2c, by which a client would speak past us (RFC 9110 7.8).
    """
    return route.upgrade and bool(
        head.upgrade
        and not head.has_body
        and b"upgrade" in head.named
        and not tokens(head.upgrade) & {b"h2c", b"h2"}
    )

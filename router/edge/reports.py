"""What a worker says of itself: the documents behind `/config`, `/explain`, `/status`, `/plan`."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from router.config.changes import changes
from router.config.complaints import ConfigError
from router.config.effective import effective
from router.config.loading import reload
from router.core.deciding import decide, diverted, ladder
from router.core.matching import match
from router.core.model import Snapshot
from router.core.planning import moves
from router.core.problems import Problem
from router.core.recent import Lately
from router.core.standings import told
from router.core.targets import read_target
from router.edge.current import Current, Running, keys_report
from router.edge.protections import Protections

CLAIM = "claim."

Seen = Mapping[str, Lately]


def config_report(current: Current) -> dict[str, Any]:
    """What is in force, and how the last reload went."""
    snapshot = current.running.snapshot
    return {
        "hash": snapshot.hash,
        "source": snapshot.source,
        "since": current.since,
        "last_reload": current.report(),
        "warnings": list(snapshot.warnings),
        "keys": keys_report(current.running),
        "effective": effective(snapshot),
    }


def explain_report(
    running: Running, query: Mapping[str, str], protections: Protections | None = None
) -> tuple[int, dict[str, Any]]:
    """Status and ladder for one user: `user=alice@example.com&path=/fitness/wod`."""
    user = query.get("user")
    if not user:
        return 400, {"error": "say ?user=…"}
    method = query.get("method", "GET")
    target = read_target(method, query.get("path", "/"))
    if isinstance(target, Problem):
        return 400, {"error": target.detail}
    matched = match(running.table, method, target.path)
    if isinstance(matched, Problem):
        return 400, {"error": matched.detail}
    claims = {"sub": user, **claims_of(query)}
    decision, breaker = decide(matched, claims), None
    if protections is not None:
        breaker = protections.words(matched.route, decision)
    if breaker is not None:
        decision = diverted(matched.route, decision)
    return 200, {
        "route": matched.route.name,
        "upstream": decision.upstream.name,
        "cohort": decision.cohort,
        "reason": decision.reason,
        "ladder": [asdict(rung) for rung in ladder(matched, claims, breaker)],
    }


def status_report(snapshot: Snapshot, protections: Protections, wall: float) -> dict[str, Any]:
    """How breaker and budget of each route that is being strangled stand, at *wall*."""
    standings = dict(protections.standings())
    return {
        route.name: told(route, standings[route.name], wall)
        for route in snapshot.routes
        if route.name in standings
    }


def plan_report(
    old: Snapshot, content: bytes, source: str, addresses: Mapping[str, str], seen: Seen, key: bytes
) -> dict[str, Any]:
    """What the file *content* would change, or every problem with it; takes time."""
    try:
        new = reload(old, source, content, addresses)
    except ConfigError as error:
        return {"problems": [str(problem) for problem in error.problems]}
    return {
        "problems": [],
        "warnings": list(new.warnings),
        "hash": {"now": old.hash, "then": new.hash},
        "changes": changes(old, new),
        "routes": moves(old, new, seen, key),
    }


def claims_of(query: Mapping[str, str]) -> dict[str, str]:
    """Further claims given as `claim.NAME=VALUE`."""
    return {
        name.removeprefix(CLAIM): value for name, value in query.items() if name.startswith(CLAIM)
    }

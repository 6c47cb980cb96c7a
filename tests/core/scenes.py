"""Routes and snapshots for the pure parts, made by hand so that no configuration is involved."""

from typing import Any

from router.core.model import Match, Route, Snapshot, Upstream

COACH = Upstream("coach", "coach", 5002)
MONOLITH = Upstream("monolith", "monolith", 5001)
GET = frozenset({"GET", "HEAD"})
DEFAULT = Route("default", (), legacy=MONOLITH, upstream=MONOLITH)


def route(name: str = "wod", *matches: Match, **fields: Any) -> Route:
    """A route that is being strangled, unless *fields* say otherwise."""
    whole: dict[str, Any] = {
        "name": name,
        "matches": matches or (Match("/fitness/wod", methods=GET),),
        "legacy": MONOLITH,
        "upstream": MONOLITH,
        "candidate": COACH,
        "percent": 10.0,
        "salt": name,
    }
    return Route(**(whole | fields))


def snapshot(*routes: Route, default: Route = DEFAULT) -> Snapshot:
    """A configuration of those routes."""
    upstreams = {"coach": COACH, "monolith": MONOLITH}
    return Snapshot("routes.yaml", "0" * 12, upstreams, default, routes)

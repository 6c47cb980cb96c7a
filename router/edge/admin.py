"""The admin port: read-only, loopback by default, and never in the way of traffic."""

from collections.abc import Callable
from dataclasses import asdict, dataclass

from aiohttp import web

from router.config import effective
from router.core.deciding import decide, ladder
from router.core.matching import match
from router.core.problems import Problem
from router.core.targets import read_target
from router.edge.current import Current, keys_report
from router.edge.metrics import Metrics


@dataclass(frozen=True, slots=True)
class Admin:
    """What the pages show."""

    current: Current
    metrics: Metrics
    is_draining: Callable[[], bool]

    def application(self) -> web.Application:
        """The admin port's routes."""
        application = web.Application()
        application.add_routes(
            [
                web.get("/healthz", self.healthz),
                web.get("/readyz", self.readyz),
                web.get("/metrics", self.metrics_page),
                web.get("/config", self.config),
                web.get("/explain", self.explain),
            ]
        )
        return application

    async def healthz(self, _: web.Request) -> web.Response:
        """The process lives."""
        return web.json_response({"status": "ok"})

    async def readyz(self, _: web.Request) -> web.Response:
        """Traffic may come: configured and not draining. Never depends on an upstream."""
        if self.is_draining():
            return web.json_response({"status": "draining"}, status=503)
        return web.json_response({"status": "ready"})

    async def metrics_page(self, _: web.Request) -> web.Response:
        """Everything, in Prometheus' text format."""
        kind = "text/plain; version=0.0.4; charset=utf-8"
        return web.Response(body=self.metrics.expose(), headers={"Content-Type": kind})

    async def config(self, _: web.Request) -> web.Response:
        """What is in force, and how the last reload went."""
        snapshot = self.current.running.snapshot
        return web.json_response(
            {
                "hash": snapshot.hash,
                "source": snapshot.source,
                "last_reload": self.current.report(),
                "warnings": list(snapshot.warnings),
                "keys": keys_report(self.current.running),
                "effective": effective(snapshot),
            }
        )

    async def explain(self, request: web.Request) -> web.Response:
        """The ladder for one user: `/explain?user=alice@example.com&path=/fitness/wod`."""
        user = request.query.get("user")
        if not user:
            return web.json_response({"error": "say ?user=…"}, status=400)
        method = request.query.get("method", "GET")
        target = read_target(method, request.query.get("path", "/"))
        if isinstance(target, Problem):
            return web.json_response({"error": target.detail}, status=400)
        matched = match(self.current.running.table, method, target.path)
        if isinstance(matched, Problem):
            return web.json_response({"error": matched.detail}, status=400)
        claims = {"sub": user, **claims_of(request)}
        decision = decide(matched, claims)
        return web.json_response(
            {
                "route": matched.route.name,
                "upstream": decision.upstream.name,
                "cohort": decision.cohort,
                "reason": decision.reason,
                "ladder": [asdict(rung) for rung in ladder(matched, claims)],
            }
        )


def claims_of(request: web.Request) -> dict[str, str]:
    """Further claims given as `claim.NAME=VALUE`."""
    prefix = "claim."
    return {
        name.removeprefix(prefix): value
        for name, value in request.query.items()
        if name.startswith(prefix)
    }

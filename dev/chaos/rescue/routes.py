"""routes.yaml of the rescue: a route and a candidate for each way in which connecting goes."""

from collections.abc import Mapping

from dev.chaos.rescue.words import (
    CONNECT_S,
    DEADLINE_S,
    IDLE_S,
    PAUSE_S,
    PERCENT,
    SALT,
    TIMEOUT_S,
)

INDEPENDENT = ("    breaker: none", "    budget: none", "    late: 0s")
"""Lines for each route that switch off what makes one exchange depend on others: the model predicts
each from its plan alone."""

HEAD = """\
debug_headers: false
jwt: {{issuer: fit-api, secret_env: JWT_SECRET}}
default: monolith
limits: {{keep_alive: {keep_alive}s}}
upstreams:
  monolith: {{url: "http://127.0.0.1:{monolith}", {bounds}}}
"""
BOUNDS = (
    f"connect_timeout: {CONNECT_S}s, idle_timeout: {IDLE_S}s, pause_timeout: {PAUSE_S}s, queue: 0"
)
CANDIDATE = '  {lane}: {{url: "{url}", pool: {pool}, {bounds}}}'
ROUTE = """\
  {lane}:
    match: GET,POST,PUT /{lane}
    candidate: {lane}
    percent: {percent:g}
    salt: {salt}
    idempotent: [PUT]
    timeout: {timeout:g}s
    deadline: {deadline:g}s"""


def text(monolith: int, urls: Mapping[str, str], edition: int) -> str:
    """The whole file; by *edition* they differ, in nothing that a client sees."""
    head = HEAD.format(monolith=monolith, bounds=BOUNDS, keep_alive=75 + edition % 10)
    upstreams = (
        CANDIDATE.format(lane=lane, url=url, pool=0 if lane == "fresh" else 256, bounds=BOUNDS)
        for lane, url in urls.items()
    )
    routes = "\n".join(line for lane in urls for line in (route(lane), *INDEPENDENT))
    return f"# edition {edition}\n{head}{chr(10).join(upstreams)}\nroutes:\n{routes}\n"


def route(lane: str) -> str:
    """A route of its own for each candidate."""
    return ROUTE.format(
        lane=lane, percent=PERCENT, salt=SALT, timeout=TIMEOUT_S, deadline=DEADLINE_S
    )

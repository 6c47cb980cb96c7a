"""What a user, an operator and Prometheus see of the stack, through the published ports."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import httpx

from dev import demo
from dev.audience import WOD
from dev.compose import looking
from dev.compose.containers import Containers
from dev.compose.project import Project
from dev.compose.telling import NotSo, check, say, step
from dev.stack import eventually

SOON_S = 10.0
CORE = ["router", "coach", "monolith", "postgres"]


class Checks:
    """The checks, one method a part, in the order in which they build on one another."""

    def __init__(self, project: Project, client: httpx.Client) -> None:
        self.project = project
        self.client = client
        self.containers = Containers(project)

    def run(self) -> None:
        """All of them."""
        self.file()
        self.migration()
        self.doors()
        self.containment()
        self.speed()

    def file(self) -> None:
        """What is edited by hand on the host is in force in the container."""
        step("routes.yaml edited by hand on the host: debug headers")
        config = self.containers.config
        config.write_text(demo.shown_headers(config.read_text("utf-8")), "utf-8")
        is_so = eventually(lambda: self.config().get("debug_headers") is True, SOON_S)
        check(is_so, f"the router has it within {SOON_S:g} s")
        urls = {name: entry["url"] for name, entry in self.config()["upstreams"].items()}
        wanted = {"monolith": "http://monolith:5001", "coach": "http://coach:5002"}
        check(urls == wanted, "/config shows the addresses of STRANGLER_UPSTREAMS", urls)

    def config(self) -> dict[str, Any]:
        """What is in force, from the admin port."""
        page = json.loads(self.containers.page("/config"))
        configuration: dict[str, Any] = page.get("effective", page)
        return configuration

    def migration(self) -> None:
        """`make demo`, step by step, through the published port; coach's container is killed."""
        step("The demonstration, on the containers")
        try:
            demo.Demo(self.containers, self.client).run()
        except demo.NotSo as not_so:
            raise NotSo(str(not_so)) from None

    def doors(self) -> None:
        """What an application uses beside the WOD; without a token there is nothing."""
        step("A user through the published port")
        credentials = {"username": "alice@example.com", "password": demo.PASSWORD}
        answer = self.client.post("/oauth/token", json=credentials)
        check(answer.status_code == 200, "alice logs in at POST /oauth/token", answer.text[:300])
        bearer = {"Authorization": f"Bearer {answer.json()['access_token']}"}
        refused = self.client.get(WOD)
        is_challenge = refused.headers.get("WWW-Authenticate", "").startswith("Bearer")
        check(refused.status_code == 401 and is_challenge, "without a token: 401, WWW-Authenticate")
        for path in ("/fitness/exercises", "/fitness/history"):
            answer = self.client.get(path, headers=bearer)
            check(answer.status_code == 200, f"GET {path}: 200", answer.text[:300])

    def containment(self) -> None:
        """What the engine says of the containers."""
        step("What the containers may do")
        looking.contained(self.project, CORE)
        looking.published(self.project, CORE)
        looking.unwritable(self.project, "router")

    def speed(self) -> None:
        """What is run is what was compiled."""
        step("What the router runs")
        looking.compiled(self.project)


def observed(project: Project) -> None:
    """Prometheus scrapes the router: its target is up."""
    step("Prometheus, profile observability")
    project.up("prometheus", profile="observability")
    base = project.url("PROMETHEUS_PORT")

    def targets() -> Sequence[Mapping[str, object]]:
        answer = httpx.get(f"{base}/api/v1/targets?state=active", trust_env=False, timeout=5.0)
        found: Sequence[Mapping[str, object]] = answer.json()["data"]["activeTargets"]
        return found

    def router_is_up() -> bool:
        return any(
            "router:9901" in str(target["scrapeUrl"]) and target["health"] == "up"
            for target in targets()
        )

    check(eventually(router_is_up, 60.0), "the router's target is up", targets())
    for target in targets():
        say(f"    {target['scrapeUrl']} is {target['health']}")
    rules = httpx.get(f"{base}/api/v1/rules?type=alert", trust_env=False, timeout=5.0).json()
    alerts = [rule["name"] for group in rules["data"]["groups"] for rule in group["rules"]]
    check(len(alerts) > 0, f"it has read our {len(alerts)} alerts", rules)
    looking.contained(project, ["prometheus"])
    looking.published(project, [*CORE, "prometheus"])


def loadable(project: Project) -> None:
    """Locust's page is there. Its button stays unpressed: load goes to loopback, not to here."""
    step("Locust, profile load")
    project.up("locust", profile="load")
    page = httpx.get(project.url("LOCUST_PORT"), trust_env=False, timeout=5.0)
    check("Locust" in page.text, "its page is served, so load/locustfile.py was read", page.text)
    looking.contained(project, ["locust"])
    looking.published(project, [*CORE, "locust"])


def kept(project: Project) -> None:
    """A second `up` makes no second secret, and a stop is a graceful one."""
    step("Restart and stop")
    before = looking.secret_of(project)
    project.compose("stop", "router", "coach", "monolith", timeout_s=120.0)
    for service in ("router", "coach", "monolith"):
        code = looking.exit_code(project, service)
        check(code == 0, f"{service} stopped of itself, exit code 0", code)
    project.up(*CORE)
    check(looking.secret_of(project) == before, "after `up` again the secret is the one it was")

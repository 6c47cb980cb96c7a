"""What a user, an operator and Prometheus see of the stack, through the published ports."""

import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import httpx
from prometheus_client.parser import text_string_to_metric_families

from dev.audience import ROUTE, WOD, Told, User, ask, names_between
from dev.compose import looking
from dev.compose.engine import docker, run
from dev.compose.project import Project
from dev.compose.telling import check, say, step
from dev.plan import ROOT
from dev.stack import eventually

PASSWORD = "train-every-day"  # noqa: S105 - of the monolith's documented users for laptops
SOON_S = 10.0
CORE = ["router", "coach", "monolith", "postgres"]


class Checks:
    """The checks, one method a part, in the order in which they build on one another."""

    def __init__(self, project: Project, client: httpx.Client) -> None:
        self.project = project
        self.client = client
        self.file = project.config / "routes.yaml"
        self.users: list[User] = []

    def run(self) -> None:
        """All of them."""
        self.doors()
        self.sides()
        self.ramp()
        self.lose_coach()
        self.containment()

    def doors(self) -> None:
        """Log in, and use what the app uses; without a token there is nothing."""
        step("A user through the published port")
        credentials = {"username": "alice@example.com", "password": PASSWORD}
        answer = self.client.post("/oauth/token", json=credentials)
        check(answer.status_code == 200, "alice logs in at POST /oauth/token", answer.text[:300])
        alice = User("alice@example.com", answer.json()["access_token"])
        refused = self.client.get(WOD)
        is_challenge = refused.headers.get("WWW-Authenticate", "").startswith("Bearer")
        check(refused.status_code == 401 and is_challenge, "without a token: 401, WWW-Authenticate")
        for path, key in (("/fitness/exercises", "exercises"), ("/fitness/history", "history")):
            answer = self.get(path, alice)
            check(answer.status_code == 200, f"GET {path}: 200", answer.text[:300])
            say(f"    {answer.text[:60].strip()} … ({key})")
        self.users = [alice, *self.minted()]

    def minted(self) -> list[User]:
        """Users on either side of each step of the ramp, by `strangler token` in the container."""
        names = [*names_between(0, 10, 1), *names_between(10, 50, 1), *names_between(50, 100, 1)]
        return [User(name, self.token(name)) for name in names]

    def token(self, name: str) -> str:
        """A token of *name*, signed with the secret that the stack has made for itself."""
        return self.project.inside("router", "strangler", "token", "--user", name).strip()

    def get(self, path: str, user: User) -> httpx.Response:
        """What *user* is told at *path*."""
        return self.client.get(path, headers={"Authorization": f"Bearer {user.token}"})

    def sides(self) -> None:
        """At 10 %, as shipped: everybody is served by whom their bucket says."""
        step("routes.yaml edited by hand on the host: debug headers, as shipped 10 %")
        text = self.file.read_text("utf-8")
        self.file.write_text(f"debug_headers: true\n{text}", "utf-8")
        self.expect("debug_headers", value=True)
        self.expect_sides(10)

    def ramp(self) -> None:
        """`strangler set` on the host moves users inside the container within seconds."""
        for percent in (0, 50, 100):
            step(f"strangler set wod {percent} --wait, on the host")
            admin = self.project.url("STRANGLER_ADMIN_PORT")
            command = [sys.executable, "-m", "router", "set", ROUTE, str(percent), str(self.file)]
            environment = {
                k: v for k, v in self.project.environment.items() if k != "STRANGLER_UPSTREAMS"
            }
            said = run([*command, "--wait", "--admin", admin], cwd=ROOT, env=environment)
            say(said.splitlines()[-1])
            self.expect_sides(percent)

    def expect(self, field: str, *, value: object) -> None:
        """Wait until /config shows *value*, and the containers' addresses beside it."""
        is_so = eventually(lambda: self.config().get(field) == value, SOON_S)
        check(is_so, f"the router has it within {SOON_S:g} s")
        urls = {name: entry["url"] for name, entry in self.config()["upstreams"].items()}
        wanted = {"monolith": "http://monolith:5001", "coach": "http://coach:5002"}
        check(urls == wanted, "/config shows the addresses of STRANGLER_UPSTREAMS", urls)

    def config(self) -> dict[str, Any]:
        """What is in force, from the admin port."""
        page = json.loads(self.admin("/config"))
        configuration: dict[str, Any] = page.get("effective", page)
        return configuration

    def admin(self, path: str) -> str:
        """A page of the admin port."""
        return httpx.get(self.project.url("STRANGLER_ADMIN_PORT") + path, trust_env=False).text

    def expect_sides(self, percent: float) -> None:
        """Each user gets the workout, from whom the bucket says."""
        for one in ask(self.client, self.users):
            place = one.user.bucket / 1000
            right = (one.status, one.served) == (200, one.user.side(percent))
            claim = f"{one.user.name:20} at {place:6.3f} → {one.served}, {one.took_s:.2f} s"
            check(right, claim, one.status)

    def lose_coach(self) -> None:
        """The coach container is killed at 100 %: users get their workout, metrics the truth."""
        step("docker kill coach, at 100 %")
        coach = self.project.container("coach")
        before = self.rescues()
        docker("kill", coach)
        told = ask(self.client, self.users[:2])
        check(all(served(one) == (200, "monolith") for one in told), "200 from the monolith", told)
        wanted = before + len(told)
        check(eventually(lambda: self.rescues() >= wanted, SOON_S), "counted as fate rescued")
        docker("start", coach)
        back = eventually(lambda: served(ask(self.client, self.users[:1])[0]) == (200, "coach"), 60)
        check(back, "docker start coach: it serves again")

    def rescues(self) -> float:
        """How many exchanges ended as rescued."""
        families = text_string_to_metric_families(self.admin("/metrics"))
        return sum(
            sample.value
            for family in families
            for sample in family.samples
            if sample.name == "strangler_requests_total" and sample.labels["fate"] == "rescued"
        )

    def containment(self) -> None:
        """What the engine says of the containers."""
        step("What the containers may do")
        looking.contained(self.project, CORE)
        looking.published(self.project, CORE)
        looking.unwritable(self.project, "router")


def served(told: Told) -> tuple[int, str]:
    """Status and upstream."""
    return told.status, told.served


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
    looking.contained(project, ["prometheus"])
    looking.published(project, [*CORE, "prometheus"])


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

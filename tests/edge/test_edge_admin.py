"""The admin port: read-only, and true."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from io import BytesIO

import pytest
from aiohttp import ClientSession, web

from dev.plan import ROOT
from router.config.text import MAX_FILE
from router.core import standings
from router.core.comparing.gathering import gathered
from router.core.model import BreakerRules, BudgetRules
from router.core.totals import Totals
from router.edge.admin import Answer, runner_of
from router.edge.current import Verdict
from router.edge.reports import config_report, explain_report, plan_report, status_report
from tests.edge.conftest import Open
from tests.edge.requests import SECRET, bearer, request
from tests.edge.scripts import status
from tests.edge.stages import Stage


class Desk:
    """The admin port of an open stage, which answers for itself as a worker would."""

    session: ClientSession

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.draining = False

    def readiness(self) -> Answer:
        """As a test has set it."""
        return (503 if self.draining else 200), {}

    async def totals(self) -> list[Totals]:
        """Those of the stage."""
        return self.stage.metrics.totals()

    async def config(self) -> Answer:
        """What the stage serves by."""
        return 200, config_report(self.stage.current)

    async def explain(self, query: Mapping[str, str]) -> Answer:
        """How the stage would decide."""
        return explain_report(self.stage.current.running, query, self.stage.protections)

    async def compare(self) -> Answer:
        """What the stage found."""
        return 200, gathered([self.stage.comparing.report()])

    async def status(self) -> Answer:
        """How the stage's routes stand."""
        stage = self.stage
        told = status_report(stage.current.running.snapshot, stage.protections, stage.wall())
        return 200, standings.gathered([told])

    async def plan(self, content: bytes, source: str) -> Answer:
        """What the stage says of any file."""
        return 200, {"size": len(content), "source": source}

    async def page(self, path: str, method: str = "GET") -> tuple[int, str]:
        """Status and text of a page."""
        async with self.session.request(method, path) as answer:
            return answer.status, await answer.text()


@pytest.fixture
async def desk(stage: Open) -> AsyncIterator[Desk]:
    """Give the admin port of a stage."""
    one = Desk(await stage())
    runner = runner_of(one)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    async with ClientSession(f"http://127.0.0.1:{runner.addresses[0][1]}") as one.session:
        yield one
    await runner.cleanup()


async def test_health_is_the_process_and_readiness_the_traffic(desk: Desk) -> None:
    """Neither asks an upstream: a monolith that is down must not take the router with it."""
    assert (await desk.page("/healthz"))[0] == 200
    assert (await desk.page("/readyz"))[0] == 200
    desk.draining = True
    assert (await desk.page("/healthz"))[0] == 200
    assert (await desk.page("/readyz"))[0] == 503
    assert not desk.stage.coach.lines + desk.stage.monolith.lines


async def test_metrics_are_prometheus_text(desk: Desk) -> None:
    """With what has just happened in them."""
    await desk.stage.ask(request())
    await desk.stage.quiet()
    status, text = await desk.page("/metrics")
    assert status == 200
    assert 'fate="ok",route="wod",served="coach"} 1.0' in text


async def test_the_configuration_is_shown_without_its_secrets(desk: Desk) -> None:
    """What is in force, under which hash, and how the last reload went."""
    verdict = Verdict(ok=False, hash="abc", problems=("routes.yaml:1:1: broken",))
    desk.stage.current.verdict = verdict
    status, text = await desk.page("/config")
    assert status == 200
    assert '"hash": "hash"' in text
    assert "routes.yaml:1:1: broken" in text
    assert SECRET not in text


async def test_explain_tells_the_ladder(desk: Desk) -> None:
    """For a user and a path, as the next request would be decided."""
    status, text = await desk.page("/explain?user=user-1&path=/fitness/wod")
    assert status == 200
    assert '"upstream": "coach"' in text
    assert '"cohort": "candidate"' in text
    assert (await desk.page("/explain?path=/x"))[0] == 400
    assert (await desk.page("/explain?user=a&path=nowhere"))[0] == 400
    assert (await desk.page("/explain?user=a&path=//fitness/wod"))[0] == 400


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
@pytest.mark.parametrize(
    "path", ["/config", "/metrics", "/healthz", "/explain", "/compare", "/status"]
)
async def test_nothing_can_be_changed(desk: Desk, path: str, method: str) -> None:
    """There is no page that takes anything."""
    assert (await desk.page(path, method))[0] == 405


async def test_the_status_is_how_routes_stand(stage: Open) -> None:
    """Breaker and budget, from the start and once the candidate has been given up."""
    fields = {"breaker": BreakerRules(), "budget": BudgetRules()}
    one = await stage([status(500)], route=fields)
    desk = Desk(one)
    _, shown = await desk.status()
    assert set(shown) == {"wod", "write"}
    assert shown["wod"] == {
        "candidate": "coach",
        "percent": 100.0,
        "breaker": {
            "state": "closed", "workers": {"closed": 1, "open": 0, "half_open": 0},
            "since": None, "lasted_s": None, "why": None, "rests_s": 0.0,
        },
        "budget": {"used": 0, "left": 100, "under_way": 0, "at_once": 100},
    }  # fmt: skip
    for number in range(4):
        await one.ask(request(auth=bearer(str(number))))
        await one.quiet()
    _, shown = await desk.status()
    breaker = shown["wod"]["breaker"]
    assert (breaker["state"], breaker["why"]) == ("open", "tripped")
    assert 4.0 > breaker["lasted_s"] >= 0.0
    assert abs(one.wall() - breaker["lasted_s"] - breaker["since"]) < 1.0
    assert 0.0 < breaker["rests_s"] <= 5.0
    assert shown["wod"]["budget"]["used"] == 4
    assert shown["write"]["breaker"]["state"] == "closed"
    one.swap_route({"breaker": None, "budget": None})
    _, shown = await desk.status()
    assert (shown["wod"]["breaker"], shown["wod"]["budget"]) == (None, None)


async def test_a_plan_is_asked_for_with_the_file(desk: Desk) -> None:
    """The one page that takes something; of what is no file, as much as shows that."""
    async with desk.session.post("/plan?file=a.yaml", data=BytesIO(b"x" * MAX_FILE)) as answer:
        assert await answer.json() == {"size": MAX_FILE, "source": "a.yaml"}
    async with desk.session.post("/plan", data=BytesIO(b"x" * 2 * MAX_FILE)) as answer:
        assert (await answer.json())["size"] == MAX_FILE + 1
    assert (await desk.page("/plan"))[0] == 405


@pytest.mark.parametrize("begun", [b"", b"x" * 2 * MAX_FILE])
async def test_a_file_that_never_ends_is_not_waited_for(
    desk: Desk, begun: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever sends it would hold a connection for ever."""
    monkeypatch.setattr("router.edge.admin.UPLOAD_S", 0.2)
    ended = asyncio.Event()

    async def endless() -> AsyncIterator[bytes]:
        yield begun
        await ended.wait()

    async with desk.session.post("/plan", data=endless()) as answer:
        assert answer.status == 408
        assert answer.headers["Connection"] == "close"
    ended.set()


async def test_users_are_remembered_for_plans(stage: Open) -> None:
    """Those of listed routes, whose token was verified, and how often they asked."""
    one = await stage()
    for user in ("a", "b", "a"):
        await one.ask(request(auth=bearer(user)))
    await one.ask(request(path="/elsewhere"))
    await one.ask(request(auth=""))
    lately = one.recently.lately(time.monotonic())
    assert {name: {u: s.requests for u, s in of.users.items()} for name, of in lately.items()} == {
        "wod": {"a": 2, "b": 1}
    }
    content = (ROOT / "config/routes.yaml").read_bytes()
    told = plan_report(one.snapshot, content, "next.yaml", {}, lately, b"key")
    assert [(row[1], row[2], row[3]) for row in told["routes"]["wod"]["users"]] == [
        ("coach", "monolith", 2),
        ("coach", "monolith", 1),
    ]
    assert "wod.percent 100 → 10" in told["changes"]
    bad = plan_report(one.snapshot, b"routes: 1", "next.yaml", {}, lately, b"key")
    assert all(problem.startswith("next.yaml:") for problem in bad["problems"])
    assert bad["problems"]

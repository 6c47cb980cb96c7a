"""What the admin port shows: one answer out of those of all workers."""

import os
import secrets
from collections.abc import Mapping
from typing import Any

from router.core import standings
from router.core.comparing.gathering import gathered
from router.core.planning import planned
from router.core.shapes import has
from router.core.totals import Family, Kind, Totals, merged
from router.edge.admin import Answer
from router.edge.identity import started
from router.serve.crew import Crew
from router.serve.hand import Hand, State, ask_all
from router.serve.rolling import Rolling

WORKERS = Family("workers", "Worker processes, wanted and ready.", ("state",), Kind.GAUGE)
RESTARTS = Family("worker_restarts", "Workers that were started in another's place.", ("why",))
OWN = (WORKERS, RESTARTS)
JUDGE_S = 10.0
"""How long workers may take for a plan: a large file is judged for seconds."""

NOBODY = {"error": "no worker is ready"}


class Gathering:
    """The desk of the admin port, which knows nothing itself and asks the workers."""

    def __init__(self, crew: Crew, rolling: Rolling) -> None:
        self._crew = crew
        self._rolling = rolling

    def readiness(self) -> Answer:
        """All workers have been there, one is, and the router is not being stopped."""
        ready = len(self._crew.ready)
        if self._crew.stopping.is_set():
            return 503, {"status": "draining"}
        status, word = (200, "ready") if ready and self._crew.has_begun else (503, "starting")
        return status, {"status": word, "workers": {"wanted": self._crew.wanted, "ready": ready}}

    async def totals(self) -> list[Totals]:
        """What all workers counted, those that have gone too.

        Of a worker that does not answer it is what it told last, a second ago if it was well.
        """
        await ask_all(self._speaking, "totals")
        of_workers = (hand.totals for hand in self._crew.hands)
        return [*merged([*of_workers, self._crew.retired]), *self._own()]

    def _own(self) -> list[Totals]:
        """What only the supervisor knows."""
        counts = {"wanted": self._crew.wanted, "ready": len(self._crew.ready)}
        return [counted(WORKERS, counts), counted(RESTARTS, self._crew.restarts)]

    async def config(self) -> Answer:
        """The page of the worker that is furthest behind, and the verdict of each.

        So its hash is a new file's only when every worker serves by that, and its verdict is good
        only if all of them are.
        """
        reports = fit(await ask_all(self._speaking, "config"), "hash", "since", "last_reload")
        ready = [report for hand, report in reports.items() if hand.is_ready]
        own = {
            "supervisor": {"pid": os.getpid(), "started": started(os.getpid())},
            "workers": [verdict(hand, reports.get(hand, {})) for hand in self._crew.hands],
            "restart": self._rolling.report(),
        }
        if not ready:
            return 503, {**NOBODY, **own}
        behind = min(ready, key=lambda report: (report["last_reload"]["ok"], report["since"]))
        return 200, {**behind, **own}

    async def explain(self, query: Mapping[str, str]) -> Answer:
        """What the first of the workers says, since they agree."""
        answers = await ask_all(self._crew.ready, "explain", query=dict(query))
        for answer in answers.values():
            match answer:
                case [int(status), dict(document)]:
                    return status, document
        return 503, NOBODY

    async def compare(self) -> Answer:
        """What all workers found, as one; the evidence of those that have gone went with them."""
        books = fit(await ask_all(self._speaking, "compare"))
        return 200, gathered(books.values())

    async def status(self) -> Answer:
        """How breakers and budgets stand in those that serve, as one."""
        told = fit(await ask_all(self._crew.ready, "status"))
        return (200, standings.gathered(told.values())) if told else (503, NOBODY)

    async def plan(self, content: bytes, source: str) -> Answer:
        """What each of the workers that serve says of the users that it saw, as one."""
        key = secrets.token_hex(16)
        text = content.decode("latin-1")
        answers = await ask_all(
            self._crew.ready, "plan", within_s=JUDGE_S, content=text, source=source, key=key
        )
        asked = fit(answers, "problems")
        for first in asked.values():
            if first["problems"]:
                return 422, first
            return 200, {
                **first,
                "routes": planned(one.get("routes", {}) for one in asked.values()),
            }
        return 503, NOBODY if not self._crew.ready else {"error": "no worker answered in time"}

    @property
    def _speaking(self) -> list[Hand]:
        """Those who can be asked."""
        return [hand for hand in self._crew.hands if hand.state is not State.STARTING]


def fit(answers: Mapping[Hand, Any], *keys: str) -> dict[Hand, Any]:
    """Those of *answers* that have *keys*: a worker of another version may tell otherwise."""
    return {hand: answer for hand, answer in answers.items() if has(answer, keys)}


def counted(family: Family, counts: Mapping[str, int]) -> Totals:
    """A family of one label."""
    return Totals(family, {(label,): [float(count)] for label, count in counts.items()})


def verdict(hand: Hand, report: Mapping[str, Any]) -> dict[str, Any]:
    """One worker on the page; one that did not answer has a state and no more."""
    told = {key: report[key] for key in ("hash", "since", "last_reload") if key in report}
    return {"pid": hand.pid, "state": hand.state, **told}

"""What a row of the fault matrix is: the fault, its cause, what is seen, and how that is tried."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from tests.edge.requests import WOD, request
from tests.edge.scripts import answer_of, ok
from tests.edge.upstreams import Step
from tests.faults.house import House

RIGHT, FROM_COACH = answer_of("monolith"), answer_of("coach")
NONE = "none"
"""No attempt has failed, or none is meant."""


@dataclass(frozen=True, slots=True)
class Play:
    """One exchange through the real router before scripted upstreams, and what must be seen.

    On *kept* connections a sound exchange goes before. `attempts` are those of the log line, in
    which `coach` is the candidate whatever the route: a step that hangs is met on one with little
    time. `whole` says whether the answer has its end.
    """

    coach: tuple[Step, ...]
    attempts: tuple[tuple[str, str], ...]
    fate: str
    status: int = 200
    body: bytes | None = RIGHT
    monolith: tuple[Step, ...] = (ok(),)
    method: str = "GET"
    path: str = WOD
    upload: bytes | None = None
    kept: bool = False
    whole: bool = True
    within_s: float = 5.0

    async def __call__(self, house: House) -> None:
        """Play it, and compare."""
        lane = "kept" if self.kept else "hasty" if any(one.hangs for one in self.coach) else ""
        path = f"/{lane}" if lane else self.path
        caller = await house.dial()
        house.play([ok()] * self.kept + [*self.coach], [*self.monolith])
        if self.kept:
            assert (await house.ask(caller, request(path=path)))[0].status == 200
        got, story = await house.ask(
            caller, request(self.method, path, body=self.upload), self.method
        )
        assert (got.status, got.whole) == (self.status, self.whole)
        assert self.body in (None, got.body)
        assert got.took_s < self.within_s
        told = [(one["upstream"], one["outcome"]) for one in story["attempts"]]
        assert [("coach" if who == lane else who, what) for who, what in told] == [*self.attempts]
        assert story["fate"] == self.fate


def rescued(cause: str, *coach: Step, kept: bool = False) -> Play:
    """The candidate fails, and legacy answers."""
    return Play(coach, (("coach", cause), ("monolith", "ok")), "rescued", kept=kept)


def passed(*coach: Step, status: int = 200, body: bytes | None = FROM_COACH) -> Play:
    """The candidate's answer is the client's, as it is."""
    return Play(coach, (("coach", "ok"),), "ok", status, body)


Way = Callable[[House], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Row:
    """One row: `ways` are tried here, `tests` are tests elsewhere that are exactly this.

    Those are spelled `FOLDER/FILE.py::TEST`, below `tests`.
    """

    fault: str
    cause: str
    sees: str
    ways: Mapping[str, Way]
    tests: tuple[str, ...] = ()

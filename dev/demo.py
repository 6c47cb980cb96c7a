"""`make demo`: a whole migration in about a minute, on the running programs.

It starts the three programs on free ports, moves users from the monolith to coach as an operator
would, kills coach on the way, and tells at each step who served whom. Whatever it says it has
checked; the first thing that is not so ends it with exit code 1 and the ends of the logs.
"""

import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Protocol

import httpx

from dev.audience import ROUTE, Told, User, ask, names_between
from dev.process import NotReady
from dev.screen import complain
from dev.stack import Stack, eventually

PASSWORD = "train-every-day"  # noqa: S105 - of the monolith's documented users for laptops
LOG_LINES = 12
RESCUES = ("rescued", "breaker_direct")
"""What becomes of a coach user while coach is down: asked coach first, or spared that."""


class NotSo(Exception):
    """Something that the demonstration says turned out otherwise."""


class Staged(Protocol):
    """What the demonstration needs of the three programs, wherever they run: see `Stack`."""

    @property
    def config(self) -> Path:
        """The file that the router reads."""

    def token(self, user: str, **claims: object) -> str:
        """A good token of *user*."""

    def set(self, route: str, percent: float) -> str:
        """Set the percent and wait until it is in force; what was said."""

    def write(self, text: str) -> str:
        """Replace the file; its hash."""

    def page(self, path: str) -> str:
        """A page of the admin port."""

    def total(self, name: str, **labels: str) -> float:
        """The sum of the samples of `strangler_NAME` that have *labels*."""

    def kill(self, name: str) -> None:
        """End one program as a power cut would."""

    def start(self, *names: str) -> None:
        """Start programs again."""


class Demo:
    """The migration, one method a step."""

    def __init__(self, stack: Staged, client: httpx.Client) -> None:
        self.stack = stack
        self.client = client
        self.sent = 0
        self.began = time.monotonic()
        self.workouts: dict[str, Told] = {}

    def run(self) -> None:
        """All steps."""
        users = self.prepare()
        self.pin(users)
        self.ramp(users)
        self.lose_coach(users)
        self.roll_back(users)
        self.finish(users)
        self.sum_up()

    def prepare(self) -> list[User]:
        """0 %: everybody is on the monolith; one of them logged in through the router."""
        self.step("Prepare: coach runs, at 0 % nobody is sent to it")
        alice = User("alice@example.com", self.log_in("alice@example.com"))
        users = [alice, *(User(name, self.stack.token(name)) for name in cast())]
        self.set(0)
        self.expect_sides(self.ask(users[:4]), 0)
        return users

    def log_in(self, name: str) -> str:
        """The token that the monolith gives for the password, asked for through the router."""
        credentials = {"username": name, "password": PASSWORD}
        answer = self.client.post("/oauth/token", json=credentials)
        self.sent += 1
        self.check(answer.status_code == 200, f"{name} logs in through the router")
        token: str = answer.json()["access_token"]
        return token

    def pin(self, users: Sequence[User]) -> None:
        """Still 0 %: a tester is on coach already."""
        self.step("Try it in production: testers are pinned to coach, still at 0 %")
        text = self.stack.config.read_text("utf-8")
        self.write(text.replace("percent: 0", "percent: 0\n    pin: {candidate: {role: [qa]}}"))
        tester = User("tina@example.com", self.stack.token("tina@example.com", role="qa"))
        told = self.ask([tester, users[1]])
        self.check(told[0].served == "coach", "tina, a tester, is served by coach")
        self.check(told[1].served == "monolith", f"{users[1].name} is not")
        self.write(text)

    def ramp(self, users: Sequence[User]) -> None:
        """10, 50, 100 %: each step adds users and takes none away; the workouts are the same."""
        on_coach: set[str] = set()
        for percent in (10, 50, 100):
            self.step(f"Migrate: {percent} %")
            self.set(percent)
            told = self.ask(users)
            self.expect_sides(told, percent)
            now = {one.user.name for one in told if one.served == "coach"}
            self.check(on_coach < now, f"{len(now)} of {len(users)} on coach, none left it")
            on_coach = now
        self.same_workouts(told)

    def same_workouts(self, told: Iterable[Told]) -> None:
        """What coach tells is what the monolith told the same users on the same day."""
        kept = self.workouts
        compared = [(one, kept[one.user.name]) for one in told if one.user.name in kept]
        today = [(new, old) for new, old in compared if old.day == new.day]
        self.check(
            all(new.exercises == old.exercises for new, old in today),
            f"{len(today)} users got the same workout from both",
        )
        slow = max((old.took_s for _, old in compared), default=0.0)
        fast = max((new.took_s for new, _ in compared), default=0.0)
        self.say(f"slowest answer: monolith {slow:.1f} s, coach {fast * 1000:.0f} ms")

    def lose_coach(self, users: Sequence[User]) -> None:
        """Coach is killed at 100 %: every request is still answered, and every rescue counted."""
        self.step("Trouble: coach is killed (kill -9) at 100 %")
        before = self.rescues()
        self.stack.kill("coach")
        told = self.ask(users[:4])
        self.check(all(one.status == 200 for one in told), f"{len(told)} of {len(told)} got 200")
        self.check({one.served for one in told} == {"monolith"}, "all from the monolith")
        rescued = before + len(told)
        self.check(
            eventually(lambda: self.rescues() == rescued, 2.0),
            f"/metrics counts {len(told)} rescues, against coach",
        )
        self.say("starting coach again")
        self.stack.start("coach")
        first = min(users, key=lambda user: user.bucket)  # of those who probe first
        self.check(eventually(lambda: self.is_back(first), 60.0), "coach serves again")

    def is_back(self, user: User) -> bool:
        """Whether *user*, asking now, is served by coach, and so will be everybody else."""
        [told] = self.ask([user])
        self.check(told.status == 200, f"{user.name} got 200")
        closed = self.stack.total("breaker_state", route="wod", state="closed")
        return told.served == "coach" and closed > 0

    def rescues(self) -> float:
        """How many of coach's users the monolith has served because coach could not."""
        total = self.stack.total
        return sum(total("requests_total", cohort="candidate", fate=fate) for fate in RESCUES)

    def roll_back(self, users: Sequence[User]) -> None:
        """Back to 0 % and to 100 % again: one number."""
        self.step("Second thoughts: back to 0 %, then to 100 % again")
        self.set(0)
        self.expect_sides(self.ask(users[:2]), 0)
        self.set(100)
        self.expect_sides(self.ask(users), 100)

    def finish(self, users: Sequence[User]) -> None:
        """The last two lines of the route become one, and percentages are history."""
        self.step("Finish: the route says `upstream: coach`")
        text = self.stack.config.read_text("utf-8")
        self.write(text.replace("candidate: coach\n    percent: 100", "upstream: coach"))
        told = self.ask(users)
        self.check({one.served for one in told} == {"coach"}, "everybody is served by coach")

    def sum_up(self) -> None:
        """Every request has one fate, and all of them were counted."""
        self.step("The books")
        self.check(
            eventually(lambda: self.stack.total("requests_total") == self.sent, 2.0),
            f"{self.sent} requests sent, {self.sent} fates counted",
        )
        bad = self.stack.total("requests_total", code="5xx")
        self.check(bad == 0, "not one of them was answered with an error")
        print(f"\nThe migration is done, in {time.monotonic() - self.began:.0f} s.")

    def ask(self, users: Sequence[User]) -> list[Told]:
        """Have *users* ask, and keep what the monolith told each."""
        told = ask(self.client, users)
        self.sent += len(users)
        for one in told:
            if one.served == "monolith":
                self.workouts[one.user.name] = one
        return told

    def expect_sides(self, told: Sequence[Told], percent: float) -> None:
        """Each user was served, and by whom their bucket says."""
        for one in told:
            place = one.user.bucket * 100 / 100_000
            self.check(
                (one.status, one.served) == (200, one.user.side(percent)),
                f"{one.user.name:20} at {place:6.3f} → {one.served}, {one.took_s:.2f} s",
            )
        sides = Counter(one.served for one in told)
        self.say(f"by upstream: {', '.join(f'{name} {n}' for name, n in sorted(sides.items()))}")

    def set(self, percent: float) -> None:
        """`strangler set wod PERCENT --wait`."""
        self.say(f"$ strangler set {ROUTE} {percent:g} --wait")
        self.say(self.stack.set(ROUTE, percent).splitlines()[-1])

    def write(self, text: str) -> None:
        """Edit the file by hand, and wait until the router serves on it."""
        wanted = self.stack.write(text)
        in_force = eventually(lambda: f'"hash": "{wanted}"' in self.stack.page("/config"), 5.0)
        self.check(in_force, f"routes.yaml edited by hand, in force (hash {wanted})")

    def step(self, title: str) -> None:
        """A headline."""
        print(f"\n[{time.monotonic() - self.began:4.0f} s] {title}", flush=True)

    def say(self, text: str) -> None:
        """A line below it."""
        print(f"         {text}", flush=True)

    def check(self, is_so: bool, claim: str) -> None:
        """Say *claim* if it holds, else stop."""
        if not is_so:
            raise NotSo(claim)
        self.say(f"ok  {claim}")


def cast() -> list[str]:
    """Users on either side of each step of the ramp, few enough for the slow monolith."""
    return [*names_between(0, 10, 2), *names_between(10, 50, 2), *names_between(50, 100, 2)]


def shown_headers(text: str) -> str:
    """The file's text with the debug headers on: they say who served."""
    return f"debug_headers: true\n{text}"


def main() -> int:
    """Run it; 0 if all that was said is so."""
    with tempfile.TemporaryDirectory(prefix="strangler-demo-") as folder:
        stack = Stack(Path(folder), change=shown_headers)
        print("Starting monolith, coach and router on free ports ...", flush=True)
        print(stack.signing, flush=True)
        try:
            with stack, httpx.Client(base_url=stack.url, timeout=30.0, trust_env=False) as client:
                Demo(stack, client).run()
        except (NotSo, NotReady, RuntimeError, httpx.HTTPError) as error:
            return complain(f"\nNOT SO: {error}", *ends_of_logs(stack))
        except KeyboardInterrupt:
            return complain("stopped") + 129
    return 0


def ends_of_logs(stack: Stack) -> list[str]:
    """The last lines of each program's log."""
    found = []
    for name in ("router", "coach", "monolith"):
        found += [f"--- {name}", *stack.log(name).splitlines()[-LOG_LINES:]]
    return found


if __name__ == "__main__":
    sys.exit(main())

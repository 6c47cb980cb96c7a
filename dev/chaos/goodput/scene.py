"""The real programs: all but a few users on coach, and coach on a network of its own."""

import re
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from dev.chaos.goodput.network import Network, NoNetwork, network
from dev.load.runs import searches
from dev.places import Place, free_ports
from dev.plan import Program
from dev.process import Process
from dev.stack import READY_S, Stack, eventually

LATE_S = 3.0
"""What the slow road adds: more than the route's timeout."""
IDLE_S = 60.0
LEGACY, PLACES, WAITING = "monolith-wod", 5, 4
"""The monolith as legacy of the WOD. It computes two at once; with more than three that wait, some
would wait for longer than the 4 s after which it refuses them."""
NATIVE = "native"
"""The role of those who are pinned to legacy."""


@dataclass
class Scene:
    """The stack under trial; *network* is None, and *why* says the reason, where there is none."""

    stack: Stack
    network: Network | None
    why: str = ""

    @property
    def monolith(self) -> str:
        """Where the monolith is asked without the router."""
        return self.stack.plan.monolith.places[0].url

    @property
    def port(self) -> int:
        """Coach's."""
        return self.stack.plan.coach.places[0].port

    @property
    def timeout_s(self) -> float:
        """What coach may take to commit."""
        [route] = self.stack.plan.snapshot.routes
        return route.timeout_s

    def rest(self) -> None:
        """Wait until no workout is being computed."""
        monolith = self.stack.processes["monolith"].pid
        eventually(lambda: not searches(monolith), IDLE_S)

    @contextmanager
    def slowed(self) -> Iterator[None]:
        """Coach is another one, on a slow road; at the end the one from before is started again."""
        [port] = free_ports(1)
        twin = second(self.stack.plan.coach, port, self.network)
        where = twin.places[0].host
        road = (sys.executable, "-m", "dev.chaos.goodput.relay", where, str(self.port))
        command = (*road, str(port), f"{LATE_S:g}")
        relay = replace(twin, name="relay", command=inside(command, self.network))
        with self._running(twin) as process:
            process.wait_until_ready(READY_S, give_up=lambda: False)
            with self._running(relay):
                self.stack.kill("coach")
                says = self.stack.folder / "relay.log"
                eventually(lambda: "listening" in says.read_text("utf-8"), READY_S)
                yield
            self.stack.start("coach")

    @contextmanager
    def _running(self, program: Program) -> Iterator[Process]:
        with self.stack.log_file(program.name).open("ab") as log:
            process = Process(program, self.stack.folder, log)
        try:
            yield process
        finally:
            process.kill()
            process.wait()


@contextmanager
def scene(folder: Path, rules: str = "") -> Iterator[Scene]:
    """The programs, started; *rules* are lines added to the route."""
    with ExitStack() as held:
        where, why = None, ""
        try:
            where = held.enter_context(network())
        except NoNetwork as error:
            why = str(error)
        stack = Stack(folder, change=lambda text: changed(text, rules), keys="HS256")
        if where is not None:
            move(stack, where)
        yield Scene(held.enter_context(stack), where, why)


def changed(text: str, rules: str) -> str:
    """The shipped file at 100 %, but for a few who are pinned to legacy; answers say who served.

    Workouts of the monolith have a pool of connections of their own, so small that what the
    monolith has no room for is refused by the router, and not by the monolith after a wait.
    """
    text = text.replace("percent: 10", "percent: 100")
    pool = rf"\1\n  {LEGACY}: {{url: \2, connections: {PLACES}, queue: {WAITING}}}"
    text = re.sub(r"^(  monolith: (\S+))$", pool, text, flags=re.MULTILINE)
    legacy = f"    legacy: {LEGACY}\n    pin: {{legacy: {{role: [{NATIVE}]}}}}\n"
    return f"debug_headers: true\n{text}{legacy}{rules}"


def move(stack: Stack, network: Network) -> None:
    """Have coach live in the namespace, and all find each other."""
    monolith, coach = stack.plan.monolith, stack.plan.coach
    was, port = coach.places[0], monolith.places[0].port
    text = stack.config.read_text("utf-8")
    stack.config.write_text(text.replace(str(was), f"{network.there}:{was.port}"), "utf-8")
    anywhere = {"MONOLITH_BIND": f"0.0.0.0:{port}"}
    asks = {"MONOLITH_URL": f"http://{network.here}:{port}"}
    coach = replace(coach, environment={**coach.environment, **asks})
    stack.plan = replace(
        stack.plan,
        monolith=replace(monolith, environment={**monolith.environment, **anywhere}),
        coach=replace(placed(coach, was.port, network), command=inside(coach.command, network)),
    )


def placed(program: Program, port: int, network: Network | None) -> Program:
    """*program* listening elsewhere."""
    host = "127.0.0.1" if network is None else network.there
    where = Place(program.name, host, port, "")
    environment = {**program.environment, "COACH_BIND": str(where)}
    return replace(program, environment=environment, places=(where,), ready=f"{where.url}/health")


def inside(command: tuple[str, ...], network: Network | None) -> tuple[str, ...]:
    """*command*, run where coach is."""
    return command if network is None else network.inside(command)


def second(coach: Program, port: int, network: Network | None) -> Program:
    """Another coach, with figures and a pid of its own."""
    one = placed(replace(coach, name="coach-slow"), port, network)
    figures = f"{coach.environment['PROMETHEUS_MULTIPROC_DIR']}-slow"
    return replace(one, environment={**one.environment, "PROMETHEUS_MULTIPROC_DIR": figures})

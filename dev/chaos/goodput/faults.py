"""What is done to coach. Each is a block: the fault begins with it, coach is back at its end."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from itertools import cycle

from dev.chaos.goodput.network import Network
from dev.chaos.goodput.scene import Scene
from dev.meanwhile import meanwhile

FLAP_S = 3.0


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault. *is_away*: coach serves nobody meanwhile; *hangs*: it lets everybody wait."""

    name: str
    words: str
    block: Callable[[Scene], AbstractContextManager[None]]
    is_away: bool = True
    hangs: bool = False
    needs_network: bool = False


@contextmanager
def killed(scene: Scene) -> Iterator[None]:
    """Its processes end as by a power cut; at the end it is started again."""
    scene.stack.kill("coach")
    yield
    scene.stack.start("coach")


@contextmanager
def frozen(scene: Scene) -> Iterator[None]:
    """Its processes stand still: connections are accepted, nothing is answered."""
    scene.stack.processes["coach"].hang()
    yield
    scene.stack.processes["coach"].resume()


@contextmanager
def slow(scene: Scene) -> Iterator[None]:
    """Every answer comes later than the route's timeout."""
    with scene.slowed():
        yield


@contextmanager
def flapping(scene: Scene) -> Iterator[None]:
    """It stands still and goes on, in turn."""
    coach = scene.stack.processes["coach"]
    turns = cycle((coach.resume, coach.hang))

    def flap() -> None:
        next(turns)()

    coach.hang()
    with meanwhile(flap, FLAP_S):
        yield
    coach.resume()


def cut(verdict: str) -> Callable[[Scene], AbstractContextManager[None]]:
    """Packets of the router for coach are treated so."""

    @contextmanager
    def block(scene: Scene) -> Iterator[None]:
        network = net(scene)
        network.cut(scene.port, verdict)
        yield
        network.mend()

    return block


def net(scene: Scene) -> Network:
    """The network that such a fault needs."""
    if scene.network is None:
        raise ValueError("this fault needs a network of coach's own")
    return scene.network


RESET = "reject with tcp reset"
FAULTS = (
    Fault("killed", "SIGKILL, started again at the end", killed),
    Fault("frozen", "SIGSTOP, SIGCONT at the end", frozen, hangs=True),
    Fault("slow", "each answer 3 s late", slow, hangs=True),
    Fault("flapping", f"SIGSTOP and SIGCONT each {FLAP_S:g} s", flapping, is_away=False),
    Fault("dropped", "packets for it dropped", cut("drop"), hangs=True, needs_network=True),
    Fault("refused", "its port answers with TCP resets", cut(RESET), needs_network=True),
)

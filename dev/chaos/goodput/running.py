"""A run: the monolith alone, then all programs while coach has one fault after the other."""

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from dev.chaos.goodput.faults import FAULTS, Fault
from dev.chaos.goodput.ledger import Entry, told, worked
from dev.chaos.goodput.scene import NATIVE, Scene
from dev.chaos.goodput.seen import Alone, Run, Window
from dev.chaos.goodput.users import LONGEST_S, Crowd
from dev.plan import ROOT
from load.people import names

LOOK_S, STALL_S = 0.5, 5.0


@dataclass(frozen=True, slots=True)
class Phases:
    """How long each part lasts, in seconds; *settle_s* of each fault are not judged."""

    alone_s: float = 60.0
    warm_s: float = 15.0
    fault_s: float = 45.0
    rest_s: float = 35.0
    settle_s: float = 10.0
    users: int = 100
    native: int = 4
    think_s: tuple[float, float] = (5.0, 10.0)
    only: tuple[str, ...] = ()

    def faults(self, scene: Scene) -> list[Fault]:
        """Those that are wanted, and can be had."""
        wanted = [fault for fault in FAULTS if not self.only or fault.name in self.only]
        return [one for one in wanted if scene.network is not None or not one.needs_network]


def played(scene: Scene, phases: Phases) -> Run:
    """All of it. The monolith is alone before and after, as the machine may have other work."""
    before = alone(scene, phases, "before")
    router = scene.stack.processes["router"].program.places[0].url
    with crowd(scene, phases, router, "chaos") as ledger, watched() as stalls:
        wait(f"{phases.users} users, all programs well", phases.warm_s)
        windows = [window(scene, phases, fault) for fault in phases.faults(scene)]
    after = alone(scene, phases, "after")
    return Run(
        ledger=Entry.read(ledger),
        windows=windows,
        alone=[before, after],
        monolith=worked(scene.stack.log_file("monolith")),
        told=told(scene.stack.log_file("router")),
        timeout_s=scene.timeout_s,
        settle_s=phases.settle_s,
        left_out=scene.why,
        stalls=stalls,
    )


def alone(scene: Scene, phases: Phases, when: str) -> Alone:
    """The same users, all at the monolith, without the router and without coach's help."""
    with crowd(scene, phases, scene.monolith, f"alone-{when}") as ledger:
        wait(f"the monolith alone, {when}", phases.settle_s)
        begin = time.time()
        wait("...", phases.alone_s)
        end = time.time()
    return Alone(Entry.read(ledger), begin, end)


def window(scene: Scene, phases: Phases, fault: Fault) -> Window:
    """One fault, and the rest after it."""
    with fault.block(scene):
        begin = time.time()
        wait(f"coach {fault.name}: {fault.words}", phases.fault_s)
        end = time.time()
    back = time.time()
    wait("coach is back", phases.rest_s)
    return Window(fault, begin, end, back, time.time())


def wait(what: str, seconds: float) -> None:
    """Let the users play for so long."""
    print(f"{what}, {seconds:g} s", flush=True)
    time.sleep(seconds)


@contextmanager
def watched() -> Iterator[list[tuple[float, float]]]:
    """When the machine stood still during the block, and for how long: others share it."""
    over, found = threading.Event(), list[tuple[float, float]]()

    def look() -> None:
        last = time.monotonic()
        while not over.wait(LOOK_S):
            last, before = time.monotonic(), last
            if last - before > STALL_S:
                found.append((time.time() - (last - before), last - before))

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield found
    finally:
        over.set()
        thread.join()


@contextmanager
def crowd(scene: Scene, phases: Phases, url: str, prefix: str) -> Iterator[Path]:
    """The users at work during the block, each with a token; where their ledger is."""
    scene.rest()
    ledger = scene.stack.folder / f"{prefix}.jsonl"
    users = names(phases.users + phases.native)
    tokens = {
        "candidate": [scene.stack.token(name) for name in users[: phases.users]],
        "legacy": [scene.stack.token(name, role=NATIVE) for name in users[phases.users :]],
    }
    asked = Crowd(url, str(ledger), prefix, tokens, phases.think_s)
    with at_play(asked):
        yield ledger


@contextmanager
def at_play(asked: Crowd) -> Iterator[None]:
    """The process of the users; at the end all that they asked has been answered."""
    process = subprocess.Popen(
        [sys.executable, "-m", "dev.chaos.goodput.users"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(asked.text())
        process.stdin.close()
        process.stdout.readline()
        yield
        process.terminate()
        process.wait(2 * LONGEST_S)
    finally:
        process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()

"""The stack in the foreground: starts, reports, starts again what it is asked to, stops."""

import signal
import sys
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from subprocess import PIPE

from dev.plan import Plan, Program
from dev.process import POLL_S, NotReady, Process
from dev.screen import Screen

READY_S = 30.0
ROUTER_STOPS_WITHIN_S = 12.0
"""More than the 10 s in which the router promises every answer."""
OTHERS_STOP_WITHIN_S = 12.0
"""More than a workout that waits its turn in the monolith can take."""


@dataclass(frozen=True, slots=True)
class Ended:
    """A program has ended, asked or not."""

    process: Process


class Again:
    """Somebody wants a program started again: `dev.up NAME`."""


class Stop:
    """Somebody wants everything stopped."""


class Foreground:
    """The three programs of *plan*, from their start to their end.

    Signals and the threads that wait for programs only leave a word in the queue; all that is
    done about it is done in `run`, one thing after the other.
    """

    def __init__(self, plan: Plan, folder: Path, welcome: str) -> None:
        self._plan = plan
        self._folder = folder
        self._welcome = welcome
        self._screen = Screen(sys.stdout)
        self._events: SimpleQueue[Ended | Again | Stop] = SimpleQueue()
        self._processes: dict[str, Process] = {}
        self._threads: list[threading.Thread] = []
        self._stops = 0

    def run(self) -> int:
        """Serve until Ctrl-C or SIGTERM; 0, or 1 where the stack could not be started."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda *_: self._stop())
        signal.signal(signal.SIGUSR1, lambda *_: self._events.put(Again()))
        try:
            self._start_all()
            if not self._stops:
                self._screen.plain(self._welcome)
            self._serve()
        except NotReady as problem:
            self._say(f"{problem}; the reason is in its log above")
            return 1
        finally:
            self._stop_all()
        return 0

    def _stop(self) -> None:
        self._stops += 1
        self._events.put(Stop())

    def _say(self, text: str) -> None:
        self._screen.line("up", text)

    def _start_all(self) -> None:
        """The monolith first, since coach asks it for the catalogue."""
        for program in self._plan.programs:
            if not self._stops:
                self._start(program)

    def _start(self, program: Program) -> None:
        process = Process(program, self._folder, PIPE)
        self._processes[program.name] = process
        for work in (self._copy, self._wait):
            thread = threading.Thread(target=work, args=(process,), daemon=True)
            thread.start()
            self._threads.append(thread)
        process.wait_until_ready(READY_S, give_up=lambda: self._stops > 0)

    def _copy(self, process: Process) -> None:
        assert process.output is not None
        self._screen.copy(process.program.name, process.output)

    def _wait(self, process: Process) -> None:
        process.wait()
        self._events.put(Ended(process))

    def _serve(self) -> None:
        while not self._stops:
            match self._events.get():
                case Ended(process):
                    self._report(process)
                case Again():
                    self._start_again()

    def _report(self, process: Process) -> None:
        """Say that a program has died; the router is there for exactly this."""
        name = process.program.name
        self._say(
            f"{name} has ended ({process.end}); the others go on. Start it again: make {name}"
        )

    def _start_again(self) -> None:
        """Start the program that the file `again` names, and put the outcome there."""
        note = self._folder / "again"
        name = note.read_text("ascii").strip()
        programs = {program.name: program for program in self._plan.programs}
        try:
            answer = self._started_again(programs[name])
        except NotReady as problem:
            answer = f"{problem}; see its log"
        beside = note.with_name("again.new")
        beside.write_text(f"{answer}\n", "utf-8")
        beside.replace(note)
        self._say(answer)

    def _started_again(self, program: Program) -> str:
        if not self._processes[program.name].has_ended:
            return f"{program.name} runs already, and is ready"
        self._start(program)
        return f"{program.name} is ready"

    def _stop_all(self) -> None:
        """The router first, since what it has begun needs the two others."""
        if self._stops:
            self._screen.plain("")
            self._say("stopping; Ctrl-C again stops at once")
        stops = self._stops
        router = [p for p in self._alive() if p.program.name == "router"]
        self._stop_some(router, ROUTER_STOPS_WITHIN_S, stops)
        self._stop_some(self._alive(), OTHERS_STOP_WITHIN_S, stops)
        for thread in self._threads:
            thread.join(2.0)
        self._say("stopped")

    def _alive(self) -> list[Process]:
        return [process for process in self._processes.values() if not process.has_ended]

    def _stop_some(self, processes: Iterable[Process], within_s: float, stops: int) -> None:
        """Ask *processes* to stop; kill those that have not in time, or when asked to hurry."""
        waiting = list(processes)
        for process in waiting:
            process.terminate()
        end = time.monotonic() + within_s
        while waiting and self._stops == stops and time.monotonic() < end:
            time.sleep(POLL_S)
            waiting = [process for process in waiting if not process.has_ended]
        for process in waiting:
            self._say(f"{process.program.name} does not stop: killed")
            process.kill()

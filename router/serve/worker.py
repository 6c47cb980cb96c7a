"""A worker's process: `python -m router.serve.worker DOOR CHANNEL`, started by the supervisor.

DOOR and CHANNEL are descriptors that it inherits: the listening socket that all workers share, and
its end of the pair over which it is told what to do.
"""

import asyncio
import gc
import logging
import os
import signal
import socket
import sys
import time
from collections.abc import Mapping
from functools import partial
from typing import Any

import uvloop

from router.config.complaints import ConfigError
from router.core.totals import to_wire
from router.edge.accepting import raise_limit
from router.edge.channel import Channel, Message
from router.edge.client.heads import PureParser, require_c_parser
from router.edge.current import Current, Running
from router.edge.keyring import KeyProblem
from router.edge.logfiles import OFF, open_log
from router.edge.logs import AccessLog, log_to_stderr
from router.edge.metrics import Metrics
from router.edge.reports import config_report, explain_report, plan_report, status_report
from router.edge.surroundings import Surroundings
from router.serve.failing import fail
from router.serve.options import Options
from router.serve.serving import Serving

TELL_EVERY_S = 1.0
LOOK_FOR_CYCLES = 5_000
"""Objects more than before at which Python looks for cycles (its own default: 700)."""
GIVE_WAY_S = 0.0005
"""How long a thread that logs, reads a file or compares keeps the one that serves waiting (Python's
own default, 5 ms, is as much as the slowest of a thousand requests may be delayed by)."""
"""What a worker that is killed counted since is lost."""
WIRE = "latin-1"
"""Any bytes as text, and back."""

log = logging.getLogger("router")


def main() -> int:
    """Serve until told to go; the exit code: 0, or 1 where it could not begin."""
    for sign in (signal.SIGINT, signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2):
        signal.signal(sign, signal.SIG_IGN)  # the supervisor's; a terminal sends them to all
    door, channel = (socket.socket(fileno=int(number)) for number in sys.argv[1:3])
    log_to_stderr()
    raise_limit()
    return uvloop.run(work(door, channel))


async def work(door: socket.socket, sock: socket.socket) -> int:
    """Begin as the supervisor says, and serve."""
    channel = await Channel.over(sock)
    begin = await channel.receive()
    if begin is None:
        return 1  # the supervisor has gone already
    options = Options.from_wire(begin["options"])
    try:
        serving = prepared(options, begin.get("in_force"))
    except ConfigError as error:
        return fail(*(str(problem) for problem in error.problems))
    except KeyProblem as error:
        return fail(f"{options.config}: jwt: {error}")
    except PureParser as error:
        return fail(str(error))
    except OSError as error:
        return fail(f"{error.filename}: {error.strerror}")
    await Worker(serving, channel).run(door)
    return 0


def prepared(options: Options, in_force: str | None) -> Serving:
    """All that is needed to serve; raises what is wrong with file, keys or access log."""
    require_c_parser()
    around = Surroundings(os.environ, time.time, time.monotonic, options.addresses)
    content = None if in_force is None else in_force.encode(WIRE)
    current = Current.first(options.config, around, content)
    metrics = Metrics()
    return Serving(options, current, around, metrics, access_log(options, metrics))


def access_log(options: Options, metrics: Metrics) -> AccessLog | None:
    """The access log, if one is wanted; Serving says whether it has queries."""
    if options.access_log == OFF:
        return None
    opened = partial(open_log, options.access_log)
    return AccessLog(opened(), query=False, lost=metrics.lost, again=opened)


class Worker:
    """What the supervisor says is done, and what it asks is answered, while traffic is served."""

    def __init__(self, serving: Serving, channel: Channel) -> None:
        self._serving = serving
        self._channel = channel
        self._plans: set[asyncio.Task[None]] = set()

    async def run(self, door: socket.socket) -> None:
        """Serve until told to go, and tell what was counted last."""
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGTERM, self._go)
        self._serving.current.accepted.append(self._took)
        self._serving.protections.tell = self._tell_news
        # What the start made stays: 50,000 objects, which each full collection would look at anew
        # while every client waits (20 ms; without them 0).
        gc.collect()
        gc.freeze()
        # Most of what is made lives until its line is logged: to look for cycles among that at
        # every 700 objects found none, and cost 3 to 5 % of the time.
        gc.set_threshold(LOOK_FOR_CYCLES)
        sys.setswitchinterval(GIVE_WAY_S)
        talk = [loop.create_task(self._listen()), loop.create_task(self._keep_telling())]
        await self._serving.serve(door, self._ready)
        self._tell_totals()
        for task in (*talk, *self._plans):
            task.cancel()
        await asyncio.gather(*talk, *self._plans, return_exceptions=True)
        await self._channel.finish()

    def _ready(self) -> None:
        self._took(self._serving.current.running)
        self._tell_totals()
        self._channel.send({"told": "ready"})

    def _took(self, running: Running) -> None:
        content = self._serving.current.content.decode(WIRE)
        self._channel.send({"told": "took", "hash": running.snapshot.hash, "content": content})

    def _tell_totals(self) -> None:
        totals = to_wire(self._serving.metrics.totals())
        self._channel.send({"told": "totals", "totals": totals})

    def _tell_news(self, news: list[list[Any]]) -> None:
        self._channel.send({"told": "news", "news": news})

    async def _keep_telling(self) -> None:
        while True:
            await asyncio.sleep(TELL_EVERY_S)
            if self._channel.is_read:
                self._tell_totals()

    async def _listen(self) -> None:
        await self._channel.listen(self._hear)
        self._go()  # the supervisor is gone, and nobody would replace this worker

    def _hear(self, message: Message) -> None:
        match message:
            case {"do": "drain"}:
                self._go(keep_idle=message.get("keep_idle") is True)
            case {"do": "hear", "news": news}:
                self._serving.protections.hear(news)
            case {"do": "reload"}:
                self._serving.watch.poke()
            case {"do": "reopen"} if self._serving.access_log is not None:
                self._serving.access_log.reopen()
            case {"do": "answer", "number": number, "question": "plan"}:
                self._plans.add(plan := asyncio.create_task(self._plan(number, message)))
                plan.add_done_callback(self._plans.discard)
            case {"do": "answer", "number": number, "question": question}:
                answer = self._answer(question, message)
                self._channel.send({"told": "answer", "number": number, "answer": answer})

    def _go(self, *, keep_idle: bool = False) -> None:
        self._channel.send({"told": "going"})
        self._serving.draining.begin(keep_idle=keep_idle)

    async def _plan(self, number: int, message: Message) -> None:
        """Answer what a file would move: judged beside the event loop, as a reload is."""
        serving = self._serving
        answer = await asyncio.to_thread(
            plan_report,
            serving.current.running.snapshot,
            message["content"].encode(WIRE),
            message["source"],
            serving.around.addresses,
            serving.recently.lately(serving.around.clock()),
            bytes.fromhex(message["key"]),
        )
        self._channel.send({"told": "answer", "number": number, "answer": answer})

    def _answer(self, question: str, message: Mapping[str, Any]) -> Any:
        current = self._serving.current
        match question:
            case "totals":
                self._tell_totals()
                return True
            case "config":
                return config_report(current)
            case "explain":
                return explain_report(current.running, message["query"], self._serving.protections)
            case "compare":
                comparing = self._serving.comparing
                return {} if comparing is None else comparing.report()
            case "status":
                wall = self._serving.around.wall()
                return status_report(current.running.snapshot, self._serving.protections, wall)
        return None


if __name__ == "__main__":
    sys.exit(main())

"""The users, in a process of their own: the mix of `load/`, each request a line of the ledger.

`python -m dev.chaos.goodput.users` reads a `Crowd` as JSON from its standard input, and plays
until it is told to end (SIGTERM); what is under way then is still waited for. It says when it
begins, in a line.
"""

import asyncio
import json
import signal
import sys
import time
from dataclasses import asdict, dataclass
from itertools import count
from pathlib import Path
from random import Random
from typing import IO, Any

import aiohttp

from dev.chaos.goodput.ledger import WOD, Entry

LONGEST_S = 30.0
READY = "playing"
TASKS = {WOD: 4, "exercises": 2, "muscle-groups": 1, "history": 2, "train": 1}
"""As in load/locustfile.py."""
TAGGED = ("exercises", "muscle-groups")


@dataclass(frozen=True, slots=True)
class Crowd:
    """Who asks where. *tokens* by group; those of `legacy` ask for nothing but the WOD."""

    url: str
    ledger: str
    prefix: str
    tokens: dict[str, list[str]]
    think_s: tuple[float, float] = (5.0, 10.0)

    def text(self) -> str:
        """As it is handed over."""
        return json.dumps(asdict(self))


class User:
    """Somebody with the application open."""

    def __init__(self, crowd: Crowd, group: str, token: str, play: "Play", number: int) -> None:
        self._crowd = crowd
        self._group = group
        self._token = token
        self._play = play
        # The same choices and pauses in every run, and no secret.
        self._chance = Random(f"{group}-{number}")  # noqa: S311
        self._tags: dict[str, str] = {}
        self._seen = [1]

    async def act(self, over: asyncio.Event) -> None:
        """Ask for one thing after the other until it is over; begin at a moment of one's own."""
        wait_s = self._chance.uniform(0, self._crowd.think_s[1])
        while not await is_set(over, wait_s):
            [what] = self._chance.choices(list(TASKS), list(TASKS.values()))
            await self.ask(what if self._group != "legacy" else WOD)
            wait_s = self._chance.uniform(*self._crowd.think_s)

    async def ask(self, what: str) -> None:
        """Ask, and write down what came."""
        identity = f"{self._crowd.prefix}-{next(self._play.numbers)}"
        headers = {"Authorization": f"Bearer {self._token}", "X-Request-ID": identity}
        if what in self._tags:
            headers["If-None-Match"] = self._tags[what]
        at, began = time.time(), time.perf_counter()
        status, told, body = await self._play.answer(*self.request(what), headers)
        ms = (time.perf_counter() - began) * 1000
        decision = told.get("X-Strangler-Decision", "")
        entry = (identity, self._group, what, at, ms, status, told.get("X-Served-By", ""), decision)
        self._play.ledger.write(Entry(*entry).line())
        self.remember(what, status, told, body)

    def request(self, what: str) -> tuple[str, str, Any]:
        """Method, path and body."""
        if what != "train":
            return "GET", f"{self._crowd.url}/fitness/{what}", None
        done = {"exercise_id": self._chance.choice(self._seen), "weight": 20, "reps": 8, "sets": 3}
        return "POST", f"{self._crowd.url}/fitness/history", {"exercises": [done]}

    def remember(self, what: str, status: int, told: dict[str, str], body: bytes) -> None:
        """What an application keeps."""
        if what == WOD and status == 200:
            self._seen = [exercise["id"] for exercise in json.loads(body)["exercises"]]
        if what in TAGGED and "ETag" in told:
            self._tags[what] = told["ETag"]


@dataclass(frozen=True, slots=True)
class Play:
    """What the users share."""

    session: aiohttp.ClientSession
    ledger: IO[str]
    numbers: "count[int]"

    async def answer(
        self, method: str, url: str, body: Any, headers: dict[str, str]
    ) -> tuple[int, dict[str, str], bytes]:
        """Status, head and body of a whole answer; status 0 where none came."""
        try:
            async with self.session.request(method, url, json=body, headers=headers) as answer:
                return answer.status, dict(answer.headers), await answer.read()
        except (aiohttp.ClientError, TimeoutError):
            return 0, {}, b""


async def is_set(over: asyncio.Event, within_s: float) -> bool:
    """Whether it is over; looked at for so long."""
    try:
        async with asyncio.timeout(within_s):
            return await over.wait()
    except TimeoutError:
        return False


async def play(crowd: Crowd, ledger: IO[str]) -> None:
    """Play until told to end."""
    over = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, over.set)
    # A connection a request: no connection is closed by the other side just as it is used.
    connector = aiohttp.TCPConnector(limit=0, force_close=True)
    timeout = aiohttp.ClientTimeout(total=LONGEST_S)
    async with aiohttp.ClientSession(connector=connector, timeout=timeout) as session:
        shared = Play(session, ledger, count())
        users = [
            User(crowd, group, token, shared, number).act(over)
            for group, tokens in crowd.tokens.items()
            for number, token in enumerate(tokens)
        ]
        print(READY, flush=True)
        await asyncio.gather(*users)


def main() -> None:
    """Play as standard input says."""
    crowd = Crowd(**json.load(sys.stdin))
    with Path(crowd.ledger).open("a", encoding="utf-8", buffering=1) as ledger:
        asyncio.run(play(crowd, ledger))


if __name__ == "__main__":
    main()
